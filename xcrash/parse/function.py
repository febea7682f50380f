# SPDX-License-Identifier: Apache-2.0
"""Pointers to functions, as crash prints them: ``ffffffff89d98600  <process_timeout>``."""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.rows import unknown

_FUNCTION = re.compile(r"([0-9a-f]{1,16})(?: +<([^<>]{1,256})>)?")


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """An address, and the symbol at it as crash prints it, with an offset if there is one."""

    address: str
    symbol: str | None


def function(cell: str) -> Function | None:
    """The function of a cell; None for a placeholder such as ``(destroyed timer)``."""
    cell = cell.strip()
    found = _FUNCTION.fullmatch(cell)
    if not found:
        unknown(cell)
        return None
    return Function(address=f"0x{found[1]}", symbol=found[2])
