# SPDX-License-Identifier: Apache-2.0
"""The tasks as a table, as a tree, and as groups that wait at one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from xcrash.overview.words import chain
from xcrash.parse.ps.table import Task
from xcrash.tasks import StackGroup, TreeRow, key_of
from xcrash.tui.widgets.row_table import UNKNOWN, Column, RowTable

_MOST_STATES = 4


def _comm(task: Task) -> str:
    """The name as crash prints it: kernel threads in brackets."""
    return f"[{task.comm}]" if task.kernel_thread else task.comm


def _kilobytes(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value // 1024:,}"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else str(value)


def searched(task: Task) -> str:
    """What the words of a filter are looked for in."""
    return f"{task.active} {task.pid} {task.ppid} {task.task} {task.st} {_comm(task)}".lower()


COLUMNS: tuple[Column[Task], ...] = (
    Column(" ", lambda task: task.active, width=1),
    Column("PID", lambda task: _number(task.pid), lambda task: task.pid, width=7, right=True),
    Column("PPID", lambda task: _number(task.ppid), lambda task: task.ppid, width=7, right=True),
    Column("CPU", lambda task: _number(task.cpu), lambda task: task.cpu, width=4, right=True),
    Column("TASK", lambda task: task.task or task.kstackp or UNKNOWN, lambda task: task.task or "", width=18, rank=3),
    Column("ST", lambda task: task.st, width=2, names=("state",)),
    Column(
        "%MEM",
        lambda task: UNKNOWN if task.mem_percent is None else f"{task.mem_percent:.1f}",
        lambda task: task.mem_percent,
        width=5,
        right=True,
        rank=1,
        names=("mem",),
    ),
    Column("VSZ KB", lambda task: _kilobytes(task.vsz), lambda task: task.vsz, width=11, right=True, rank=2),
    Column("RSS KB", lambda task: _kilobytes(task.rss), lambda task: task.rss, width=10, right=True),
    Column("COMM", _comm, lambda task: task.comm, width=16, names=("command", "name")),
)

TREE_COLUMNS: tuple[Column[TreeRow], ...] = (
    Column(" ", lambda row: row.task.active, width=1),
    Column("PID", lambda row: _number(row.task.pid), lambda row: row.task.pid, width=7, right=True),
    Column("CPU", lambda row: _number(row.task.cpu), lambda row: row.task.cpu, width=4, right=True, rank=1),
    Column("ST", lambda row: row.task.st, width=2, names=("state",)),
    Column("RSS KB", lambda row: _kilobytes(row.task.rss), lambda row: row.task.rss, width=10, right=True, rank=2),
    Column("COMM", lambda row: _branch(row), lambda row: row.task.comm, width=24, names=("command", "name")),
)


def _branch(row: TreeRow) -> str:
    more = f"  + {row.below:,} below" if row.folded else ""
    return f"{row.branch}{_comm(row.task)}{more}"


class TaskTable(RowTable[Task]):
    """The tasks of ``ps``; those that wait without being interruptible, or are dead, stand out."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(COLUMNS, identity=key_of, look=_look, id=id)


class TreeTable(RowTable[TreeRow]):
    """The tasks below their parents."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(
            TREE_COLUMNS,
            identity=lambda row: key_of(row.task),
            look=lambda row: _look(row.task),
            order="parents first",
            id=id,
        )


class GroupTable(RowTable[StackGroup]):
    """The groups of equal stacks; ``states`` are those of the tasks, by PID."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        self.states: Mapping[int, str] = {}
        columns: tuple[Column[StackGroup], ...] = (
            Column("TASKS", lambda group: f"{len(group.traces):,}", lambda group: len(group.traces), right=True),
            Column("STATES", self._states, most=24),
            Column("AT", lambda group: group.waits or UNKNOWN, most=40),
            Column("STACK", lambda group: chain(group.traces[0].frames) or " ".join(group.functions)),
        )
        super().__init__(columns, identity=lambda group: group.functions, order="the largest first", id=id)

    def _states(self, group: StackGroup) -> str:
        found = Counter(self.states.get(trace.task.pid, "?") for trace in group.traces if trace.task)
        return " ".join(f"{count} {state}" for state, count in found.most_common(_MOST_STATES))


def _look(task: Task) -> str:
    return "doubt" if task.st in ("UN", "ZO", "DE") else ""
