# SPDX-License-Identifier: Apache-2.0
"""A terminal emulator that keeps its lines once they leave the screen. The only module that knows pyte.

pyte moves the cursor, erases and scrolls; what is added is the scrollback, which line is the rest of a wrapped one, and
when each line was written. Colours are not kept.
"""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from typing import Any, cast

import pyte
import pyte.modes
from pyte.screens import Char, StaticDefaultDict

from xcrash.transcript.terminal import Line

_TOKEN = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"
    r"|\x1b[ -/]*[0-~]|[^\x1b]+|\x1b"
)
_USEFUL = re.compile(r"\x1b\[[?0-9;]{0,64}[@A-HJ-MPXadefhlr`]|\x1b[78DEMc]|[^\x1b]+")
_UNPRINTABLE = dict.fromkeys(
    (*range(7), 7, *range(0x0B, 0x0D), *range(0x0E, 0x1B), *range(0x1C, 0x20), *range(0x7F, 0xA0))
)
_BLANK = Char(" ")
_ALTERNATE = {mode << 5 for mode in (47, 1047, 1049)}
"""Private modes that switch to the alternate screen (xterm: ctlseqs); pyte shifts private modes so."""


class Row(StaticDefaultDict[int, Char]):
    """The cells of a line on the screen, and when they were written.

    ``wrapped``: it is the rest of the line above; ``inserted``: it was put in at the top, where nothing tells that.
    """

    def __init__(self) -> None:
        super().__init__(_BLANK)
        self.first: float | None = None
        self.last = 0.0
        self.wrapped = self.inserted = False

    def text(self) -> str:
        return "".join(self[x].data for x in range(max(self) + 1)) if self else ""


class Emulator(pyte.Screen):
    """A screen of ``columns`` and ``rows``; ``feed`` it lines, then ``take`` what it showed, top to bottom."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.buffer: Any = defaultdict(Row)
        self._stream = pyte.Stream(self)
        self._kept: list[list[Row]] = []
        self._now = (0.0, 0.0)
        self._drawing = False
        self._unfinished: Row | None = None
        self._cells: dict[str, Char] = {}

    def feed(self, line: str, first: float, last: float) -> None:
        """A line without its line end, the pieces of which came between these times; the cursor goes to the next."""
        self._now = (first, last)
        for token in _TOKEN.findall(line):
            if not _USEFUL.fullmatch(token):
                continue
            # Its handlers raise all sorts of errors for parameters that no terminal gets; then nothing happens.
            with contextlib.suppress(Exception):
                self._stream.feed(token.translate(_UNPRINTABLE))
        self._drawing = False
        self.carriage_return()
        self.linefeed()

    def take(self) -> list[Line]:
        """All lines so far, those still on the screen included; the emulator is as new then."""
        self._keep_screen()
        found = [_joined(rows) for rows in self._kept]
        self._kept = []
        return found

    # what pyte calls

    def draw(self, data: str) -> None:
        """Characters at the cursor; those without a width are left out."""
        self._drawing = True
        if data.isascii() and pyte.modes.IRM not in self.mode:
            self._draw_ascii(data)
        else:
            for char in data:
                super().draw(char)
                self._written(self._row(self.cursor.y))
        self._drawing = False

    def _draw_ascii(self, data: str) -> None:
        at = 0
        while at < len(data):
            if self.cursor.x >= self.columns:
                if pyte.modes.DECAWM in self.mode:
                    self.carriage_return()
                    self.linefeed()
                else:
                    self.cursor.x = self.columns - 1
            row = self._row(self.cursor.y)
            part = data[at : at + self.columns - self.cursor.x]
            for x, char in enumerate(part, self.cursor.x):
                row[x] = self._cells.get(char) or self._cells.setdefault(char, Char(char))
            self._written(row)
            self.cursor.x += len(part)
            at += len(part)

    def _written(self, row: Row) -> None:
        first, last = self._now
        row.first = first if row.first is None else row.first
        row.last = last
        self._unfinished = row

    def linefeed(self) -> None:
        """The next line: of the same text where a long one is wrapped."""
        super().linefeed()
        self._row(self.cursor.y).wrapped = self._drawing
        self._unfinished = None

    def index(self) -> None:
        """One line down; what leaves at the top is kept."""
        bottom = self.margins.bottom if self.margins else self.lines - 1
        if self.cursor.y == bottom and (self.margins is None or self.margins.top == 0):
            self._keep(self._row(0))
        super().index()

    def reverse_index(self) -> None:
        """One line up; at the top a pager goes back to a line that left there, and writes it again."""
        if self.cursor.y == 0 and self._kept and not self.mode & _ALTERNATE:
            self._kept[-1].pop()
            if not self._kept[-1]:
                self._kept.pop()
        at_top = self.cursor.y == 0
        super().reverse_index()
        self._row(0).inserted |= at_top

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        """Clear the screen; what was on it is kept, but for a line that is written anew after this."""
        if how in (2, 3) or (how == 0 and (self.cursor.x, self.cursor.y) == (0, 0)):
            if self._unfinished is not None:
                self._unfinished.clear()
            x, y = self.cursor.x, self.cursor.y
            self._keep_screen()
            self.cursor.x, self.cursor.y = x, y
        super().erase_in_display(how, *args, **kwargs)

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """Also: the alternate screen of a full-screen program comes behind what was on the other one."""
        if kwargs.get("private") and not _ALTERNATE.isdisjoint(mode << 5 for mode in modes):
            self._keep_screen()
        super().set_mode(*modes, **kwargs)

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """A new size; what is above the cursor counts as left at the top."""
        row = self.buffer.pop(self.cursor.y, None)
        for y in range(self.cursor.y):
            self._keep(self._row(y))
        self.buffer.clear()
        if row is not None:
            self.buffer[0] = row
        self.cursor.y = 0
        super().resize(lines, columns)

    # what is kept

    def _row(self, y: int) -> Row:
        return cast(Row, self.buffer[y])

    def _keep(self, row: Row) -> None:
        if self._kept and (row.wrapped or self._goes_on(self._kept[-1][-1], row)):
            self._kept[-1].append(row)
        else:
            self._kept.append([row])

    def _goes_on(self, above: Row, row: Row) -> bool:
        """Of lines that a pager put in again: does the one above reach the edge, and this one begin at the other?"""
        return above.inserted and above[self.columns - 1].data != " " and row[0].data != " "

    def _keep_screen(self) -> None:
        written = [y for y, row in self.buffer.items() if row]
        for y in range(max(written, default=-1) + 1):
            self._keep(self._row(y))
        self.buffer.clear()
        self.cursor.x = self.cursor.y = 0
        self._unfinished = None


def _joined(rows: list[Row]) -> Line:
    times = [row.first for row in rows if row.first is not None]
    return Line("".join(row.text() for row in rows).rstrip(), min(times, default=0.0), max(row.last for row in rows))
