# SPDX-License-Identifier: Apache-2.0
"""The tables of one answer, each read by an object of its own: ``kmem`` prints several below each other."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypedDict

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import Remark, Span, UnreadLine


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says: its number from 1 and its characters in the text."""

    line: int
    span: Span


class Place(TypedDict):
    """Where a row is."""

    line: int
    span: Span


class Table(Protocol):
    """The reader of one table."""

    def take(self, line: Line) -> bool:
        """Keep what a line says, which is not blank; False if it is no line of this table."""
        ...


class Rest(NamedTuple):
    """What no table took."""

    remarks: tuple[Remark, ...]
    unread: tuple[UnreadLine, ...]


def read(text: str, *tables: Table) -> Rest:
    """Hand every line of an answer to the table that took the one before, then to the others in order."""
    found = answer(text, "kmem")
    left: list[Line] = []
    current = tables[0]
    take = current.take
    for line in found.lines:
        if take(line) or not line.text or line.text.isspace():
            continue
        for table in tables:
            if table is not current and table.take(line):
                current, take = table, table.take
                break
        else:
            left.append(line)
    return Rest(found.remarks, tuple(unread(left)))


def place(line: Line) -> Place:
    """The place of a row that is one line."""
    return Place(line=line.number, span=(line.start, line.end))


def pointer(word: str) -> str:
    """A hexadecimal word of crash's as ``"0x..."``; a null pointer is ``"0x0"``."""
    return "0x" + word.lower().removeprefix("0x")
