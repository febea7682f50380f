# SPDX-License-Identifier: Apache-2.0
"""The task list: any number of tasks, drawn a screenful at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xcrash.literal import one_line
from xcrash.parse.ps import Task
from xcrash.tui.actions import TASKS, bindings

UNKNOWN = "—"


class Column(NamedTuple):
    """A column: its heading, its width (negative: aligned left), its text and what it sorts by."""

    heading: str
    width: int
    text: Callable[[Task], str]
    key: Callable[[Task], Any]


def _number(value: float | None) -> float:
    return -1 if value is None else value


def _comm(task: Task) -> str:
    """The name as crash prints it: kernel threads in brackets."""
    return f"[{task.comm}]" if task.kernel_thread else task.comm


def _kilobytes(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value // 1024:,}"


COLUMNS = (
    Column("", -1, lambda task: task.active, lambda task: task.active),
    Column("PID", 7, lambda task: str(task.pid), lambda task: _number(task.pid)),
    Column("PPID", 7, lambda task: str(task.ppid), lambda task: _number(task.ppid)),
    Column("CPU", 5, lambda task: UNKNOWN if task.cpu is None else str(task.cpu), lambda task: _number(task.cpu)),
    Column("TASK", -18, lambda task: task.task or task.kstackp or UNKNOWN, lambda task: task.task or ""),
    Column("ST", -3, lambda task: task.st, lambda task: task.st),
    Column(
        "%MEM",
        6,
        lambda task: UNKNOWN if task.mem_percent is None else f"{task.mem_percent:.1f}",
        lambda task: _number(task.mem_percent),
    ),
    Column("VSZ KB", 11, lambda task: _kilobytes(task.vsz), lambda task: _number(task.vsz)),
    Column("RSS KB", 10, lambda task: _kilobytes(task.rss), lambda task: _number(task.rss)),
    Column("COMM", -24, _comm, lambda task: task.comm),
)


_WIDE = (100, 76)
"""Cells from which TASK, and then VSZ, have room beside COMM."""


class TaskTable(ScrollView, can_focus=True):
    """Tasks under a fixed heading, with a cursor, sorting and a text filter."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"task-table--heading", "task-table--cursor", "task-table--waiting"}
    DEFAULT_CSS = """
    TaskTable { background: $background; color: $foreground; }
    TaskTable > .task-table--heading { color: $foreground-muted; text-style: bold; }
    TaskTable > .task-table--cursor { background: $primary; color: $text; }
    TaskTable:blur > .task-table--cursor { background: $surface; }
    TaskTable > .task-table--waiting { color: $text-warning; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(TASKS)  # type: ignore[assignment]

    class Chosen(Message):
        """The user wants the stack of a task."""

        def __init__(self, task: Task) -> None:
            super().__init__()
            self.task = task

    class FilterWanted(Message):
        """The user wants to type a filter."""

    class Arranged(Message):
        """What is shown has changed: how many of how many, sorted how."""

        def __init__(self, shown: int, total: int, order: str) -> None:
            super().__init__()
            self.shown, self.total, self.order = shown, total, order

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._tasks: Sequence[Task] = ()
        self.rows: list[Task] = []
        self.cursor = 0
        self._column: int | None = None
        self._reversed = False
        self._filter = ""

    def show(self, tasks: Sequence[Task]) -> None:
        """Replace the tasks."""
        self._tasks = tasks
        self._arrange()

    def filter(self, text: str) -> None:
        """Show the tasks whose PID, state or name has every word of ``text``."""
        self._filter = text
        self._arrange()

    def _arrange(self) -> None:
        chosen = self.rows[self.cursor] if self.cursor < len(self.rows) else None
        words = self._filter.lower().split()
        self.rows = [task for task in self._tasks if _has(task, words)]
        if self._column is not None:
            self.rows.sort(key=COLUMNS[self._column].key, reverse=self._reversed)
        elif self._reversed:
            self.rows.reverse()
        self.cursor = next((at for at, task in enumerate(self.rows) if task is chosen), 0)
        self._measure()
        heading = "as crash lists them" if self._column is None else COLUMNS[self._column].heading
        order = f"{heading} {'▼' if self._reversed else '▲'}"
        self.post_message(self.Arranged(len(self.rows), len(self._tasks), order))
        self.refresh()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns there is room for: the name of a task is worth more than its address."""
        width = self.size.width
        hidden = {name for name, least in zip(("TASK", "VSZ KB"), _WIDE, strict=True) if width < least}
        return tuple(column for column in COLUMNS if column.heading not in hidden)

    def _measure(self) -> None:
        width = sum(abs(column.width) + 1 for column in self.columns)
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
        if y == 0:
            text = " ".join(_cell(column.heading, column.width) for column in self.columns)
            style = base + self.get_component_rich_style("task-table--heading", partial=True)
        elif number < len(self.rows):
            task = self.rows[number]
            text = " ".join(_cell(one_line(column.text(task)), column.width) for column in self.columns)
            look = "cursor" if number == self.cursor else "waiting" if task.st in ("UN", "ZO", "DE") else ""
            style = base + self.get_component_rich_style(f"task-table--{look}", partial=True) if look else base
        else:
            return Strip.blank(width, base)
        return Strip([Segment(text, style)]).crop_extend(scroll_x, scroll_x + width, style)

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by screens."""
        self._go(self.cursor + by * max(1, self.scrollable_content_region.height - 2))

    def action_jump(self, to: int) -> None:
        """Move the cursor to the first (0) or the last (-1) row."""
        self._go(0 if to == 0 else len(self.rows) - 1)

    def _go(self, row: int) -> None:
        self.cursor = max(0, min(row, len(self.rows) - 1))
        self.scroll_to_region(Region(self.scroll_offset.x, self.cursor, 1, 2), animate=False, force=True)
        self.refresh()

    def action_sort(self) -> None:
        """Sort by the next column, after the last one as crash lists them."""
        follow = 1 if self._column is None else self._column + 1
        self._column = follow if follow < len(COLUMNS) else None
        self._arrange()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._reversed = not self._reversed
        self._arrange()

    def action_filter(self) -> None:
        """Ask for a filter."""
        self.post_message(self.FilterWanted())

    def action_stack(self) -> None:
        """Ask for the stack of the task under the cursor."""
        if self.rows:
            self.post_message(self.Chosen(self.rows[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one asks for the stack."""
        row = event.y - 1 + self.scroll_offset.y
        if event.y == 0 or not 0 <= row < len(self.rows):
            return
        if row == self.cursor and event.chain == 2:
            self.action_stack()
        self._go(row)


def _has(task: Task, words: list[str]) -> bool:
    if not words:
        return True
    text = f"{task.pid} {task.st} {task.comm} {task.task}".lower()
    return all(word in text for word in words)


def _cell(text: str, width: int) -> str:
    return f"{text:<{-width}}" if width < 0 else f"{text:>{width}}"
