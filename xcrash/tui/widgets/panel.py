# SPDX-License-Identifier: Apache-2.0
"""A section of the overview: aligned labels and values, its crash command beside the title, a cursor on one row."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.geometry import Region, Size
from textual.widget import Widget

from xcrash.overview.words import bars
from xcrash.sections import Row, Section, Tone
from xcrash.tui.literal import literal_cell

_SIGNS: dict[Tone, str] = {"doubt": "! ", "bad": "!! "}
_MARK = "›"
_LONGEST_LABEL = 16


class SectionPanel(Widget, can_focus=True):
    """Draws one Section of the overview; a long value goes on under itself."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "section-panel--title",
        "section-panel--mark",
        "section-panel--label",
        "section-panel--plain",
        "section-panel--good",
        "section-panel--doubt",
        "section-panel--bad",
        "section-panel--dim",
    }
    DEFAULT_CSS = """
    SectionPanel { height: auto; margin: 0 0 1 0; padding: 0 1 0 0; }
    SectionPanel > .section-panel--title { color: $accent; text-style: bold; }
    SectionPanel > .section-panel--mark { color: $accent; text-style: bold; }
    SectionPanel > .section-panel--label { color: $foreground-muted; }
    SectionPanel > .section-panel--good { color: $text-success; }
    SectionPanel > .section-panel--doubt { color: $text-warning; }
    SectionPanel > .section-panel--bad { color: $text-error; text-style: bold; }
    SectionPanel > .section-panel--dim { color: $foreground-muted; }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.section = Section(name, "", "", ())
        self.cursor = 0
        self.display = False
        self._graphs = True

    def show(self, section: Section, graphs: bool = True) -> None:
        """Draw ``section``; without rows the panel takes no room. ``graphs``: the terminal has signs for them."""
        if section == self.section and graphs == self._graphs:
            return
        self.section, self._graphs = section, graphs
        self.cursor = max(0, min(self.cursor, len(section.rows) - 1))
        self.display = bool(section.rows)
        self.refresh(layout=True)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.section.rows[self.cursor] if self.section.rows else None

    def step(self, by: int) -> bool:
        """Move the cursor; False at the end of the panel."""
        wanted = self.cursor + by
        if not 0 <= wanted < len(self.section.rows):
            return False
        self.cursor = wanted
        self.refresh()
        return True

    @property
    def cursor_region(self) -> Region:
        """Where the row under the cursor is, in this panel; the title belongs to the first row."""
        _, begins = self._lines(self.content_size.width or 80)
        top = 0 if self.cursor == 0 else begins[self.cursor]
        return Region(0, top, 1, max(1, begins[self.cursor + 1] - top)) if self.section.rows else Region(0, 0, 1, 1)

    def on_focus(self) -> None:
        """The mark is only where the focus is."""
        self.refresh()

    def on_blur(self) -> None:
        """The mark goes elsewhere."""
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The title and every row, wrapped."""
        return len(self._lines(width)[0])

    def render(self) -> Text:
        """The title line and the rows."""
        lines, _ = self._lines(self.content_size.width)
        return Text("\n", no_wrap=True).join(lines)

    def _lines(self, width: int) -> tuple[list[Text], list[int]]:
        """Every line, and at which line each row begins, then where the last one ends."""
        rows = self.section.rows
        title = Text("  ") + literal_cell(self.section.title, self._style("title"))
        if self.section.command:
            title += Text("   ") + literal_cell(self.section.command, self._style("dim"))
        title.truncate(max(1, width), overflow="ellipsis")
        lines, begins = [title], []
        margin = min(max((len(_label(row)) for row in rows), default=0), _LONGEST_LABEL, max(4, width // 3))
        for number, row in enumerate(rows):
            begins.append(len(lines))
            marked = self.has_focus and number == self.cursor
            lines.extend(self._row(row, margin, max(8, width - margin - 4), marked))
        return lines, [*begins, len(lines)]

    def _row(self, row: Row, margin: int, room: int, marked: bool) -> list[Text]:
        value = literal_cell(_SIGNS.get(row.tone, "") + row.value, self._style(row.tone))
        if self._graphs and row.graph:
            value += literal_cell(f"  {bars(row.graph)}", self._style("dim"))
        parts = list(value.wrap(self.app.console, room, overflow="fold"))
        for line in row.detail.split("\n") if row.detail else ():
            parts.extend(literal_cell(line, self._style("dim")).wrap(self.app.console, room, overflow="fold"))
        label = literal_cell(_label(row)[:margin].rjust(margin), self._style("label"))
        mark = Text(f"{_MARK} ", style=self._style("mark")) if marked else Text("  ")
        blank = Text(" " * (margin + 4))
        return [mark + label + Text("  ") + part if at == 0 else blank + part for at, part in enumerate(parts)]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"section-panel--{name}", partial=True)


def _label(row: Row) -> str:
    return row.label if row.label.startswith("[") else row.label.lower()
