# SPDX-License-Identifier: Apache-2.0
"""The tasks: as a list, as a tree, grouped by identical stack; beside them the one under the cursor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher
from textual.worker import get_current_worker

from xcrash.answers import Answer, plain
from xcrash.parse.bt import Bt
from xcrash.parse.ps import Ps, Task
from xcrash.tasks import Forest, StackGroup, TreeRow, groups, key_of
from xcrash.tui.actions import bindings
from xcrash.tui.actions.tasks import TASKS
from xcrash.tui.messages import EvidenceWanted
from xcrash.tui.views.paned import PanedView
from xcrash.tui.views.view import View
from xcrash.tui.widgets.filtered_table import FilteredTable
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.widgets.task_pane import EVERY_STACK, TaskPane
from xcrash.tui.widgets.task_table import GroupTable, TaskTable, TreeTable, searched
from xcrash.tui.workbench import Workbench

_OF_ONE_TASK = re.compile(r"(?:bt|files|vm|sig)(?: (?:0x)?[0-9a-f]{1,16})?")


class TasksRead(Message):
    """The rows of a task list are made, and what words are looked for in."""

    def __init__(self, tasks: list[Task], texts: list[str], forest: Forest) -> None:
        super().__init__()
        self.tasks, self.texts, self.forest = tasks, texts, forest


class StacksRead(Message):
    """The stacks are grouped."""

    def __init__(self, found: list[StackGroup]) -> None:
        super().__init__()
        self.found = found


class TasksView(PanedView):
    """The answer to ``ps``; of the task under the cursor those to ``bt``, ``files``, ``vm`` and ``sig``."""

    NAME = "tasks"
    TITLE = "Tasks"
    BINDINGS: ClassVar[list[Binding]] = bindings(TASKS)  # type: ignore[assignment]
    DEFAULT_CSS = """
    TasksView ContentSwitcher { height: 1fr; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.flat = FilteredTable(bench, TaskTable(id="task-table"), "tasks", lambda: ("ps",), id="task-list")
        self.family = FilteredTable(bench, TreeTable(id="tree-table"), "tasks", lambda: ("ps",), id="task-tree")
        commands = (EVERY_STACK, "ps")
        self._groups = GroupTable(id="group-table")
        self.stacks = FilteredTable(bench, self._groups, "stacks", lambda: commands, id="task-stacks")
        self.pane = TaskPane(bench)
        self.shown_list: FilteredTable[Any] = self.flat
        self.only: StackGroup | None = None
        self._forest = Forest(())
        self._tasks: Sequence[Task] = ()
        self._texts: list[str] = []
        self._folded: set[str] = set()
        self._by_pid: dict[int, Task] = {}
        self._cpu: int | None = None

    def compose(self) -> ComposeResult:
        """The three tables, of which one is shown, and the task."""
        with Container(classes="paned-body"):
            yield self.pane
            with ContentSwitcher(initial=self.flat.id):
                yield self.flat
                yield self.family
                yield self.stacks

    # answers

    def wants(self) -> tuple[str, ...]:
        """The task list, and every stack while they are grouped."""
        return ("ps", EVERY_STACK) if self.shown_list is self.stacks else ("ps",)

    def knows(self, command: str) -> bool:
        """Also what is said of one task; all stacks where they are wanted, or were recorded."""
        if plain(command) == EVERY_STACK:
            return self.shown_list is self.stacks or self.bench.opened.target.recording is not None
        return super().knows(command) or _OF_ONE_TASK.fullmatch(plain(command)) is not None

    def answered(self, answer: Answer) -> None:
        """Show the tasks, their stacks, or one of them."""
        if isinstance(answer.value, Ps) and plain(answer.command) == "ps":
            unread = len(answer.value.unread) + len(answer.value.remarks)
            self.flat.note = f"{unread} lines not read, see the console" if unread else ""
            self._read(answer.value)
        elif plain(answer.command) == EVERY_STACK and isinstance(answer.value, Bt):
            self._group(answer.value)
            self.pane.answered(answer)
        else:
            self.pane.answered(answer)
            self.shown_list.provenance.draw()

    @work(thread=True, exclusive=True, group="tasks-read", exit_on_error=False, description="read the tasks")
    def _read(self, value: Ps) -> None:
        worker = get_current_worker()
        tasks = list(value.tasks)
        read = TasksRead(tasks, [searched(task) for task in tasks], Forest(tasks))
        if not worker.is_cancelled:
            self.post_message(read)

    @on(TasksRead)
    def tasks_read(self, message: TasksRead) -> None:
        """Show them in all tables."""
        message.stop()
        self._tasks, self._texts, self._forest = message.tasks, message.texts, message.forest
        self._by_pid = {task.pid: task for task in reversed(message.tasks) if task.pid is not None}
        self._show_list()
        if self.shown_list is self.family:
            self._show_tree()
        self._name_states()
        self._show_active()

    @work(thread=True, exclusive=True, group="tasks-group", exit_on_error=False, description="group the stacks")
    def _group(self, value: Bt) -> None:
        worker = get_current_worker()
        found = groups(value)
        if not worker.is_cancelled:
            self.post_message(StacksRead(found))

    @on(StacksRead)
    def stacks_read(self, message: StacksRead) -> None:
        """Show the groups."""
        message.stop()
        self._name_states()
        self.stacks.table.show(message.found)

    def show_active(self, cpu: int) -> None:
        """Put the cursor on the task that ran on a CPU, as soon as the tasks are known, and show its stack."""
        self._cpu = cpu
        self._show_active()

    def _show_active(self) -> None:
        if self._cpu is None or not self._tasks:
            return
        cpu, self._cpu = self._cpu, None
        at = next((at for at, task in enumerate(self._tasks) if task.active == ">" and task.cpu == cpu), None)
        if at is None:
            self.notify(f"ps marks no task as active on CPU {cpu}", markup=False)
            return
        wanted = self._tasks[at]
        self.only, self.flat.note = None, f"active on CPU {cpu}, which is vcpu {cpu} of Dom0"
        self.flat.back()
        self._show_list()
        self._switch(self.flat)
        self._find(wanted)
        self.pane.choose(0)
        self.to_pane()

    def _name_states(self) -> None:
        self._groups.states = {pid: task.st for pid, task in self._by_pid.items()}
        self._groups.refresh()

    def _show_list(self) -> None:
        if self.only is None:
            self.flat.table.show(self._tasks, self._texts)
            return
        lines = [trace.task for trace in self.only.traces if trace.task]
        named = {line.task for line in lines if line.task} | {f"PID {line.pid}" for line in lines if not line.task}
        self.flat.table.show([task for task in self._tasks if key_of(task) in named])

    def _show_tree(self) -> None:
        self.family.table.show(self._forest.rows(self._folded))

    def reset(self) -> None:
        """No tasks are known."""
        self._tasks, self._texts, self._forest, self.only = (), [], Forest(()), None
        self._by_pid = {}
        for page in (self.flat, self.family, self.stacks):
            page.table.show(())
        self.pane.show(None)

    # which table

    def _switch(self, page: FilteredTable[Any]) -> None:
        wanted = self.subject()
        self.bench.answers.drop(self.NAME)
        self.shown_list = page
        self.query_one(ContentSwitcher).current = page.id
        if page is self.family:
            self._show_tree()
        View.shown(self)
        if wanted is not None and page is not self.stacks:
            self._find(wanted)
        page.table.focus()
        self.pane.show(self.subject())

    def _find(self, task: Task) -> None:
        """Put the cursor on the same task as before."""
        key, table = key_of(task), self.shown_list.table
        rows = (at for at, row in enumerate(table.rows) if key_of(row.task if isinstance(row, TreeRow) else row) == key)
        table.go(next(rows, 0))

    def action_tree(self) -> None:
        """Between the list and the tree."""
        self._switch(self.flat if self.shown_list is self.family else self.family)

    def action_stacks(self) -> None:
        """Between the list and the groups."""
        self._switch(self.flat if self.shown_list is self.stacks else self.stacks)

    def action_fold(self) -> None:
        """Hide or show what is below the task under the cursor; of one without children, below its parent."""
        row = self.family.table.current
        if self.shown_list is self.family and isinstance(row, TreeRow) and row.below:
            self._folded ^= {key_of(row.task)}
            self._show_tree()

    def action_fold_all(self) -> None:
        """Close every branch, or open all."""
        if self.shown_list is self.family:
            self._folded = set() if self._folded else self._forest.parents()
            self._show_tree()

    # the task beside it

    def subject(self) -> Task | None:
        """The task under the cursor; of a group its first one."""
        row = self.shown_list.table.current
        if isinstance(row, StackGroup):
            line = row.traces[0].task
            return self._by_pid.get(line.pid) if line and line.pid else None
        return row.task if isinstance(row, TreeRow) else row

    # where a row leads

    @on(RowTable.Chosen)
    def chosen(self, message: RowTable.Chosen) -> None:
        """To the stack of the task; a group leads to its tasks."""
        if isinstance(message.row, StackGroup):
            self.only = message.row
            self.flat.note = f"those in {self.only.waits or 'no function'}: Escape shows all"
            self._show_list()
            self._switch(self.flat)
            return
        self.to_pane()

    def action_evidence(self) -> None:
        """What crash printed, at the line of the row."""
        if self.pane.has_focus_within:
            self.pane.evidence()
            return
        row = self.shown_list.table.current
        if isinstance(row, StackGroup):
            self.post_message(EvidenceWanted(EVERY_STACK, row.traces[0].line - 1))
        elif (task := self.subject()) is not None:
            self.post_message(EvidenceWanted("ps", task.line - 1))

    def focus_target(self) -> Widget:
        """The table."""
        return self.shown_list.table

    def back(self) -> bool:
        """Escape leaves the task, the filter, the group, the tree, one after the other."""
        if self.pane.has_focus_within:
            self.shown_list.table.focus()
        elif self.shown_list.back():
            pass
        elif self.only is not None:
            self.only, self.flat.note = None, ""
            self._show_list()
        elif self.shown_list is not self.flat:
            self._switch(self.flat)
        else:
            return False
        return True
