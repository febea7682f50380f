# SPDX-License-Identifier: Apache-2.0
"""The prompt: a line for crash, with the lines that were sent before."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding
from textual.widgets import Input

from xcrash.completion import Completions
from xcrash.errors import UsageError
from xcrash.session.command import check_command
from xcrash.tui.actions import bindings
from xcrash.tui.actions.prompt import PROMPT
from xcrash.tui.messages import CommandEntered
from xcrash.tui.widgets.name_suggester import NameSuggester


class CommandInput(Input):
    """Takes one crash command; a line that would harm the session is refused with the reason."""

    DEFAULT_CSS = """
    CommandInput { height: 1; width: 1fr; border: none; padding: 0; background: $surface; }
    CommandInput:focus { border: none; background: $panel; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(PROMPT)  # type: ignore[assignment]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(placeholder="a crash command: bt, log, foreach UN bt, help bt", compact=True, id=id)
        self._sent: list[str] = []
        self._at = 0

    def suggest(self, names: Completions) -> None:
        """Complete from these names from now on."""
        self.suggester = NameSuggester(names)

    async def action_submit(self) -> None:
        """Check the line and hand it on."""
        line = self.value.strip()
        if not line:
            return
        try:
            check_command(line)
        except UsageError as error:
            self.notify(f"{error.message}; {error.hint}", title="Not sent", severity="warning", markup=False)
            self.action_select_all()
            return
        if not self._sent or self._sent[-1] != line:
            self._sent.append(line)
        self._at = len(self._sent)
        self.value = ""
        self.post_message(CommandEntered(line))

    def action_older(self) -> None:
        """The command before this one."""
        self._show(self._at - 1)

    def action_newer(self) -> None:
        """The command after this one."""
        self._show(self._at + 1)

    def _show(self, at: int) -> None:
        self._at = max(0, min(at, len(self._sent)))
        self.value = self._sent[self._at] if self._at < len(self._sent) else ""
        self.cursor_position = len(self.value)
