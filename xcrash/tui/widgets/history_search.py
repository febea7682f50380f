# SPDX-License-Identifier: Apache-2.0
"""Search what was typed before, newest first, while one types words of it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from xcrash.history import History
from xcrash.tui.actions import bindings
from xcrash.tui.actions.prompt import HISTORY
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.key_line import KeyLine
from xcrash.tui.widgets.offer_list import OfferList


class HistorySearch(Dialog[str | None]):
    """Answers with the line that was taken, to be edited; None when none was."""

    DEFAULT_CSS = """
    HistorySearch { align: center bottom; }
    HistorySearch Vertical { width: 100%; height: auto; background: $panel; }
    HistorySearch Input { border: none; height: 1; padding: 0 1; background: $surface; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(HISTORY)  # type: ignore[assignment]

    def __init__(self, history: History, words: str) -> None:
        super().__init__()
        self._history, self._words = history, words
        self._found: list[str] = []

    def compose(self) -> ComposeResult:
        """What was found over the words."""
        with Vertical():
            yield OfferList(12)
            yield Input(self._words, placeholder="words of a line that was typed before", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """Find at once; the words are typed."""
        self.query_one(Input).focus()
        self._find(self._words)

    def _find(self, words: str) -> None:
        self._found = self._history.search(words)
        note = "" if self._found else "nothing that was typed before has these words"
        self.query_one(OfferList).show([(line, "") for line in self._found], 0, note)

    @on(Input.Changed)
    def changed(self, message: Input.Changed) -> None:
        """Find while one types."""
        self._find(message.value)

    @on(Input.Submitted)
    def action_take(self) -> None:
        """Close with the line that is marked."""
        at = self.query_one(OfferList).at
        self.dismiss(None if at is None else self._found[at])

    def action_move(self, by: int) -> None:
        """Mark an older or a newer line."""
        self.query_one(OfferList).move(by)

    def action_leave(self) -> None:
        """Close without one."""
        self.dismiss(None)
