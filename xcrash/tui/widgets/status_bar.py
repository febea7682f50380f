# SPDX-License-Identifier: Apache-2.0
"""The line at the bottom that never lies: target, state, running command, what waits, age, recording."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.content import Content
from textual.widgets import Static

from xcrash.literal import one_line
from xcrash.overview.words import duration, size
from xcrash.session import State
from xcrash.tui.actions.keys import keys_of
from xcrash.tui.actions.session import INTERRUPT
from xcrash.tui.literal import literal

_BETWEEN = " · "
_SHORTEST = 12
"""Cells that a command keeps when the line is too short for it."""


class _Part(NamedTuple):
    """A piece of the line; the one with the highest ``rank`` is left out first, rank 0 never."""

    text: str
    rank: int
    style: str = ""


class StatusBar(Static):
    """Shows what the session does now; the elapsed time moves as long as something goes on."""

    DEFAULT_CSS = """
    StatusBar { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(
        self, subject: str, recording: Callable[[], str], age: Callable[[], float | None] = lambda: None
    ) -> None:
        super().__init__(markup=False)
        self._subject, self._recording, self._age = subject, recording, age
        self._waiting = 0
        self._state = State.STARTING
        self._doing = self._behind = self._playing = ""
        self._since = self._behind_since = time.monotonic()
        self._bytes = self._start = 0
        self._activity = ""

    def on_mount(self) -> None:
        """Keep the clock moving."""
        self.set_interval(0.5, self._tick)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """What fits is another matter now."""
        self._draw()

    def _tick(self) -> None:
        if self._behind or self._state not in (State.READY, State.GONE) or self._age() is not None:
            self._draw()

    @property
    def doing(self) -> str:
        """What crash is at: a command, the phase of its start."""
        return one_line(self._doing or self._behind)

    def waiting(self, count: int) -> None:
        """``count`` commands wait for the running one."""
        self._waiting = count
        self._draw()

    def show(self, state: State, doing: str = "", start: int | None = None) -> None:
        """The session entered ``state``; ``doing`` is its phase or command, whose answer begins at ``start``."""
        self._start = self._start if start is None else start
        if (state, doing) != (self._state, self._doing):
            self._since = time.monotonic()
            self._bytes = 0
        self._state, self._doing, self._behind = state, doing, ""
        self._draw()

    def behind(self, command: str) -> None:
        """A view asked for ``command``: crash works, but not for its user."""
        self.show(State.READY)
        self._behind, self._behind_since = command, time.monotonic()
        self._draw()

    def playing(self, text: str) -> None:
        """Where the play of a recording stands; empty when it is over."""
        self._playing = text
        self._draw()

    def grew(self, size: int) -> None:
        """The spool holds ``size`` bytes: the running command has printed those behind its beginning."""
        self._bytes = max(0, size - self._start)
        self._draw()

    def activity(self, text: str) -> None:
        """What a silent crash does; empty when it prints."""
        self._activity = text
        self._draw()

    def _draw(self) -> None:
        self.refresh()

    def render(self) -> Content:
        """The line as it is now: made when it is painted, not for each of thousands of events."""
        room = self.content_size.width or 80
        parts = fitting([part for part in self._parts(room) if part.text], room)
        between = literal(_BETWEEN)
        return between.join(literal(part.text, part.style) for part in parts) if parts else Content("")

    def _parts(self, room: int) -> list[_Part]:
        recording = self._recording()
        doubtful = recording in ("not recorded", "recording stopped")
        age = self._age()
        return [
            _Part(_cut(self._subject, max(_SHORTEST, room // 3)), 4),
            _Part(self._state_text(room), 0, _STYLES.get(self._state, "")),
            _Part(self._interrupt_text(), 4, "dim"),
            _Part(self._behind_text(), 6, "dim"),
            _Part(f"{self._waiting} waiting" if self._waiting else "", 1),
            _Part(f"{duration(age)} old" if age is not None else "", 5),
            _Part(self._playing, 3),
            _Part(recording, 2 if doubtful else 5, "$text-warning" if doubtful else ""),
        ]

    def _state_text(self, room: int) -> str:
        doing, state = one_line(self._doing), self._state
        if state in (State.READY, State.GONE):
            return f"{state.value}: {_cut(doing, room - 6)}" if doing else state.value
        sign = "`" if state in (State.BUSY, State.INTERRUPTING) and doing != "Ctrl-C sent" else '"'
        elapsed = _seconds(time.monotonic() - self._since)
        printed = f" {size(self._bytes)}" if self._bytes else ""
        activity = f" {self._activity}" if self._activity else ""
        rest = f" {elapsed}{printed}{activity}"
        shown = _cut(doing, max(_SHORTEST, room - len(state.value) - len(rest) - 4))
        return f"{state.value} {sign}{shown}{sign}{rest}" if shown else f"{state.value}{rest}"

    def _interrupt_text(self) -> str:
        return f"{keys_of(self.app, INTERRUPT)} interrupts" if self._state in (State.BUSY, State.NEEDS_INPUT) else ""

    def _behind_text(self) -> str:
        if not self._behind or self._state is not State.READY:
            return ""
        seconds = time.monotonic() - self._behind_since
        return f"reading {_cut(one_line(self._behind), 24)} for panels" + (f" {seconds:.0f} s" if seconds >= 1 else "")


_STYLES = {State.GONE: "bold $text-error", State.NEEDS_INPUT: "bold $text-warning"}


def fitting(parts: list[_Part], room: int) -> list[_Part]:
    """The parts that fit into ``room`` cells, the least important left out first."""
    shown = list(parts)
    while len(shown) > 1 and sum(cell_len(part.text) + len(_BETWEEN) for part in shown) - len(_BETWEEN) > room:
        dropped = max(shown, key=lambda part: part.rank)
        if dropped.rank == 0:
            break
        shown.remove(dropped)
    return shown


def _cut(text: str, room: int) -> str:
    return text if cell_len(text) <= room else set_cell_size(text, max(1, room - 1)) + "…"


def _seconds(elapsed: float) -> str:
    return f"{elapsed:.1f} s" if elapsed < 10 else f"{elapsed:.0f} s" if elapsed < 120 else duration(elapsed)
