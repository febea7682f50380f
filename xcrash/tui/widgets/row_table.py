# SPDX-License-Identifier: Apache-2.0
"""Any number of rows under a fixed heading, drawn a screenful at a time, with a cursor, sorting and a filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xcrash.literal import one_line
from xcrash.tui.actions import bindings
from xcrash.tui.actions.tables import TABLE

UNKNOWN = "—"

_MEASURED = 2000
"""How many rows are looked at to find how wide a column has to be."""

R = TypeVar("R")


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column: heading, text of a row, and what it sorts by (None: unknown, sorts last; by its text without ``key``).

    ``width`` 0 is measured, up to ``most`` cells; ``right`` aligns numbers. When there is little room the columns of
    the highest ``rank`` are left out first; those of rank 0 stay. A filter knows the column by the beginning of its
    heading, and by ``names``.
    """

    heading: str
    text: Callable[[R], str]
    key: Callable[[R], Any] | None = None
    width: int = 0
    right: bool = False
    rank: int = 0
    most: int = 40
    names: tuple[str, ...] = ()


def sort_rows(rows: Sequence[R], key: Callable[[R], Any], reverse: bool) -> list[R]:
    """Sorted by key; rows whose key is None stay at the end, whichever way."""
    keys = [key(row) for row in rows]
    known = [at for at, value in enumerate(keys) if value is not None]
    known.sort(key=keys.__getitem__, reverse=reverse)
    return [rows[at] for at in known] + [row for row, value in zip(rows, keys, strict=True) if value is None]


class RowTable(ScrollView, Generic[R], can_focus=True):
    """Rows of one type. ``look`` names the component class of a row: "bad", "doubt", "dim" or "".

    ``identity`` tells which row is the same one after a refresh, so that the cursor stays on it.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-table--heading",
        "row-table--cursor",
        "row-table--bad",
        "row-table--doubt",
        "row-table--dim",
    }
    DEFAULT_CSS = """
    RowTable { background: $background; color: $foreground; }
    RowTable > .row-table--heading { color: $foreground-muted; text-style: bold; }
    RowTable > .row-table--cursor { background: $primary; color: $text; }
    RowTable:blur > .row-table--cursor { background: $surface; }
    RowTable > .row-table--bad { color: $text-error; }
    RowTable > .row-table--doubt { color: $text-warning; }
    RowTable > .row-table--dim { color: $foreground-muted; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(TABLE)  # type: ignore[assignment]

    class Event(Message):
        """Something happened in ``table``."""

        def __init__(self, table: RowTable[Any]) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> RowTable[Any]:
            """The table, for selectors of handlers."""
            return self.table

    class Chosen(Event):
        """The user wants what the row under the cursor leads to."""

        def __init__(self, table: RowTable[Any], row: Any) -> None:
            super().__init__(table)
            self.row = row

    class Moved(Event):
        """The cursor is on ``row`` now; None in a table without rows."""

        def __init__(self, table: RowTable[Any], row: Any) -> None:
            super().__init__(table)
            self.row = row

        def can_replace(self, message: Message) -> bool:
            """Only where the cursor is now matters."""
            return isinstance(message, RowTable.Moved) and message.table is self.table

    class FilterWanted(Event):
        """The user wants to type a filter."""

    class Arranged(Event):
        """What is shown has changed: ``shown`` of ``total`` rows, sorted as ``order`` says."""

        def __init__(self, table: RowTable[Any], shown: int, total: int, order: str) -> None:
            super().__init__(table)
            self.shown, self.total, self.order = shown, total, order

    def __init__(
        self,
        columns: Sequence[Column[R]],
        *,
        identity: Callable[[R], Any] | None = None,
        look: Callable[[R], str] | None = None,
        order: str = "as crash lists them",
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.all_columns = tuple(columns)
        self.rows: list[R] = []
        self.cursor = 0
        self._all: Sequence[R] = ()
        self._identity, self._look, self._order = identity or id_of, look, order
        self._widths: dict[str, int] = {}
        self._texts: list[str] | None = None
        self._sorted_by: int | None = None
        self._reversed = False
        self._filter = ""

    # what is shown

    def show(self, rows: Sequence[R], texts: list[str] | None = None) -> None:
        """Replace the rows; ``texts`` are those that words are looked for in, in lower case, where they are known."""
        self._all = rows
        self._texts = texts
        self._widths = {column.heading: self._width(column, rows) for column in self.all_columns}
        self._arrange()

    def filter(self, text: str) -> None:
        """Show the rows that have every word of ``text``; ``column:one,other`` asks for the value of a column."""
        self._filter = text
        self._arrange()

    def sort_by(self, heading: str, reverse: bool = False) -> None:
        """Sort by the column of this heading."""
        headings = [column.heading for column in self.all_columns]
        self._sorted_by, self._reversed = headings.index(heading), reverse
        self._arrange()

    @property
    def current(self) -> R | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def columns(self) -> tuple[Column[R], ...]:
        """The columns there is room for; the last one takes what is left."""
        chosen = list(self.all_columns)
        room = self.size.width

        def need() -> int:
            return sum(self._widths.get(column.heading, 1) + 1 for column in chosen) - 1

        while need() > room and any(column.rank for column in chosen):
            worst = max(column.rank for column in chosen)
            at = max(at for at, column in enumerate(chosen) if column.rank == worst)
            del chosen[at]
        return tuple(chosen)

    def _width(self, column: Column[R], rows: Sequence[R]) -> int:
        if column.width:
            return column.width
        widest = max((cell_len(one_line(column.text(row))) for row in rows[:_MEASURED]), default=0)
        return max(cell_len(column.heading), min(widest, column.most))

    def _arrange(self) -> None:
        kept = self.current
        chosen = None if kept is None else self._identity(kept)
        self.rows = self._filtered()
        if self._sorted_by is not None:
            column = self.all_columns[self._sorted_by]
            self.rows = sort_rows(self.rows, column.key or column.text, self._reversed)
        elif self._reversed:
            self.rows.reverse()
        found = (at for at, row in enumerate(self.rows) if self._identity(row) == chosen)
        self.cursor = 0 if chosen is None else next(found, 0)
        self._measure()
        # A message that is made while a parent handles one of its own is taken for the parent's: it ends there.
        self.call_later(self._tell_arranged)
        self.call_later(self._tell_moved)
        self.refresh()

    def _tell_arranged(self) -> None:
        heading = self._order if self._sorted_by is None else self.all_columns[self._sorted_by].heading
        order = f"{heading} {'▼' if self._reversed else '▲'}"
        self.post_message(self.Arranged(self, len(self.rows), len(self._all), order))

    def _tell_moved(self) -> None:
        self.post_message(self.Moved(self, self.current))

    def _filtered(self) -> list[R]:
        words = self._filter.lower().split()
        if not words:
            return list(self._all)
        plain = [word for word in words if not self._column_of(word)]
        fields = [
            (column.text, frozenset(word.partition(":")[2].split(",")))
            for word in words
            if (column := self._column_of(word))
        ]
        rows: Sequence[R] = self._all
        if plain:
            texts = self._row_texts()
            rows = [row for row, text in zip(rows, texts, strict=True) if all(word in text for word in plain)]
        for text_of, values in fields:
            rows = [row for row in rows if text_of(row).strip().lower() in values]
        return list(rows)

    def _column_of(self, word: str) -> Column[R] | None:
        """The column that ``NAME:VALUE`` names, by the beginning of its heading; None for a plain word."""
        name, colon, value = word.partition(":")
        if not (colon and name and value):
            return None
        fitting = (one for one in self.all_columns if name in one.names or one.heading.lower().startswith(name))
        return next(fitting, None)

    def _row_texts(self) -> list[str]:
        """What words are looked for in: every column of a row, in lower case."""
        if self._texts is None:
            columns = [column.text for column in self.all_columns]
            self._texts = [" ".join([text(row) for text in columns]).lower() for row in self._all]
        return self._texts

    def _measure(self) -> None:
        width = sum(self._widths.get(column.heading, 1) + 1 for column in self.columns)
        self.virtual_size = Size(width, len(self.rows) + 1)

    def on_resize(self) -> None:
        """Show the columns there is room for now."""
        self._measure()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The heading, or the row that is there now."""
        width = self.scrollable_content_region.width
        scroll_x, scroll_y = self.scroll_offset
        base = self.rich_style
        number = scroll_y + y - 1
        columns = self.columns
        if y == 0:
            text = self._line([column.heading for column in columns], columns)
            style = base + self.get_component_rich_style("row-table--heading", partial=True)
        elif number < len(self.rows):
            row = self.rows[number]
            text = self._line([one_line(column.text(row)) for column in columns], columns)
            look = "cursor" if number == self.cursor else self._look(row) if self._look else ""
            style = base + self.get_component_rich_style(f"row-table--{look}", partial=True) if look else base
        else:
            return Strip.blank(width, base)
        return Strip([Segment(text, style)]).crop_extend(scroll_x, scroll_x + width, style)

    def _line(self, cells: list[str], columns: tuple[Column[R], ...]) -> str:
        parts = []
        for cell, column in zip(cells, columns, strict=True):
            width = self._widths.get(column.heading, 1)
            if column is columns[-1] and not column.right:
                parts.append(cell)
            elif column.right and (cells_used := cell_len(cell)) <= width:
                parts.append(" " * (width - cells_used) + cell)
            else:
                parts.append(set_cell_size(cell, width) if cell_len(cell) <= width else _cut(cell, width))
        return " ".join(parts)

    # what the user does

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self.go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by screens."""
        self.go(self.cursor + by * max(1, self.scrollable_content_region.height - 2))

    def action_jump(self, to: int) -> None:
        """Move the cursor to the first (0) or the last (-1) row."""
        self.go(0 if to == 0 else len(self.rows) - 1)

    def go(self, row: int) -> None:
        """Put the cursor on a row, as near as there is one, and show it."""
        before, self.cursor = self.cursor, max(0, min(row, len(self.rows) - 1))
        self.scroll_to_region(Region(self.scroll_offset.x, self.cursor, 1, 2), animate=False, force=True)
        if before != self.cursor:
            self.call_later(self._tell_moved)
        self.refresh()

    def action_sort(self) -> None:
        """Sort by the next column, after the last one as crash lists them."""
        follow = 0 if self._sorted_by is None else self._sorted_by + 1
        while follow < len(self.all_columns) and not self.all_columns[follow].heading.strip():
            follow += 1
        self._sorted_by = follow if follow < len(self.all_columns) else None
        self._arrange()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._reversed = not self._reversed
        self._arrange()

    def action_filter(self) -> None:
        """Ask for a filter."""
        self.post_message(self.FilterWanted(self))

    def action_choose(self) -> None:
        """Ask for what the row under the cursor leads to."""
        if self.rows:
            self.post_message(self.Chosen(self, self.rows[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """A click on the heading sorts; on a row it moves the cursor, a second one chooses."""
        if event.y == 0:
            self._sort_at(event.x + self.scroll_offset.x)
            return
        row = event.y - 1 + self.scroll_offset.y
        if not 0 <= row < len(self.rows):
            return
        if row == self.cursor and event.chain == 2:
            self.action_choose()
        self.go(row)

    def _sort_at(self, x: int) -> None:
        """Sort by the column at cell ``x``; by the same one again the other way round."""
        at = 0
        for column in self.columns:
            at += self._widths.get(column.heading, 1) + 1
            if x < at or column is self.columns[-1]:
                number = self.all_columns.index(column)
                self._reversed = number == self._sorted_by and not self._reversed
                self._sorted_by = number
                self._arrange()
                return


def id_of(row: Any) -> Any:
    """A row is the same as itself."""
    return id(row)


def _cut(text: str, width: int) -> str:
    """As much as fits, with a sign that there is more."""
    return set_cell_size(text, width - 1) + "…" if width > 1 else set_cell_size(text, width)
