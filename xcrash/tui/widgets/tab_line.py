# SPDX-License-Identifier: Apache-2.0
"""The line at the top: the views with their keys, the one that is shown, and what session it is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widgets import Static

from xcrash.tui.literal import literal
from xcrash.tui.messages import ViewWanted

_SHORTEST = 3


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

    def draw(self, current: str, about: str) -> None:
        """``current`` is the name of the view that is shown; ``about`` says what session it is."""
        self._current, self._about = current, about
        self.refresh()

    def render(self) -> Content:
        """Names as long as there is room for: of the views that are not shown at last three letters."""
        line = self._names(max(len(title) for _, title in self._views))
        if cell_len(line.plain) > self.content_size.width:
            line = self._names(_SHORTEST)
        return line + literal(f"   {self._about}", "dim")

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

    def on_click(self, event: events.Click) -> None:
        """Show the view whose name was clicked."""
        for (name, _), end in zip(self._views, self._ends, strict=True):
            if event.x < end:
                self.post_message(ViewWanted(name))
                return
