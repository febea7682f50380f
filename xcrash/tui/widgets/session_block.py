# SPDX-License-Identifier: Apache-2.0
"""One command with its answer: where it is in the spool, what is hidden of it, and the facts in its title."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left

from xcrash.literal import visible
from xcrash.session import CommandResult
from xcrash.tui.widgets.line_source import ShownLine

_UNITS = ("bytes", "KB", "MB", "GB")


class Block:
    """A span of the spool under the line of the command it answers; no command means the start-up text.

    ``kept`` are the numbers of the lines that a filter leaves. ``background``: a view asked, not the user.
    """

    __slots__ = ("background", "command", "count", "end", "folded", "kept", "played", "result", "since", "start")

    def __init__(self, command: str, start: int, folded: bool) -> None:
        self.command, self.start, self.folded = command, start, folded
        self.background = folded
        self.end: int | None = None
        self.result: CommandResult | None = None
        self.kept: array[int] | None = None
        self.count = 0
        self.played = False
        self.since = time.monotonic()

    @property
    def running(self) -> bool:
        """Is crash still at it?"""
        return bool(self.command) and self.end is None

    @property
    def shown(self) -> int:
        """How many lines of the answer are shown."""
        if self.folded:
            return 0
        return self.count if self.kept is None else len(self.kept)

    @property
    def height(self) -> int:
        """Lines that are shown, with its title."""
        return self.shown + bool(self.command)

    def number(self, row: int) -> int:
        """Which line of the answer is shown in this row of it."""
        return row if self.kept is None else self.kept[row]

    def row(self, number: int) -> int:
        """Where a line of the answer, or the next one that a filter left, is shown."""
        row = number if self.kept is None else bisect_left(self.kept, number)
        return max(0, min(row, self.shown - 1))

    def hides(self, number: int) -> bool:
        """Has a filter taken this line away?"""
        if self.kept is None:
            return False
        row = bisect_left(self.kept, number)
        return row == len(self.kept) or self.kept[row] != number

    def title(self, size: int) -> ShownLine:
        """The line of the command: fold sign, command, and at the right edge what became of it."""
        look = "dim" if self.background else "command"
        if self.result and self.result.exit != "ok":
            look = "bad"
        return ShownLine(f"{'▸' if self.folded else '▾'} crash> {visible(self.command)}", look, self._facts(size))

    def _facts(self, size: int) -> str:
        lines = f"{self.count:,} line{'' if self.count == 1 else 's'}"
        if self.kept is not None:
            lines = f"filtered: {len(self.kept):,} of {self.count:,}"
        if self.result:
            parts = [f"{self.result.seconds:.1f} s", lines, size_words(size), self.result.exit]
        elif self.end is None:
            parts = [f"running {time.monotonic() - self.since:.0f} s", size_words(size), lines]
        else:
            parts = [lines, size_words(size), "cut off"]
        return "  ".join([*parts, *(["panel"] if self.background else [])])


def size_words(size: int) -> str:
    """A size as a person would say it: "14 KB"."""
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit and amount < 10 else f"{amount:.0f} {_UNITS[unit]}"
