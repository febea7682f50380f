# SPDX-License-Identifier: Apache-2.0
"""What a session says on its thread, handed to the screen that shows it; and what its user waits for now."""

from __future__ import annotations

import time
from collections.abc import Callable

from xcrash.open_session import OpenSession
from xcrash.session import CommandFinished, CommandStarted, Event, SessionGone, SessionReady
from xcrash.tui.aside import tell
from xcrash.tui.messages import SessionSpoke
from xcrash.tui.session_screen import SessionScreen


class Listener:
    """The listener of one session. Events before there is a screen wait for it; behind ``leave`` nobody hears them.

    ``running`` is the command of its user that crash works on, and since when (the monotonic clock).
    """

    def __init__(self, ready: Callable[[Listener], None]) -> None:
        self.running: tuple[str, float] | None = None
        self.opened: OpenSession | None = None
        self._ready = ready
        self._screen: SessionScreen | None = None
        self._early: list[Event] = []
        self._left = False

    def hear(self, event: Event) -> None:
        """Take an event, on the thread of the session."""
        if isinstance(event, CommandStarted) and not event.background:
            self.running = (event.command, time.monotonic())
        elif isinstance(event, SessionGone) or (isinstance(event, CommandFinished) and not event.result.background):
            self.running = None
        screen = self._screen
        if self._left:
            return
        if isinstance(event, SessionReady):
            self._ready(self)
        if screen is None:
            self._early.append(event)
        else:
            tell(screen, SessionSpoke(event))

    def show_on(self, screen: SessionScreen) -> None:
        """``screen`` shows the session from now on."""
        self._screen = screen
        for event in self._early:
            screen.post_message(SessionSpoke(event))
        self._early.clear()

    def leave(self) -> None:
        """The screen goes away."""
        self._left = True
