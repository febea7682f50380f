# SPDX-License-Identifier: Apache-2.0
"""The tasks, as a table that leads to their stacks."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from xcrash.answers import Answer
from xcrash.parse import ps
from xcrash.parse.ps import Task
from xcrash.tui.messages import CommandEntered
from xcrash.tui.views.view import View
from xcrash.tui.widgets.filtered_table import FilteredTable
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.widgets.task_table import TaskTable
from xcrash.tui.workbench import Workbench


class TasksView(View):
    """The answer to ``ps``."""

    NAME = "tasks"
    TITLE = "Tasks"

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.page: FilteredTable[Task] = FilteredTable(bench, TaskTable(id="task-table"), "tasks", self.wants)

    def compose(self) -> ComposeResult:
        """The table."""
        yield self.page

    def wants(self) -> tuple[str, ...]:
        """The task list."""
        return ("ps",)

    def answered(self, answer: Answer) -> None:
        """Show the tasks."""
        if isinstance(answer.value, ps.Ps):
            unread = len(answer.value.unread) + len(answer.value.remarks)
            self.page.note = f"{unread} lines not read, see the console" if unread else ""
            self.page.table.show(answer.value.tasks)

    def reset(self) -> None:
        """No tasks are known."""
        self.page.table.show(())

    @on(RowTable.Chosen)
    def stack_wanted(self, message: RowTable.Chosen) -> None:
        """Show the stack of a task in the console."""
        task: Task = message.row
        # Every idle task has PID 0: only its address names one. A recording answers what was asked then.
        by_pid = task.pid or task.task is None or self.bench.opened.target.recording
        self.post_message(CommandEntered(f"bt {task.pid if by_pid else task.task}"))

    def focus_target(self) -> Widget:
        """The table."""
        return self.page.table

    def back(self) -> bool:
        """Escape takes the filter away."""
        return self.page.back()
