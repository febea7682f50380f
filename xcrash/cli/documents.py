# SPDX-License-Identifier: Apache-2.0
"""The parts that all JSON documents have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from xcrash.errors import XcrashError
from xcrash.parse.lazy import encoded

if TYPE_CHECKING:  # Every command reports errors, those that read no dump too.
    from xcrash.images import DumpIdentity


def plain(value: Any) -> Any:
    """A struct as the JSON types it is written with."""
    return msgspec.to_builtins(value, enc_hook=encoded)


def dump_entry(dump: DumpIdentity | None) -> Any:
    """A dump's identity, with what follows from it: left out by design, and cut off by accident, are two things."""
    return {**plain(dump), "partial": dump.partial, "truncated": dump.truncated} if dump else None


def error_entry(error: XcrashError) -> dict[str, str]:
    """An error as every document tells it."""
    return {"code": error.code, "message": error.message, "hint": error.hint}
