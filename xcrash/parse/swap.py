# SPDX-License-Identifier: Apache-2.0
"""``swap``: the swap devices and files.

Source of the format: memory.c:dump_swap_info; old versions of crash have FILENAME first and call PRI PRIORITY.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.number import percent
from xcrash.parse.rows import Table, integer, kilobytes, pointer, text
from xcrash.parse.value import CommandOutput, Span


class SwapDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One swap_info_struct: ``type`` is PARTITION or FILE, ``size`` and ``used`` are bytes, ``pct`` is percent used."""

    line: int
    span: Span
    swap_info_struct: str | None = None
    type: str
    size: int | None
    used: int | None
    pct: float | None
    pri: int | None
    filename: str | None = None


class Swap(CommandOutput, frozen=True, kw_only=True, tag="swap"):
    """The devices in use; none without swap."""

    devices: tuple[SwapDevice, ...]


def _percent(word: str) -> float:
    number = percent(word)
    if number is None:
        raise ValueError(word)
    return number


_TABLE: Final = Table(
    SwapDevice,
    {
        "SWAP_INFO_STRUCT": ("swap_info_struct", pointer),
        "FILENAME": ("filename", text),
        "TYPE": ("type", text),
        "SIZE": ("size", kilobytes),
        "USED": ("used", kilobytes),
        "PCT": ("pct", _percent),
        "PRI": ("pri", integer),
        "PRIORITY": ("pri", integer),
    },
    header="SWAP_INFO_STRUCT TYPE SIZE USED PCT PRI FILENAME",
)


def parser(arguments: Sequence[str]) -> Callable[[str], Swap]:
    """The parser for ``swap``, which takes no arguments."""
    return parse


def parse(text: str) -> Swap:
    """Read ``swap``."""
    found = answer(text, "swap")
    devices, rest = _TABLE.read(found.lines)
    return Swap(devices=devices, remarks=found.remarks, unread=tuple(unread(rest)))
