# SPDX-License-Identifier: Apache-2.0
"""Where the lines of a LineView come from, and what a source may offer beyond its lines."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple, Protocol, cast

from xcrash.output.pattern import Pattern
from xcrash.output.search import Stop

_BATCH = 4096


class ShownLine(NamedTuple):
    """A line ready to draw, and the component class it is drawn with ("" for plain).

    ``right`` stands at the right edge of the view; such a line does not move sideways.
    """

    text: str
    look: str = ""
    right: str = ""


class LineSource(Protocol):
    """Where lines come from.

    A source whose lines move (folds, filters) has ``version``, which changes with them, and the methods of PlacedLines.
    One that can search faster than line by line has ``matches``. Both are called from a thread of their own.
    """

    def line_count(self) -> int:
        """How many lines there are now."""

    def line(self, number: int) -> ShownLine:
        """One line, clean of control characters, tabs expanded."""


class PlacedLines(LineSource, Protocol):
    """A source whose lines have places: numbers in their order that stay when lines are hidden or shown again."""

    version: int

    def place_of(self, line: int) -> int:
        """The place of a line that is shown now."""

    def line_at(self, place: int, reveal: bool) -> int:
        """Where the line of this place is now, or the nearest one; with ``reveal`` it is unhidden."""


class SearchedLines(LineSource, Protocol):
    """A source that searches itself."""

    def matches(self, pattern: Pattern, stop: Stop) -> Iterator[array[int]]:
        """The places that match, in order and in batches, hidden ones too; ends soon after ``stop`` says so."""


def place_of(source: LineSource, line: int) -> int:
    """What stays of a line when others are folded: its place, or its number."""
    return cast(PlacedLines, source).place_of(line) if hasattr(source, "place_of") else line


def line_at(source: LineSource, place: int, reveal: bool = False) -> int:
    """Where the line of a place is now."""
    return cast(PlacedLines, source).line_at(place, reveal) if hasattr(source, "line_at") else place


def version(source: LineSource) -> int:
    """Changes when lines moved."""
    return int(getattr(source, "version", 0))


def matches(source: LineSource, pattern: Pattern, stop: Stop) -> Iterator[array[int]]:
    """The places that match, in order and in batches."""
    if hasattr(source, "matches"):
        yield from cast(SearchedLines, source).matches(pattern, stop)
        return
    count = source.line_count()
    for start in range(0, count, _BATCH):
        batch = array("Q")
        for number in range(start, min(count, start + _BATCH)):
            if number % 256 == 0 and stop():
                return
            if pattern.in_line(source.line(number).text):
                batch.append(number)
        yield batch
