# SPDX-License-Identifier: Apache-2.0
"""The lines of the kernel log in their colours, and the line in which one types what they must have."""

from __future__ import annotations

from typing import ClassVar

from textual.message import Message

from xcrash.errors import UsageError
from xcrash.output.pattern import Pattern
from xcrash.tui.widgets.find_bar import PatternBar
from xcrash.tui.widgets.line_view import FindState, LineView
from xcrash.tui.widgets.log_source import LogSource


class LogText(LineView):
    """A LogSource with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--crit", "line-view--warn"}
    DEFAULT_CSS = """
    LogText > .line-view--crit { color: $text-error; text-style: bold; }
    LogText > .line-view--warn { color: $text-warning; }
    """

    def __init__(self, source: LogSource, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(source, cursor=True, id=id)
        self._landing: int | None = None

    def land(self, row: int) -> None:
        """Show a row at the top: now, and when the view is laid out for the first time."""
        self.go_to(row)
        if not self.size.height:
            self._landing = row

    def on_resize(self) -> None:
        """It is looked at: now there is a top."""
        if self._landing is not None and self.size.height:
            row, self._landing = self._landing, None
            self.call_after_refresh(self.go_to, row)


class LogFilterBar(PatternBar):
    """Only lines that have what is typed here are shown; Escape shows all again."""

    SIGN = "&"
    HINT = "text, or re:PATTERN: only lines that have it; Esc shows all"

    class Typed(Message):
        """What the lines must have; None for nothing."""

        def __init__(self, pattern: Pattern | None) -> None:
            super().__init__()
            self.pattern = pattern

        def can_replace(self, message: Message) -> bool:
            """Only the last one counts."""
            return isinstance(message, LogFilterBar.Typed)

    def look_for(self, text: str, regex: bool) -> None:
        """Show what has it, when it is a pattern."""
        try:
            pattern = Pattern(text, regex) if text.removeprefix("re:") else None
        except UsageError as error:
            self.say(FindState(f"{error.message}; {error.hint}", wrong=True))
            return
        self.say(FindState())
        self.post_message(self.Typed(pattern))

    def taken_away(self) -> None:
        """Show all."""
        self.say(FindState())
        self.post_message(self.Typed(None))
