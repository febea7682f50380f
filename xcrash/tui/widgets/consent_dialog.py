# SPDX-License-Identifier: Apache-2.0
"""Ask before a command does more than read: the command as it is, what it does, yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from xcrash.session.guard import Risk
from xcrash.tui.actions import bindings
from xcrash.tui.actions.consent import CONSENT
from xcrash.tui.literal import literal
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.key_line import KeyLine


class ConsentDialog(Dialog[bool]):
    """Answers True when the user wants the command sent."""

    DEFAULT_CSS = """
    ConsentDialog { align: center middle; }
    ConsentDialog Vertical { width: 76; max-width: 100%; height: auto; max-height: 90%; padding: 1 2; }
    ConsentDialog Vertical { background: $panel; }
    ConsentDialog .command { color: $accent; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(CONSENT)  # type: ignore[assignment]

    def __init__(self, command: str, risks: tuple[Risk, ...], live: bool) -> None:
        super().__init__()
        self._command, self._risks, self._live = command, risks, live

    def compose(self) -> ComposeResult:
        """The command between its consequences and the question."""
        where = "on the RUNNING system" if self._live else "on this machine"
        with Vertical():
            yield Static(literal(f"This command does more than read, {where}:"))
            yield Static(literal(f"crash> {self._command}"), classes="command")
            for risk in self._risks:
                yield Static(literal(f"- {risk.reason}"))
            yield Static(literal("\ny sends it, n or Escape does not."))
        yield KeyLine()

    def action_answer(self, wanted: bool) -> None:
        """Close with the answer."""
        self.dismiss(wanted)
