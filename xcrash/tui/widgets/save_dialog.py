# SPDX-License-Identifier: Apache-2.0
"""Ask where a copy is to be written."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from xcrash.tui.actions import bindings
from xcrash.tui.actions.recording import SAVE
from xcrash.tui.literal import literal
from xcrash.tui.widgets.key_line import KeyLine


class SaveDialog(ModalScreen[Path | None]):
    """Answers with the path, or None; ``why`` says what was wrong with the one before."""

    DEFAULT_CSS = """
    SaveDialog { align: center middle; }
    SaveDialog Vertical { width: 76; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    SaveDialog Input { border: none; height: 1; padding: 0 1; margin: 1 0; }
    SaveDialog .why { color: $text-warning; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(SAVE)  # type: ignore[assignment]

    def __init__(self, title: str, proposed: str, why: str = "") -> None:
        super().__init__()
        self._title, self._proposed, self._why = title, proposed, why

    def compose(self) -> ComposeResult:
        """What is asked, the name, what to know."""
        with Vertical():
            yield Static(literal(self._title))
            yield Input(self._proposed, compact=True)
            if self._why:
                yield Static(literal(self._why), classes="why")
            yield Static(literal("Enter writes it, readable by you only. Escape does not.", "dim"))
        yield KeyLine()

    @on(Input.Submitted)
    def done(self, message: Input.Submitted) -> None:
        """Close with the path."""
        text = message.value.strip()
        self.dismiss(Path(text).expanduser() if text and "\0" not in text else None)

    def action_leave(self) -> None:
        """Close without one."""
        self.dismiss(None)
