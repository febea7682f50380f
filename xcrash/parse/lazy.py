# SPDX-License-Identifier: Apache-2.0
"""Long tables that stay text: a row becomes a struct when it is asked for.

A row known to be sound costs its offset, not its values, until somebody looks at it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, count
from operator import add
from typing import Generic, TypeVar, overload

from xcrash.parse.text import Line

Row = TypeVar("Row")
Read = Callable[[Line], Row]

_ENCODED = re.compile(r"=(?:3D|[C-F][0-9A-F]=|\r?$)", re.MULTILINE)
_PRINTED = bytes(range(0x20, 0x7F)) + b"\n\t\r"
_SHORT = 1 << 20
"""Characters of text whose rows may as well be made at once."""


class Rows(Sequence[Row], Generic[Row]):
    """Rows in the order of the text; equal to any sequence of equal rows. ``read`` makes a row of its lines."""

    def __init__(self, text: str, read: Read[Row]) -> None:
        self._text = text
        self._read = read
        self._ends = array("q")
        self._starts = array("q")
        self._lines = array("q")
        self._known: dict[int, Row] = {}

    def add(self, line: int, start: int, end: int) -> None:
        """A row that is read when it is asked for: its first line and its span."""
        self._starts.append(start)
        self._ends.append(end)
        self._lines.append(line)

    def add_lines(self, line: int, start: int, end: int) -> None:
        """One row for each line of a span, which ends before its last line break."""
        lengths = list(map(len, self._text[start:end].split("\n")))
        starts = list(map(add, accumulate(lengths[:-1], initial=start), count()))
        self._starts.extend(starts)
        self._ends.extend(map(add, starts, lengths))
        self._lines.extend(range(line, line + len(lengths)))

    def know(self, row: Row) -> None:
        """A row that is read already."""
        self._known[len(self._starts)] = row
        self.add(0, 0, 0)

    def settled(self) -> Sequence[Row]:
        """The rows as they are to be handed out: as a tuple if the text is short."""
        return tuple(self) if len(self._text) < _SHORT else self

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        start, end = self._starts[index], self._ends[index]
        if not end:
            return self._known[index % len(self)]
        return self._read(Line(self._lines[index], start, end, self._text[start:end]))

    def __iter__(self) -> Iterator[Row]:
        text, read, known = self._text, self._read, self._known
        for at, (line, start, end) in enumerate(zip(self._lines, self._starts, self._ends, strict=True)):
            yield read(Line(line, start, end, text[start:end])) if end else known[at]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as a list: equal to sequences of other types

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"


def encoded(value: object) -> object:
    """What msgspec's ``enc_hook`` has to answer for ``Rows``: a list of the rows."""
    if isinstance(value, Rows):
        return list(value)
    raise TypeError(f"cannot encode {type(value).__name__}")


def is_plain(text: str) -> bool:
    """Whether ``plain_lines`` would find every line as it stands in the text, except for a final carriage return."""
    if text.count("\r") != text.count("\r\n") or text.count("\\") > 1:
        return False
    if "&" in text or ("=" in text and _ENCODED.search(text)):
        return False
    if text.isascii():
        return not text.encode().translate(None, _PRINTED)
    return text.replace("\r", "").replace("\n", "").replace("\t", "").isprintable()
