# SPDX-License-Identifier: Apache-2.0
"""Every command with what crash answered, as crash printed it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget

from xcrash.tui.views.view import View
from xcrash.tui.widgets.line_view import LineView


class ConsoleView(View):
    """The lines of the session; its prompt is the screen's."""

    NAME = "console"
    TITLE = "Console"

    def compose(self) -> ComposeResult:
        """The lines."""
        yield LineView(self.bench.text, id="lines")

    def knows(self, command: str) -> bool:
        """It shows text, whatever it is, and needs no values."""
        return False

    def focus_target(self) -> Widget:
        """The prompt of the screen."""
        return self.screen.query_one("#prompt")
