# SPDX-License-Identifier: Apache-2.0
"""What can be opened, as one list: headings that the cursor passes over, a line for each thing, notes under it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xcrash.literal import one_line
from xcrash.openable import Openable, Section
from xcrash.openable.wording import age_words
from xcrash.tui.actions import bindings
from xcrash.tui.actions.opening import OPENING_LIST

TITLES: dict[Section, str] = {
    "live": "LIVE HOST",
    "dumps": "DUMPS",
    "recordings": "RECORDINGS",
    "recent": "RECENT",
}
_SIGNS = {"doubt": "! ", "bad": "!! "}
_ALWAYS: tuple[Section, ...] = ("live", "dumps")
_WIDEST_ABOUT, _WIDEST_EXTENT, _WIDEST_NAME, _WHEN = 30, 12, 64, 9
_WITHOUT_WHEN, _WITHOUT_EXTENT = 100, 72
"""Columns of the terminal below which the age and the size are left out."""


class _Line(NamedTuple):
    """A heading (``item`` None), the line of a thing, or a note."""

    kind: str
    text: str = ""
    item: Openable | None = None


class OpeningList(ScrollView, can_focus=True):
    """Posts Moved when the cursor is on another thing, Chosen when the user wants it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "opening-list--heading",
        "opening-list--cursor",
        "opening-list--good",
        "opening-list--doubt",
        "opening-list--bad",
        "opening-list--dim",
    }
    DEFAULT_CSS = """
    OpeningList { background: $background; color: $foreground; }
    OpeningList > .opening-list--heading { color: $foreground-muted; text-style: bold; }
    OpeningList > .opening-list--cursor { background: $primary; color: $text; }
    OpeningList:blur > .opening-list--cursor { background: $surface; }
    OpeningList > .opening-list--good { color: $text-success; }
    OpeningList > .opening-list--doubt { color: $text-warning; }
    OpeningList > .opening-list--bad { color: $text-error; }
    OpeningList > .opening-list--dim { color: $foreground-muted; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(OPENING_LIST)  # type: ignore[assignment]

    class Chosen(Message):
        """The user wants ``item`` opened."""

        def __init__(self, item: Openable) -> None:
            super().__init__()
            self.item = item

    class Moved(Message):
        """The cursor is on ``item`` now; None where there is nothing."""

        def __init__(self, item: Openable | None) -> None:
            super().__init__()
            self.item = item

        def can_replace(self, message: Message) -> bool:
            """Only where the cursor is now matters."""
            return isinstance(message, OpeningList.Moved)

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._items: Sequence[Openable] = ()
        self._notes: dict[Section, tuple[str, ...]] = {}
        self._words: list[str] = []
        self._lines: list[_Line] = []
        self._cursor = 0
        self._current: Openable | None = None
        self._placed = False
        self._widths = (0, 0, 0, 0)

    # what is shown

    @property
    def current(self) -> Openable | None:
        """What is under the cursor."""
        return self._current

    @property
    def shown(self) -> tuple[Openable, ...]:
        """The things that are listed, from top to bottom."""
        return tuple(line.item for line in self._lines if line.kind == "item" and line.item)

    def show(self, items: Sequence[Openable], notes: dict[Section, tuple[str, ...]]) -> None:
        """Replace the list; ``notes`` are lines under a heading. A cursor that was moved stays on its thing."""
        self._items, self._notes = items, notes
        self._arrange()

    def filter(self, text: str) -> None:
        """List only what has every word of ``text``."""
        self._words = text.lower().split()
        self._arrange()

    def _arrange(self) -> None:
        before = self._current if self._placed else None
        self._lines = list(self._make_lines())
        places = [at for at, line in enumerate(self._lines) if line.kind == "item"]
        same = (at for at in places if before and (item := self._lines[at].item) and item.key == before.key)
        self._cursor = next(same, places[0] if places else 0)
        self._measure()
        self._set_current()
        if self._placed:
            self._into_view()
        self.refresh()

    def _make_lines(self) -> list[_Line]:
        lines: list[_Line] = []
        for section, title in TITLES.items():
            items = [item for item in self._items if item.section == section and self._wanted(item)]
            notes = () if self._words else self._notes.get(section, ())
            if not items and (self._words or section not in _ALWAYS) and not notes:
                continue
            lines.append(_Line("heading", title))
            for item in items:
                lines.append(_Line("item", item=item))
                lines += [_Line("note", f"     {note}", item) for note in item.notes]
            lines += [_Line("note", f"   {note}") for note in notes]
        return lines or [_Line("note", "   nothing has these words; Escape takes them away")]

    def _wanted(self, item: Openable) -> bool:
        text = f"{item.name} {item.about} {item.verdict} {item.extent} {TITLES[item.section]}".lower()
        return all(word in text for word in self._words)

    def _set_current(self) -> None:
        line = self._lines[self._cursor] if self._cursor < len(self._lines) else None
        item = line.item if line and line.kind == "item" else None
        if item != self._current:
            self._current = item
            self.post_message(self.Moved(item))

    def _measure(self) -> None:
        """How wide each column is: what is last gets the rest."""
        width = self.size.width or 80
        listed = [item for item in self.shown if item.section != "live"]
        about = min(_WIDEST_ABOUT, max((cell_len(one_line(item.about)) for item in listed), default=0))
        extent = min(_WIDEST_EXTENT, max((cell_len(item.extent) for item in listed), default=0))
        extent = 0 if width < _WITHOUT_EXTENT else extent
        when = 0 if width < _WITHOUT_WHEN else _WHEN
        name = min(_WIDEST_NAME, max((cell_len(one_line(item.name)) for item in self.shown), default=20))
        verdict = min(30, width // 3)
        room = width - 3 - sum(column + 2 for column in (about, extent, when) if column) - verdict
        self._widths = (max(12, min(name, room)), about, extent, when)
        self.virtual_size = Size(width, len(self._lines))

    def on_resize(self) -> None:
        """Measure anew."""
        self._measure()
        self.refresh()

    # drawing

    def render_line(self, y: int) -> Strip:
        """The line that is there now."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        base = self.rich_style
        if at >= len(self._lines):
            return Strip.blank(width, base)
        line = self._lines[at]
        heading = base + self.get_component_rich_style("opening-list--heading", partial=True)
        dim = base + self.get_component_rich_style("opening-list--dim", partial=True)
        if line.kind == "heading":
            segments = [Segment(f" {line.text}", heading)]
        elif line.kind == "note" or line.item is None:
            segments = [Segment(one_line(line.text), dim)]
        else:
            under = at == self._cursor
            style = base + self.get_component_rich_style("opening-list--cursor", partial=True) if under else base
            before, verdict = self._cells(line.item, " › " if under else "   ")
            tone = line.item.tone
            look = style
            if tone != "plain" and not under:
                look = base + self.get_component_rich_style(f"opening-list--{tone}", partial=True)
            segments = [Segment(before, style), Segment(verdict, look)]
            return Strip(segments).adjust_cell_length(width, style).crop(0, width)
        return Strip(segments).adjust_cell_length(width, base).crop(0, width)

    def _cells(self, item: Openable, sign: str) -> tuple[str, str]:
        name, about, extent, when = self._widths
        verdict = _SIGNS.get(item.tone, "") + one_line(item.verdict)
        if item.section == "live":
            # Its columns hold other things than those of files: memory source, names of kernels.
            parts = [one_line(part) for part in (item.name, item.about, item.extent) if part]
            return sign + "   ".join([*parts, ""]), verdict
        cells = [_cut_left(one_line(item.name), name)]
        cells += [_cut(one_line(item.about), about)] if about else []
        cells += [_cut(one_line(item.extent), extent).rstrip().rjust(extent)] if extent else []
        cells += [age_words(item.when, time.time()).rjust(when)] if when else []
        return sign + "  ".join(cells) + "  ", verdict

    # what the user does

    def action_move(self, by: int) -> None:
        """Move the cursor by things."""
        places = [at for at, line in enumerate(self._lines) if line.kind == "item"]
        if places:
            number = places.index(self._cursor) if self._cursor in places else 0
            self._go(places[max(0, min(number + by, len(places) - 1))])

    def action_page(self, by: int) -> None:
        """Move the cursor by screens."""
        self.action_move(by * max(1, self.size.height - 2))

    def action_jump(self, to: int) -> None:
        """Move the cursor to the first (0) or the last (-1) thing."""
        places = [at for at, line in enumerate(self._lines) if line.kind == "item"]
        if places:
            self._go(places[to])

    def _go(self, at: int) -> None:
        self._cursor, self._placed = at, True
        self._into_view()
        self._set_current()
        self.refresh()

    def _into_view(self) -> None:
        at = self._cursor
        first = at - 1 if at and self._lines[at - 1].kind == "heading" else at
        self.scroll_to_region(Region(0, first, 1, at - first + 1), animate=False, force=True)

    def action_choose(self) -> None:
        """Open what is under the cursor."""
        if self._current:
            self.post_message(self.Chosen(self._current))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        at = event.y + self.scroll_offset.y
        if 0 <= at < len(self._lines) and self._lines[at].kind == "item":
            if at == self._cursor and event.chain == 2:
                self.action_choose()
            self._go(at)


def _cut(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def _cut_left(text: str, width: int) -> str:
    """The end of a path tells more than its beginning."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    while cell_len(text) > width - 1:
        text = text[max(1, (cell_len(text) - width + 1) // 2) :]
    return set_cell_size("…" + text, width)
