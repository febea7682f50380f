# SPDX-License-Identifier: Apache-2.0
"""What is seen while the target that was named is looked at: what it is, how long already, how to leave."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Static

from xcrash.tui.actions import bindings
from xcrash.tui.actions.opening import LOOKING
from xcrash.tui.literal import literal
from xcrash.tui.widgets.key_line import KeyLine


class LookingScreen(Screen[None]):
    """Shows that something goes on until there is a session."""

    DEFAULT_CSS = """
    LookingScreen > #looking { padding: 1 2; height: 1fr; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(LOOKING)  # type: ignore[assignment]

    def __init__(self, subject: str) -> None:
        super().__init__()
        self._subject = subject
        self._doing = "identifying it, looking for its kernel"
        self._began = time.monotonic()

    def compose(self) -> ComposeResult:
        """One text and the keys."""
        yield Static(id="looking", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Keep the clock moving."""
        self.set_interval(0.5, self._draw)
        self._draw()

    def progress(self, text: str) -> None:
        """How far it is."""
        self._doing = text
        self._draw()

    def _draw(self) -> None:
        elapsed = time.monotonic() - self._began
        text = literal("Looking at ", "bold $accent") + literal(self._subject)
        self.query_one("#looking", Static).update(text + literal(f"\n\n  {elapsed:6.1f} s  {self._doing}", "dim"))
