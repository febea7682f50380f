# SPDX-License-Identifier: Apache-2.0
"""The lines of a kernel log as a LineView shows them: time, level, text; with what is folded or left out."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from xcrash.kernel_log import Fold, LogLines, Wanted, arrange, matching
from xcrash.literal import visible
from xcrash.output.pattern import Pattern
from xcrash.output.search import Stop
from xcrash.tui.widgets.line_source import ShownLine

WORDS: Final = ("emerg", "alert", "crit", "err", "warn", "notice", "info", "debug")
TIMES: Final = ("since boot", "to the crash", "to the line before", "by the clock")
BOOT, CRASH, STEP, CLOCK = range(4)

_LOOKS: Final = ("crit", "crit", "crit", "bad", "warn", "", "", "dim")
_UNKNOWN = "—"


class LogSource:
    """What is shown of ``lines``; ``rows`` are numbers of lines, or ``-1 - n`` for the closed fold ``n``."""

    def __init__(self) -> None:
        self.version = 0
        self.time = BOOT
        self.wanted = Wanted()
        self.lines: LogLines | None = None
        self.folds: tuple[Fold, ...] = ()
        self.rows = array("q")
        self._firsts: list[int] = []
        self._marked = False

    def show(self, lines: LogLines | None, folds: tuple[Fold, ...], wanted: Wanted, rows: array[int]) -> None:
        """Another log, or the same one arranged in another way."""
        if lines is not self.lines:
            self.lines, self.folds = lines, folds
            self._firsts = [one.first for one in folds]
            self._marked = lines is not None and lines.levels.count(15) < len(lines)
        self.wanted, self.rows = wanted, rows
        self.version += 1

    # lines

    def line_count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def line(self, number: int) -> ShownLine:
        """One row."""
        row, lines = self.rows[number], self.lines
        if lines is None:
            return ShownLine("")
        if row < 0:
            return ShownLine(self._folded(self.folds[-1 - row], lines), "note")
        one = lines.line(row)
        look = "note" if one.crash else "" if one.level is None else _LOOKS[one.level]
        word = ""
        if self._marked:
            word = "crash" if one.crash else "" if one.level is None else WORDS[one.level] + "?" * one.inferred
            word = f"{word:<6} "
        stamp = self.stamp(row)
        text = visible(one.text).expandtabs(8).replace("\n", " ")
        return ShownLine(f"{stamp:>{self._width(lines)}} {word}{text}" if stamp else f"{word}{text}", look)

    def stamp(self, row: int) -> str:
        """The time of a line, as it is wanted now; empty in a log without times."""
        lines = self.lines
        if lines is None or lines.last_seconds is None:
            return ""
        seconds = lines.line(row).seconds
        if seconds is None:
            return _UNKNOWN
        digits = 0 if lines.dated else 6
        if self.time == CLOCK:
            return lines.clock.text(seconds) or _UNKNOWN
        if self.time == STEP:
            before = lines.line(row - 1).seconds if row else None
            return _UNKNOWN if before is None else f"{seconds - before:+.{digits}f}"
        if self.time == CRASH:
            return f"{seconds - (self.crash_seconds or 0.0):+.{digits}f}"
        return f"{seconds:.{digits}f}"

    @property
    def crash_seconds(self) -> float | None:
        """When the last panic or oops began; without one, when the log ends."""
        if self.lines is None:
            return None
        if self.lines.landing is not None:
            seconds = self.lines.line(self.lines.landing).seconds
            if seconds is not None:
                return seconds
        return self.lines.last_seconds

    def _width(self, lines: LogLines) -> int:
        if self.time == CLOCK:
            return 23 if lines.clock.boot else 1
        digits = 0 if lines.dated else 6
        ends = (lines.first_seconds or 0.0, lines.last_seconds or 0.0)
        return max(len(f"{one:.{digits}f}") for one in ends) + (self.time != BOOT)

    def _folded(self, fold: Fold, lines: LogLines) -> str:
        indent = " " * (self._width(lines) + 1) if lines.last_seconds is not None else ""
        count = fold.last - fold.first + 1
        if fold.kind == "stack":
            return f"{indent}▸ … {count:,} more lines of it, o opens them"
        start, end = lines.line(fold.first).seconds, lines.line(fold.last).seconds
        when = f", from {start:,.1f} to {end:,.1f} s" if start is not None and end is not None else ""
        what = "the same" if fold.period == 1 else f"the same {fold.period} lines"
        return f"{indent}▸ … {fold.times:,} times {what}{when}, o opens them"

    # places

    def place_of(self, line: int) -> int:
        """The number in the log of the line in a row."""
        row = self.rows[line]
        return row if row >= 0 else self.folds[-1 - row].first

    def line_at(self, place: int, reveal: bool = False) -> int:
        """The row of a line of the log, or the nearest one above."""
        at = self._row_of(place)
        if reveal and at < len(self.rows) and self.rows[at] < 0:
            self.toggle(-1 - self.rows[at])
            at = self._row_of(place)
        return at

    def _row_of(self, place: int) -> int:
        return max(0, bisect_right(_Places(self), place) - 1)

    def matches(self, pattern: Pattern, stop: Stop) -> Iterator[array[int]]:
        """The lines that match, folded or not; those that a filter leaves out are not found."""
        if self.lines is None:
            return
        rows, places = self.rows, _Places(self)
        filtered = self.wanted.pattern is not None or self.wanted.level < 7
        for batch in matching(self.lines, pattern, stop):
            if not filtered:
                yield batch
                continue
            shown = array("Q")
            for place in batch:
                at = bisect_left(places, place)
                if at < len(rows) and places[at] == place:
                    shown.append(place)
            yield shown

    # folds

    def fold_at(self, line: int) -> int | None:
        """The fold that a row is in, or that is right below it."""
        if not self.rows:
            return None
        row = self.rows[line]
        if row < 0:
            return -1 - row
        number = bisect_right(self._firsts, row + 1) - 1
        if (
            number >= 0
            and self.folds[number].first - self.folds[number].period <= row + 1 <= self.folds[number].last + 1
        ):
            return number
        following = number + 1
        if following < len(self.folds) and self.folds[following].first - self.folds[following].period <= row:
            return following
        return None

    def toggle(self, number: int) -> None:
        """Open a fold, or close it."""
        self.open_folds(self.wanted.opened ^ {number})

    def open_folds(self, opened: frozenset[int]) -> None:
        """Exactly these are open; quick enough for the screen's own thread, unless there is a filter by text."""
        if self.lines is not None and self.wanted.pattern is None:
            wanted = Wanted(self.wanted.level, None, opened)
            self.show(self.lines, self.folds, wanted, arrange(self.lines, self.folds, wanted))


class _Places:
    """The numbers of the lines that are shown, for bisect."""

    def __init__(self, source: LogSource) -> None:
        self._rows, self._folds = source.rows, source.folds

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: int) -> int:
        row = self._rows[at]
        return row if row >= 0 else self._folds[-1 - row].first
