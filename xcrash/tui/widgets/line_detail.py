# SPDX-License-Identifier: Apache-2.0
"""One long line in full, wrapped."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import DETAIL
from xcrash.tui.literal import literal
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.key_line import KeyLine

LONGEST = 1 << 16
"""Bytes of a line that are shown here; its answer can be saved in full."""


class LineDetail(Dialog[None]):
    """Shows ``text``, with what is to be said about it in the first row."""

    DEFAULT_CSS = """
    LineDetail { align: center middle; }
    LineDetail > VerticalScroll { width: 90%; height: auto; max-height: 80%; padding: 1 2; background: $panel; }
    LineDetail .about { color: $foreground-muted; margin: 0 0 1 0; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(DETAIL)  # type: ignore[assignment]

    def __init__(self, text: str, about: str) -> None:
        super().__init__()
        self.text, self._about = text, about

    def compose(self) -> ComposeResult:
        """About it, and the text."""
        with VerticalScroll():
            yield Static(literal(self._about), classes="about", markup=False)
            yield Static(literal(self.text), markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """It scrolls at once."""
        self.query_one(VerticalScroll).focus()

    def action_copy(self) -> None:
        """Copy the line."""
        self.app.copy_to_clipboard(self.text)
        self.notify(f"copied: {len(self.text):,} characters", markup=False)

    def action_leave(self) -> None:
        """Back to the lines."""
        self.dismiss()
