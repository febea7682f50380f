# SPDX-License-Identifier: Apache-2.0
"""Ask for the name of a file and write an answer into it; nothing is replaced that was not asked for."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from xcrash.errors import UsageError
from xcrash.output.save import file_name, save_output
from xcrash.session import Spool
from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import ANSWER_FILE
from xcrash.tui.literal import literal
from xcrash.tui.widgets.key_line import KeyLine


class AnswerFile(ModalScreen[Path | None]):
    """Answers where bytes ``start`` to ``end`` of the spool, what ``command`` printed, were written, or None."""

    DEFAULT_CSS = """
    AnswerFile { align: center middle; }
    AnswerFile > Vertical { width: 76; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    AnswerFile Input { border: none; height: 1; padding: 0 1; margin: 1 0; }
    AnswerFile .said { color: $text-warning; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(ANSWER_FILE)  # type: ignore[assignment]

    class Ended(Message):
        """It was written, or not."""

        def __init__(self, path: Path | None, error: UsageError | None) -> None:
            super().__init__()
            self.path, self.error = path, error

    def __init__(self, spool: Spool, start: int, end: int, command: str) -> None:
        super().__init__()
        self._spool, self._start, self._end, self._command = spool, start, end, command
        self._input = Input(file_name(command), compact=True)
        self._said = Static(classes="said", markup=False)
        self._writing = ""
        self._exists = ""

    def compose(self) -> ComposeResult:
        """What is written, the name, what came of it."""
        with Vertical():
            yield Static(literal(f"Save what crash printed for {self._command or 'its start'}"), markup=False)
            yield self._input
            yield self._said
            yield Static(literal("Enter writes it, readable by you only. Escape does not.", "dim"), markup=False)
        yield KeyLine()

    @on(Input.Submitted)
    def named(self, message: Input.Submitted) -> None:
        """Write it; Enter again on the name of a file that exists replaces it."""
        message.stop()
        if not self._writing:
            self._writing = message.value or " "
            self._said.update(literal("writing"))
            self._save(message.value, message.value == self._exists)

    @on(Input.Changed)
    def changed(self, message: Input.Changed) -> None:
        """Another name: what was said was about the last one."""
        message.stop()
        if message.value != self._exists:
            self._exists = ""

    @work(thread=True, group="save", exit_on_error=False)
    def _save(self, typed: str, replace: bool) -> None:
        path: Path | None = None
        failure: UsageError | None = None
        try:
            path = save_output(self._spool, self._start, self._end, typed, replace)
        except UsageError as error:
            failure = error
        self.post_message(self.Ended(path, failure))

    @on(Ended)
    def ended(self, message: Ended) -> None:
        """Say where it is, or why not."""
        written, self._writing = self._writing, ""
        if message.error is None:
            self.dismiss(message.path)
            return
        if message.error.code == "save-exists":
            self._exists = written
        self._said.update(literal(f"{message.error.message}. {message.error.hint}."))

    def action_leave(self) -> None:
        """Write nothing more."""
        self.dismiss(None)
