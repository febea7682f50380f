# SPDX-License-Identifier: Apache-2.0
"""Page table entries: ``pte``.

Source of the format: memory.c:cmd_pte and the translate_pte of every machine: an entry is present (PHYSICAL, FLAGS) or
names a place in swap (SWAP, OFFSET).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.rows import Table, flags, integer, pointer, text
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span


class Pte(msgspec.Struct, frozen=True, kw_only=True):
    """One entry; ``offset`` is that in pages of the swap device. All but ``pte`` is None for an empty entry."""

    line: int
    span: Span
    pte: str | None
    physical: str | None = None
    flags: tuple[str, ...] = ()
    swap: str | None = None
    offset: int | None = None


class Ptes(CommandOutput, frozen=True, kw_only=True, tag="pte"):
    """The entries in the order of the arguments."""

    ptes: tuple[Pte, ...]


_PRESENT = Table(
    Pte,
    {"PTE": ("pte", pointer), "PHYSICAL": ("physical", pointer), "FLAGS": ("flags", flags)},
    "PTE PHYSICAL FLAGS",
)
_SWAPPED = Table(
    Pte, {"PTE": ("pte", pointer), "SWAP": ("swap", text), "OFFSET": ("offset", integer)}, "PTE SWAP OFFSET"
)


def parser(arguments: Sequence[str]) -> Callable[[str], Ptes] | None:
    """The parser for ``pte ARGUMENTS``."""
    return parse


def parse(text: str) -> Ptes:
    """The entries of the answer."""
    said = answer(text, "pte")
    found, left = ptes(said.lines)
    return Ptes(ptes=found, remarks=said.remarks, unread=tuple(unread(left)))


def ptes(lines: Iterable[Line]) -> tuple[tuple[Pte, ...], list[Line]]:
    """The entries among the lines, below a header or not, and the other lines."""
    found, rest = [], []
    for line in lines:
        present = _PRESENT.row(line, ("PTE", "PHYSICAL", "FLAGS"))
        swapped = None if present else _SWAPPED.row(line, ("PTE", "SWAP", "OFFSET"))
        # A device name begins with a slash; crash writes words in brackets where it does not know it.
        row = present or (swapped if swapped and swapped.swap and swapped.swap[0] in "/(" else None)
        if row:
            found.append(row)
        elif not (_PRESENT.header(line.text) or _SWAPPED.header(line.text)):
            rest.append(line)
    return tuple(found), rest
