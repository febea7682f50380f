# SPDX-License-Identifier: Apache-2.0
"""What is known of a session's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from xcrash.session.command_line import BUILTIN_ALIASES

Kind = Literal["command", "option", "symbol", "type", "task", "module", "word"]


class Completion(msgspec.Struct, frozen=True):
    """``text`` in place of what the line holds from ``start`` to the cursor; ``detail`` says what it is."""

    text: str
    kind: Kind
    detail: str
    start: int


class Task(msgspec.Struct, frozen=True):
    """A task as ``ps`` names it."""

    pid: str
    address: str
    comm: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Names read so far; each list is sorted. ``types`` has the word of each type: "struct", "typedef", ..."""

    commands: tuple[str, ...] = ()
    aliases: Mapping[str, str] = msgspec.field(default_factory=lambda: BUILTIN_ALIASES)
    options: Mapping[str, tuple[str, ...]] = {}
    symbols: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    tasks: tuple[Task, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()
