# SPDX-License-Identifier: Apache-2.0
"""The line in which one types which lines of an answer are to be seen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding
from textual.message import Message

from xcrash.tui.actions import bindings
from xcrash.tui.actions.console import FILTER
from xcrash.tui.widgets.find_bar import PatternBar


class FilterBar(PatternBar):
    """Says what is to be filtered; who shows the lines does it."""

    SIGN = "&"
    HINT = "show only lines with this, or with re:PATTERN"
    BINDINGS: ClassVar[list[Binding]] = bindings(FILTER)  # type: ignore[assignment]

    class Wanted(Message):
        """Show the lines that match, in one answer or ``everywhere``; the empty text: all of them again."""

        def __init__(self, text: str, regex: bool, everywhere: bool) -> None:
            super().__init__()
            self.text, self.regex, self.everywhere = text, regex, everywhere

    everywhere = False

    def look_for(self, text: str, regex: bool) -> None:
        """Filter while the user types."""
        self.post_message(self.Wanted(text, regex, self.everywhere))

    def taken_away(self) -> None:
        """Everything is shown again."""
        self.everywhere = False
        self.post_message(self.Wanted("", False, True))

    def action_everywhere(self) -> None:
        """Filter all answers, or only the one under the cursor again."""
        self.everywhere = not self.everywhere
        self.look_for(self.input.value, self.regex)
