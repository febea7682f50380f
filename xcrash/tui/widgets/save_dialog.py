# SPDX-License-Identifier: Apache-2.0
"""Ask for the name of a file and write it; nothing is replaced that was not asked for twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from xcrash.errors import XcrashError
from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import SAVE
from xcrash.tui.literal import literal

Write = Callable[[str, bool], str]
"""Writes what is typed for a name, on a thread of its own, over a file that is there if so; says what was written.

Raises XcrashError with the reason; ``save-exists`` when the same name once more is to replace the file.
"""


class SaveDialog(ModalScreen[str | None]):
    """Answers what was written, in words, or None."""

    DEFAULT_CSS = """
    SaveDialog { align: center middle; }
    SaveDialog > Vertical { width: 76; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    SaveDialog Input { border: none; height: 1; padding: 0 1; margin: 1 0; }
    SaveDialog .said { color: $text-warning; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(SAVE)  # type: ignore[assignment]

    class Ended(Message):
        """It was written, or not."""

        def __init__(self, words: str, error: XcrashError | None) -> None:
            super().__init__()
            self.words, self.error = words, error

    def __init__(self, title: str, proposed: str, write: Write) -> None:
        super().__init__()
        self._title, self._write = title, write
        self._input = Input(proposed, compact=True)
        self._said = Static(classes="said", markup=False)
        self._writing: str | None = None
        self._exists: str | None = None

    def compose(self) -> ComposeResult:
        """What is written, the name, what came of it."""
        with Vertical():
            yield Static(literal(self._title), markup=False)
            yield self._input
            yield self._said
            yield Static(literal("Enter writes it, readable by you only. Escape does not.", "dim"), markup=False)
        yield Footer(show_command_palette=False)

    @on(Input.Submitted)
    def named(self, message: Input.Submitted) -> None:
        """Write it; Enter again on the name of a file that exists replaces it."""
        message.stop()
        if self._writing is None:
            self._writing = message.value
            self._said.update(literal("writing"))
            self._save(message.value, message.value == self._exists)

    @on(Input.Changed)
    def changed(self, message: Input.Changed) -> None:
        """Another name: what was said was about the last one."""
        message.stop()
        if message.value != self._exists:
            self._exists = None

    @work(thread=True, group="save", exit_on_error=False)
    def _save(self, typed: str, replace: bool) -> None:
        words, failure = "", None
        try:
            words = self._write(typed, replace)
        except XcrashError as error:
            failure = error
        self.post_message(self.Ended(words, failure))

    @on(Ended)
    def ended(self, message: Ended) -> None:
        """Say where it is, or why not."""
        written, self._writing = self._writing, None
        if message.error is None:
            self.dismiss(message.words)
            return
        if message.error.code == "save-exists":
            self._exists = written
        self._said.update(literal(f"{message.error.message}. {message.error.hint}."))

    def action_leave(self) -> None:
        """Write nothing more."""
        self.dismiss(None)
