# SPDX-License-Identifier: Apache-2.0
"""The line at the bottom that never lies: target, state, running command, recording."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.widgets import Static

from xcrash.session import State
from xcrash.tui.literal import literal


class StatusBar(Static):
    """Shows what the session does now; the elapsed time moves as long as something goes on."""

    DEFAULT_CSS = """
    StatusBar { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self, subject: str, recording: Callable[[], str]) -> None:
        super().__init__(markup=False)
        self._subject, self._recording = subject, recording
        self._waiting = 0
        self._state = State.STARTING
        self._doing = ""
        self._since = time.monotonic()
        self._bytes = self._start = 0
        self._activity = ""

    def on_mount(self) -> None:
        """Keep the clock moving."""
        self.set_interval(0.5, self._tick)
        self._draw()

    def _tick(self) -> None:
        if self._state not in (State.READY, State.GONE):
            self._draw()

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
        self._state, self._doing = state, doing
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
        parts = [self._subject]
        elapsed = time.monotonic() - self._since
        if self._state in (State.READY, State.GONE):
            parts.append(self._state.value + (f": {self._doing}" if self._doing else ""))
        else:
            size = f"  {self._bytes:,} bytes" if self._bytes else ""
            activity = f"  {self._activity}" if self._activity else ""
            parts.append(f"{self._state.value} {self._doing}  {elapsed:.0f} s{size}{activity}")
        if self._waiting:
            parts.append(f"{self._waiting} waiting")
        parts.append(self._recording())
        self.update(literal(" · ".join(part for part in parts if part)))
