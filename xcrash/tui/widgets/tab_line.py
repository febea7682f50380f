# SPDX-License-Identifier: Apache-2.0
"""The line at the top: the views with their keys, the one that is shown, what session it is, what else there is of the
crash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.content import Content
from textual.widgets import Static

from xcrash.tui.literal import literal
from xcrash.tui.messages import CrashViewWanted, ViewWanted

_SHORTEST = 3


class CrashTab(NamedTuple):
    """A view of the crash; ``trouble``: it is not there, or gone."""

    name: str
    title: str
    shown: bool
    trouble: bool


class TabLine(Static):
    """Names of views; a click shows one."""

    DEFAULT_CSS = """
    TabLine { height: 1; background: $panel; }
    """

    def __init__(self, views: Sequence[tuple[str, str]], id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, markup=False)
        self._views = views
        self._current = self._about = ""
        self._ends: list[int] = []
        self._crash: Sequence[CrashTab] = ()
        self._crash_ends: list[int] = []

    def draw(self, current: str, about: str, crash: Sequence[CrashTab] = ()) -> None:
        """``current`` is the name of the view that is shown; ``about`` says what session it is, ``crash`` which views
        of the crash there are."""
        self._current, self._about, self._crash = current, about, crash
        self.refresh()

    def render(self) -> Content:
        """Names as long as there is room for: of the views that are not shown at last three letters."""
        right = self._crash_names()
        room = self.content_size.width - cell_len(right.plain)
        line = self._names(max(len(title) for _, title in self._views))
        if cell_len(line.plain) > room:
            line = self._names(_SHORTEST)
        used = cell_len(line.plain)
        # Where there is more than one, which view it is matters more than the name of the file.
        about = literal(
            set_cell_size(f"   {self._about}", max(0, room - used)) if right else f"   {self._about}", "dim"
        )
        return line + about + right

    def _names(self, longest: int) -> Content:
        line = literal("")
        self._ends = []
        for number, (name, title) in enumerate(self._views, 1):
            shown = name == self._current
            line += literal(
                f"{'›' if shown else ' '}{number} {title if shown else title[:longest]} ", "reverse" * shown
            )
            self._ends.append(cell_len(line.plain))
        return line

    def _crash_names(self) -> Content:
        """The views of the crash at the right end: a mark at the one that is shown, a sign where one is gone."""
        line = literal("")
        self._crash_ends = []
        for tab in self._crash:
            text = f"{'›' if tab.shown else ' '}{tab.title}{'!' if tab.trouble else ''} "
            line += literal(text, "reverse" if tab.shown else "$text-error" if tab.trouble else "")
            self._crash_ends.append(cell_len(line.plain))
        return line

    def on_click(self, event: events.Click) -> None:
        """Show the view whose name was clicked."""
        for (name, _), end in zip(self._views, self._ends, strict=True):
            if event.x < end:
                self.post_message(ViewWanted(name))
                return
        begin = self.content_size.width - (self._crash_ends[-1] if self._crash_ends else 0)
        if event.x < begin:
            return
        for tab, end in zip(self._crash, self._crash_ends, strict=True):
            if event.x - begin < end:
                self.post_message(CrashViewWanted(tab.name))
                return
