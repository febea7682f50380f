# SPDX-License-Identifier: Apache-2.0
"""What happened to crash itself, above every view until it is over: it died, or it hangs."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from xcrash.tui.literal import literal


class TroubleBanner(Static):
    """Says what happened, what that means and which keys help; not there when all is well."""

    DEFAULT_CSS = """
    TroubleBanner { height: auto; max-height: 8; padding: 0 1; background: $error-muted; display: none; }
    TroubleBanner.-hang { background: $warning-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="trouble", markup=False)
        self.what = ""
        self._hang = False

    def died(self, what: str, hint: str, restart: bool, kept: str | None) -> None:
        """crash ended by itself: ``kept`` is the recording, ``restart`` whether it can be started again."""
        keys = ["R starts crash again, then h runs the commands again"] if restart else []
        lines = [
            literal("!! crash has ended: ", "bold") + literal(what, "bold"),
            literal("   What was shown stays readable; nothing new can be asked." + (f" {hint}" if hint else "")),
            literal("   " + " · ".join([*keys, "2 what it printed last", "ctrl+q leaves"])),
        ]
        if kept:
            lines.append(literal(f"   recording kept: {kept}", "dim"))
        self._show(what, lines, hang=False)

    def hangs(self, what: str, started: bool) -> None:
        """crash gives no sign of life; a start cannot be interrupted."""
        lines = [
            literal("! crash may hang: ", "bold") + literal(what),
            literal("  It waits for something outside itself, such as a slow disk; it may still go on."),
            literal(f"  {'ctrl+c interrupts the command · ' if started else ''}ctrl+q ends crash and leaves"),
        ]
        self._show(what, lines, hang=True)

    def moves(self) -> None:
        """A crash that seemed to hang works again."""
        if self._hang:
            self.clear()

    def clear(self) -> None:
        """All is well."""
        self.what, self._hang = "", False
        self.display = False

    def _show(self, what: str, lines: list[Content], hang: bool) -> None:
        self.what, self._hang = what, hang
        self.set_class(hang, "-hang")
        self.update(Content("\n").join(lines))
        self.display = True
