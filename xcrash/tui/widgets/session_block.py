# SPDX-License-Identifier: Apache-2.0
"""One command with its answer: where it is in the spool, what is hidden of it, and the facts in its title."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left

from xcrash.literal import visible
from xcrash.overview.words import duration
from xcrash.overview.words import size as size_text
from xcrash.session import CommandResult
from xcrash.tui.widgets.line_source import ShownLine


class Block:
    """A span of the spool under the line of the command it answers; no command means the start-up text.

    ``kept`` are the numbers of the lines that a filter leaves; with ``bare`` one that leaves none takes
    the title, too. ``background``: a view asked, not the user. ``id`` is that of its
    CommandResult.
    """

    __slots__ = ("background", "bare", "command", "count", "end", "folded", "id", "kept", "result", "since", "start")

    def __init__(self, command: str, start: int, folded: bool, id: int = 0) -> None:  # noqa: A002 - as the session has it
        self.command, self.start, self.folded, self.id = command, start, folded, id
        self.background = folded
        self.end: int | None = None
        self.result: CommandResult | None = None
        self.kept: array[int] | None = None
        self.count = 0
        self.bare = False
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
    def titled(self) -> bool:
        """Is its title shown?"""
        return bool(self.command) and not (self.bare and self.kept is not None and not self.kept)

    @property
    def height(self) -> int:
        """Lines that are shown, with its title."""
        return self.shown + self.titled

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
        return ShownLine(f"{'▸' if self.folded else '▾'} crash> {visible(self.command)}", look, self.facts(size))

    def facts(self, size: int) -> str:
        """How long it took, how much it is, what became of it; of ``size`` bytes."""
        lines = f"{self.count:,} line{'' if self.count == 1 else 's'}"
        if self.kept is not None:
            lines = f"filtered: {len(self.kept):,} of {self.count:,}"
        if self.result:
            parts = [_seconds(self.result.seconds), lines, size_text(size), self.result.exit]
        elif self.end is None:
            parts = [f"running {_seconds(time.monotonic() - self.since)}", size_text(size), lines]
        else:
            parts = [lines, size_text(size), "cut off"]
        return "  ".join([*parts, *(["panel"] if self.background else [])])


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)
