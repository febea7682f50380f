# SPDX-License-Identifier: Apache-2.0
"""A section of the overview: aligned labels and values, its crash command beside the title."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Group
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from xcrash.sections import Section, Tone
from xcrash.tui.literal import literal_cell

_SIGNS: dict[Tone, str] = {"doubt": "! ", "bad": "!! "}


class SectionPanel(Static):
    """Draws one Section of the overview; a long value goes on under itself."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "section-panel--title",
        "section-panel--label",
        "section-panel--plain",
        "section-panel--good",
        "section-panel--doubt",
        "section-panel--bad",
        "section-panel--dim",
    }
    DEFAULT_CSS = """
    SectionPanel { height: auto; margin: 0 0 1 0; padding: 0 1; }
    SectionPanel > .section-panel--title { color: $accent; text-style: bold; }
    SectionPanel > .section-panel--label { color: $foreground-muted; }
    SectionPanel > .section-panel--good { color: $text-success; }
    SectionPanel > .section-panel--doubt { color: $text-warning; }
    SectionPanel > .section-panel--bad { color: $text-error; text-style: bold; }
    SectionPanel > .section-panel--dim { color: $foreground-muted; }
    """

    def __init__(self, name: str) -> None:
        super().__init__(markup=False)
        self.section = Section(name, "", "", ())
        self.display = False

    def show(self, section: Section) -> None:
        """Draw ``section``; without rows the panel takes no room."""
        self.section = section
        self.display = bool(section.rows)
        self.refresh(layout=True)

    def render(self) -> Group:
        """The title line and a grid of rows."""
        title = literal_cell(self.section.title, self._style("title"))
        if self.section.command:
            title += Text("   ") + literal_cell(self.section.command, self._style("dim"))
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column()
        for row in self.section.rows:
            name = row.label if row.label.startswith("[") else row.label.lower()
            label = literal_cell(name, self._style("label"))
            grid.add_row(label, literal_cell(_SIGNS.get(row.tone, "") + row.value, self._style(row.tone)))
            if row.detail:
                grid.add_row("", literal_cell(row.detail, self._style("dim")))
        return Group(title, grid)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"section-panel--{name}", partial=True)
