# SPDX-License-Identifier: Apache-2.0
"""The line of the prompt: what crash wants to know, and where one types."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from xcrash.literal import one_line
from xcrash.tui.literal import literal
from xcrash.tui.widgets.command_input import CommandInput

SIGN = "crash> "


class PromptLine(Horizontal):
    """A sign and the prompt; while crash asks a question the sign is the question, in a third of the line."""

    DEFAULT_CSS = """
    PromptLine { height: 1; background: $surface; padding: 0 1; }
    PromptLine > #prompt-sign { width: auto; color: $accent; }
    PromptLine > .asks { color: $text-warning; text-style: bold; }
    """

    def __init__(self, prompt: CommandInput, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.prompt = prompt
        self.question = ""
        self._sign = Static(literal(SIGN), id="prompt-sign", markup=False)

    def compose(self) -> ComposeResult:
        """The sign and the prompt."""
        yield self._sign
        yield self.prompt

    def ask(self, question: str) -> None:
        """crash waits for an answer; with the empty text, for a command again."""
        if question != self.question:
            self.question = question
            self.prompt.ask(bool(question))
            self._sign.set_class(bool(question), "asks")
            self._draw()

    def on_resize(self) -> None:
        """A third of the line is another length now."""
        self._draw()

    def _draw(self) -> None:
        sign, room = SIGN, max(len(SIGN), self.size.width // 3)
        if self.question:
            sign = f"{' '.join(one_line(self.question).split())} "
        self._sign.update(literal(sign if cell_len(sign) <= room else f"{set_cell_size(sign, room - 2)}… "))
