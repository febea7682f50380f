# SPDX-License-Identifier: Apache-2.0
"""Rows of a table as structs: the header says which columns there are, and every cell has to be what its column says.

Source of the tables: tools.c:mkstring pads the cells, so a row is read by its words (``xcrash.parse.table``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from xcrash.parse.table import columns
from xcrash.parse.text import Line

Cell = tuple[str, Callable[[str], object]]
Row = TypeVar("Row", bound=msgspec.Struct)

_POINTER = re.compile(r"(?:0x)?([0-9a-f]{1,16})", re.IGNORECASE)
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_UNKNOWN = re.compile(
    r"\?+|-+|\([a-z/ ]+\)|N/A(?:\([\w/]+\))?|(?:0x)?[0-9a-f]{0,14}[*?x]{2,18}[0-9a-f]{0,14}", re.IGNORECASE
)


class Table(Generic[Row]):
    """A table of ``row`` structs.

    ``cells`` gives for every column a header may name, in any order, the field of the struct and the reader of the
    cell, which raises ValueError for what the column cannot hold. ``header`` is the layout of rows that come without
    one, as after ``| grep``. The last ``optional`` columns may be missing in a row; the last one may hold blanks.
    """

    def __init__(self, row: type[Row], cells: Mapping[str, Cell], header: str = "", optional: int = 0) -> None:
        self._row = row
        self._cells = dict(cells)
        self._first = {name.split()[0] for name in cells}
        self._required = {field.name for field in msgspec.structs.fields(row) if field.required} - {"line", "span"}
        self._optional = optional
        self._default = columns(header, tuple(cells)) if header else None

    def header(self, text: str) -> tuple[str, ...] | None:
        """The columns that a header line names, all that the struct needs among them; None for any other line."""
        words = text.split(None, 2)
        if len(words) < 2 or words[0] not in self._first:
            return None
        names = columns(text, tuple(self._cells)) or ()
        fields = [self._cells[name][0] for name in names]
        return names if names and len(set(fields)) == len(fields) and self._required <= set(fields) else None

    def row(self, line: Line, header: tuple[str, ...]) -> Row | None:
        """The struct of a row; None for a line that is none."""
        words = line.text.split(None, len(header) - 1)
        missing = {self._cells[name][0] for name in header[len(words) :]}
        if len(missing) > self._optional or missing & self._required:
            return None
        values = {}
        try:
            for name, word in zip(header, words, strict=False):
                field, read = self._cells[name]
                values[field] = read(word)
        except ValueError:
            return None
        return self._row(line=line.number, span=(line.start, line.end), **values)

    def read(self, lines: Iterable[Line]) -> tuple[tuple[Row, ...], list[Line]]:
        """The rows, and the lines that are neither row nor header nor blank."""
        rows, rest, header = [], [], self._default
        for line in lines:
            found = self.header(line.text)
            row = self.row(line, header) if header and not found else None
            if row is not None:
                rows.append(row)
            elif not found and line.text.strip():
                rest.append(line)
            header = found or header
        return tuple(rows), rest


def read_tables(lines: Iterable[Line], *tables: Table[Any]) -> tuple[tuple[tuple[Any, ...], ...], list[Line]]:
    """The rows of each of several tables, every row by the last header above it, and the lines that are none."""
    found: list[list[Any]] = [[] for _ in tables]
    rest: list[Line] = []
    at = 0
    layout: tuple[str, ...] | None = None
    for line in lines:
        headers = ((number, table.header(line.text)) for number, table in enumerate(tables))
        header = next((pair for pair in headers if pair[1]), None)
        row = tables[at].row(line, layout) if layout and not header else None
        if header:
            at, layout = header
        elif row:
            found[at].append(row)
        elif line.text.strip():
            rest.append(line)
    return tuple(map(tuple, found)), rest


def pointer(word: str) -> str | None:
    """A hexadecimal word as ``"0x..."``; None for what crash prints if it does not know."""
    word = word.rstrip()
    found = _POINTER.fullmatch(word)
    if found:
        return "0x" + found[1].lower()
    unknown(word)
    return None


def integer(word: str) -> int | None:
    """A decimal number of 64 bits; None for what crash prints if it does not know."""
    word = word.rstrip()
    if _INTEGER.fullmatch(word):
        number = int(word)
        if -(1 << 63) <= number < 1 << 64:
            return number
    unknown(word)
    return None


def hexadecimal(word: str) -> int | None:
    """A number of at most 64 bits in hexadecimal; None for what crash prints if it does not know."""
    digits = pointer(word)
    return int(digits, 16) if digits else None


def kilobytes(word: str) -> int | None:
    """``12k`` as bytes; None for what crash prints if it does not know."""
    word = word.rstrip()
    number = integer(word[:-1]) if word[-1:] == "k" else None
    if number is None:
        unknown(word)
    return number * 1024 if number is not None else None


def text(word: str) -> str:
    """The cell as printed."""
    return word.rstrip()


def flags(word: str) -> tuple[str, ...]:
    """``(A|B)`` as its names."""
    word = word.rstrip()
    if word[:1] != "(" or word[-1:] != ")":
        raise ValueError(word)
    return tuple(word[1:-1].split("|")) if word != "()" else ()


def unknown(word: str) -> None:
    """Accept a placeholder such as ``?``, ``--``, ``(none)`` or a masked address; ValueError for anything else."""
    if not _UNKNOWN.fullmatch(word):
        raise ValueError(word)
