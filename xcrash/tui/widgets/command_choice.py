# SPDX-License-Identifier: Apache-2.0
"""A short list of commands to choose from: a digit, or the arrows and Enter."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import CHOICE
from xcrash.tui.literal import literal
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.key_line import KeyLine

WHOLE_LINE = ""
"""What is answered by who wants to see the line itself."""


class _Choices(Static):
    """The commands, one in a row."""


class CommandChoice(Dialog[str | None]):
    """Answers the command that was chosen, or None; ``subject`` is the line it is about, which may be ``whole``."""

    DEFAULT_CSS = """
    CommandChoice { align: center middle; }
    CommandChoice > Vertical { width: 64; max-width: 100%; height: auto; max-height: 90%; padding: 1 2; }
    CommandChoice > Vertical { background: $panel; overflow-y: auto; }
    CommandChoice .subject { color: $foreground-muted; margin: 0 0 1 0; max-height: 3; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(CHOICE)  # type: ignore[assignment]

    def __init__(self, subject: str, commands: tuple[str, ...], whole: bool = False) -> None:
        super().__init__()
        self.commands = (*commands, WHOLE_LINE) if whole else commands
        self.cursor = 0
        self._subject = subject
        self._list = _Choices(markup=False)

    def compose(self) -> ComposeResult:
        """What it is about, and the commands."""
        with Vertical():
            yield Static(literal(self._subject), classes="subject", markup=False)
            yield self._list
        yield KeyLine()

    def on_mount(self) -> None:
        """The first one is the best."""
        self._draw()

    def _draw(self) -> None:
        rows = []
        for number, command in enumerate(self.commands):
            digit = str(number + 1) if number < 9 else " "
            shown = f"crash> {command}" if command else "show the whole line"
            text = f"{'›' if number == self.cursor else ' '} {digit}  {shown}"
            rows.append(literal(text, "reverse" if number == self.cursor else ""))
        self._list.update(Content("\n").join(rows))

    def action_move(self, by: int) -> None:
        """The next one, or the one before."""
        self.cursor = (self.cursor + by) % len(self.commands)
        self._draw()
        self._list.parent.scroll_to(y=max(0, self.cursor - 4), animate=False)  # type: ignore[union-attr]

    def action_take(self, number: int) -> None:
        """Choose by its number."""
        if number < len(self.commands):
            self.dismiss(self.commands[number])

    def action_choose(self) -> None:
        """Choose the one under the cursor."""
        self.dismiss(self.commands[self.cursor])

    def action_leave(self) -> None:
        """Choose none."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A command that is clicked is chosen."""
        if event.widget is self._list:
            self.action_take(event.screen_y - self._list.region.y)
