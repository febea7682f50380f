# SPDX-License-Identifier: Apache-2.0
"""Ask for the name of a file and write it; nothing is replaced that was not asked for twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import ScreenResume
from textual.message import Message
from textual.widgets import Footer, Input, Static

from xcrash.errors import XcrashError
from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import SAVE
from xcrash.tui.literal import literal
from xcrash.tui.widgets.dialog import Dialog

Write = Callable[[str, bool], str]
"""Writes what is typed for a name, on a thread of its own, over a file that is there if so; says what was written.

Raises XcrashError with the reason; ``save-exists`` when the same name once more is to replace the file.
"""


class SaveDialog(Dialog[str | None]):
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
        self._written: str | None = None
        self._left = False

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
        if self._writing is None and self._written is None:
            self._writing = message.value
            self._said.update(literal("writing"))
            self._save(self.app, message.value, message.value == self._exists)

    @on(Input.Changed)
    def changed(self, message: Input.Changed) -> None:
        """Another name: what was said was about the last one."""
        message.stop()
        if message.value != self._exists:
            self._exists = None

    @work(thread=True, group="save", exit_on_error=False)
    def _save(self, app: App[None], typed: str, replace: bool) -> None:
        words, failure = "", None
        try:
            words = self._write(typed, replace)
        except XcrashError as error:
            failure = error
        if self._left or not self.post_message(self.Ended(words, failure)):
            self._tell(app, words, failure)

    def _tell(self, app: App[None], words: str, failure: XcrashError | None) -> None:
        """Say it where the dialog is no longer there to; from any thread."""
        severity: Literal["error", "information"] = "error" if failure else "information"
        app.notify(failure.message if failure else words, severity=severity, markup=False)

    @on(Ended)
    def ended(self, message: Ended) -> None:
        """Say where it is, or why not."""
        written, self._writing = self._writing, None
        if self._left:
            self._tell(self.app, message.words, message.error)
            return
        if message.error is None:
            self._written = message.words
            self.close_when_on_top()
            return
        if message.error.code == "save-exists":
            self._exists = written
        self._said.update(literal(f"{message.error.message}. {message.error.hint}."))

    @on(ScreenResume)
    def close_when_on_top(self) -> None:
        """Close once it is written: Textual closes whatever lies on top, which may be another screen."""
        if self._written is not None and self.is_active:
            self._left = True
            self.dismiss(self._written)

    def action_leave(self) -> None:
        """Write nothing more; what is being written is told when it is."""
        self._left = self.is_active
        self.dismiss(None)
