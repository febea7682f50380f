# SPDX-License-Identifier: Apache-2.0
"""What a terminal showed: the lines that are left when it has done all it was told.

Editing at the prompt, pagers and progress that is painted over leave control sequences in a recording; where there are
some, an emulator reads them. Lines without any are as they are, and most recordings have no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from xcrash.parse.text import clean
from xcrash.transcript.asciicast import Event

if TYPE_CHECKING:
    from xcrash.transcript.emulator import Emulator

_HARMLESS = re.compile(
    r"\x1b\[[0-9;]*m|\x1b\[\?(?:2004|1|12|25)[hl]|\x1b[=>]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]"
)
"""Colours, bracketed paste, keypad and cursor modes, titles, character sets: nothing of the text moves."""
_MOVES = re.compile(r"[\x1b\b\r]")
_LONE_RETURN = re.compile(r"\r(?!\r*\n|\r*\Z)")
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_MOST_EMULATED = 48 << 20
"""Characters that are emulated; an emulator takes some hundred thousand a second."""


class Line(NamedTuple):
    """A line as it stood there in the end, and the seconds since the start between which it was written."""

    text: str
    first: float
    last: float


def has_control(text: str) -> bool:
    """Does ``text`` tell a terminal more than colours?"""
    if "\x1b" not in text and "\b" not in text and "\r" not in text:
        return False
    bare = _HARMLESS.sub("", text)
    return "\x1b" in bare or "\b" in bare or _LONE_RETURN.search(bare) is not None


def shown_lines(events: Iterable[Event], width: int, height: int) -> list[Line]:
    """The lines that the output of ``events`` leaves on a terminal of that size and in its scrollback."""
    terminal = _Terminal(width, height)
    parts: list[str] = []
    first = last = 0.0
    for event in events:
        if event.code == "r" and (size := _SIZE.fullmatch(event.data)):
            terminal.resize(int(size[1]), int(size[2]))
        if event.code != "o":
            continue
        *whole, rest = event.data.split("\n")
        for text in whole:
            first = first if parts else event.time
            terminal.line("".join([*parts, text]), first, event.time)
            parts = []
        if rest:
            first, last = first if parts else event.time, event.time
            parts.append(rest)
    if parts:
        terminal.line("".join(parts), first, last)
    return terminal.lines()


class _Terminal:
    """Reads plain lines itself and has the others emulated, with as many lines around them as the screen has."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = _bounded(width, height)
        self._lines: list[Line] = []
        self._screen: Emulator | None = None
        self._quiet = 0
        self._emulated = 0

    def line(self, raw: str, first: float, last: float) -> None:
        bare = _HARMLESS.sub("", raw).strip("\r")
        moves = _MOVES.search(bare) is not None and self._emulated < _MOST_EMULATED
        if self._screen is None and moves:
            self._begin()
        if self._screen is None:
            self._lines.append(Line(clean(bare), first, last))
            return
        self._screen.feed(bare, first, last)
        self._emulated += len(bare)
        self._quiet = 0 if moves else self._quiet + 1
        if self._quiet > 2 * self._height:
            self._end()

    def resize(self, width: int, height: int) -> None:
        self._width, self._height = _bounded(width, height)
        if self._screen:
            self._screen.resize(self._height, self._width)

    def lines(self) -> list[Line]:
        self._end()
        return self._lines

    def _begin(self) -> None:
        # Imported here: few recordings need it.
        from xcrash.transcript.emulator import Emulator

        self._screen, self._quiet = Emulator(self._width, self._height), 0
        before = self._lines[-self._height :]
        del self._lines[-self._height :]
        for line in before:
            self._screen.feed(*line)

    def _end(self) -> None:
        """The lines on the screen are settled: nothing has moved the cursor for longer than they are many."""
        if self._screen:
            self._lines += self._screen.take()
            self._screen = None


def _bounded(width: int, height: int) -> tuple[int, int]:
    return max(20, min(width or 80, 1000)), max(4, min(height or 24, 300))
