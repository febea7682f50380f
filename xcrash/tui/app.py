# SPDX-License-Identifier: Apache-2.0
"""The application: it owns one session screen and ends crash before it ends itself."""

from __future__ import annotations

import asyncio

from textual.app import App

from xcrash.errors import XcrashError
from xcrash.open_session import OpenSession
from xcrash.session import Event
from xcrash.target import Choices, Target
from xcrash.tui.messages import SessionSpoke
from xcrash.tui.session_screen import SessionScreen


class XcrashApp(App[None]):
    """The terminal UI on one target."""

    TITLE = "xcrash"

    def __init__(self, target: Target, choices: Choices) -> None:
        super().__init__()
        self._early: list[Event] = []
        self.opened = OpenSession(target, choices, self.hear)
        self.session_screen: SessionScreen | None = None

    def hear(self, event: Event) -> None:
        """Take an event of the session, on its thread, and hand it to the screen."""
        screen = self.session_screen
        if screen is None:
            self._early.append(event)
        else:
            screen.post_message(SessionSpoke(event))

    def on_mount(self) -> None:
        """Show the session."""
        self.session_screen = SessionScreen(self.opened)
        self.push_screen(self.session_screen)
        for event in self._early:
            self.session_screen.post_message(SessionSpoke(event))

    @property
    def failure(self) -> XcrashError | None:
        """Why the session could not be opened, if it could not."""
        return self.session_screen.app_error if self.session_screen else None

    async def action_quit(self) -> None:
        """End crash, then the program."""
        await asyncio.to_thread(self.opened.end)
        self.exit()


def run_app(target: Target, choices: Choices) -> None:
    """Show ``target`` until the user leaves; raises the XcrashError that kept it from opening."""
    app = XcrashApp(target, choices)
    try:
        app.run()
    finally:
        app.opened.close()
    if app.failure:
        raise app.failure
