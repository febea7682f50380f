# SPDX-License-Identifier: Apache-2.0
"""What sessions say on their threads, handed to the screens that show them; and what their user waits for now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from xcrash.session import CommandFinished, CommandStarted, Event, SessionGone, SessionReady
from xcrash.tui.aside import tell
from xcrash.tui.messages import SessionSpoke
from xcrash.tui.session_screen import SessionScreen


class Listener:
    """The listener of one session. Events before there is a screen wait for it; behind ``leave`` nobody hears them.

    ``running`` is the command of its user that crash works on, and since when (the monotonic clock).
    """

    def __init__(self, ready: Callable[[], None]) -> None:
        self.running: tuple[str, float] | None = None
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
            self._ready()
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


class Listeners:
    """Those of all views of one crash. ``began`` is called once, on the thread of the first that reaches its prompt."""

    def __init__(self, began: Callable[[], None]) -> None:
        self._began = began
        self._once = threading.Lock()
        self._by_view: dict[str, Listener] = {}

    def of(self, view: str) -> Listener:
        """The listener of a view."""
        return self._by_view.setdefault(view, Listener(self._ready))

    def hear(self, view: str, event: Event) -> None:
        """Take an event, on the thread of that view's session."""
        self.of(view).hear(event)

    @property
    def running(self) -> list[tuple[str, str, float]]:
        """In which views their user waits for a command, for which, and since when."""
        return [(view, *one.running) for view, one in list(self._by_view.items()) if one.running]

    def leave(self) -> None:
        """The screens go away."""
        for one in list(self._by_view.values()):
            one.leave()

    def _ready(self) -> None:
        if self._once.acquire(blocking=False):
            self._began()
