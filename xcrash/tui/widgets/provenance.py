# SPDX-License-Identifier: Apache-2.0
"""The line over a view that says where its values are from: the commands, how far they are, how old."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.widgets import Static

from xcrash.answers import Progress, Standing
from xcrash.tui.literal import literal
from xcrash.tui.workbench import Workbench

_SLOW = 0.3
"""Seconds after which something that goes on is said to go on."""


class Provenance(Static):
    """What is shown and from which commands; moves as long as an answer is awaited, and on a live host with its age."""

    DEFAULT_CSS = """
    Provenance { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, bench: Workbench, commands: Callable[[], Sequence[str]]) -> None:
        super().__init__(markup=False)
        self._bench, self._commands = bench, commands
        self._what = self._note = ""

    def on_mount(self) -> None:
        """Keep the times moving."""
        self.set_interval(0.5, self._tick)
        self.draw()

    def say(self, what: str, note: str = "") -> None:
        """What is shown, in words: "96 tasks   sorted by PID"; ``note`` is what else to know, if there is room."""
        self._what, self._note = what, note
        self.draw()

    def _tick(self) -> None:
        if self.is_on_screen:
            self.draw()

    def draw(self) -> None:
        """Show how far everything is now."""
        parts = [literal(self._what)] if self._what else []
        for command in self._commands():
            parts.append(literal(command, "bold") + self._state(self._bench.answers.progress(command)))
        if self._note:
            parts.append(literal(self._note, "dim"))
        self.update(Content("   ").join(parts))

    def _state(self, progress: Progress) -> Content:
        seconds, standing = progress.seconds, progress.standing
        if standing is Standing.FAILED:
            return literal(f" {progress.why}", "$text-warning")
        if standing is Standing.KNOWN:
            return literal(f" {_ago(seconds)} old", "dim") if self._bench.live else Content("")
        if standing is Standing.UNKNOWN:
            waits = self._bench.opened.target.recording is not None
            return literal(" the play has not come to it" if waits else " not asked: r asks", "dim")
        if seconds < _SLOW:
            return Content("")
        return literal(f" {standing.value} {seconds:.0f} s", "$accent")


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
