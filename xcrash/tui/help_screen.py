# SPDX-License-Identifier: Apache-2.0
"""The keys of what has the focus, of its view, and of everything else; made from the registry of actions."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.widgets import Static

from xcrash.tui.actions import Group, bindings
from xcrash.tui.actions.help import HELP
from xcrash.tui.actions.keys import belongs, keys_of
from xcrash.tui.actions.registry import GROUPS
from xcrash.tui.literal import literal
from xcrash.tui.widgets.dialog import Dialog

_KEYS = 16
_ABOUT = 58
_WIDTH = 110
_FRAME = 8
"""Cells of the padding and of the scrollbar."""


class HelpScreen(Dialog[None]):
    """Lists the groups of ``chain`` (the focused widget and what it is in) first, then the rest."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll { width: 110; max-width: 100%; height: 90%; padding: 1 2; background: $panel; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(HELP)  # type: ignore[assignment]

    def __init__(self, chain: list[DOMNode]) -> None:
        super().__init__()
        self._chain = chain

    def compose(self) -> ComposeResult:
        """One text; it scrolls."""
        with VerticalScroll():
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        """The keys scroll at once."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Back to where it was asked for."""
        self.dismiss()

    def _text(self) -> Content:
        here = [group for node in self._chain for group in GROUPS if belongs(group, node)]
        here = list(dict.fromkeys(here))
        rest = [group for group in GROUPS if group not in here]
        parts = [literal("Keys", "bold $accent") + literal("   of what has the focus first; Escape closes", "dim")]
        for group in (*here, *rest):
            if group.actions:
                parts += [Content(""), literal(group.title, "bold" if group in here else "dim")]
                parts += [self._row(group, number) for number in range(len(group.actions))]
        return Content("\n").join(parts)

    def _row(self, group: Group, number: int) -> Content:
        action = group.actions[number]
        keys = keys_of(self.app, action)
        room = min(_WIDTH, self.app.size.width) - _FRAME - _KEYS - 3
        about = textwrap.wrap(action.about or action.text, max(20, room))
        indent = "\n" + " " * (_KEYS + 3)
        last = room - len(about[-1]) - len(action.id)
        between = " " * min(last, max(2, _ABOUT - len(about[-1]))) if last >= 2 else indent
        return (
            literal(f"  {keys:<{_KEYS}} ", "$accent")
            + literal(indent.join(about))
            + literal(between + action.id, "dim")
        )
