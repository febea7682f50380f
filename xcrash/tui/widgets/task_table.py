# SPDX-License-Identifier: Apache-2.0
"""The columns of the task list."""

from __future__ import annotations

from xcrash.parse.ps import Task
from xcrash.tui.widgets.row_table import UNKNOWN, Column, RowTable


def _comm(task: Task) -> str:
    """The name as crash prints it: kernel threads in brackets."""
    return f"[{task.comm}]" if task.kernel_thread else task.comm


def _kilobytes(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value // 1024:,}"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else str(value)


COLUMNS: tuple[Column[Task], ...] = (
    Column(" ", lambda task: task.active, width=1),
    Column("PID", lambda task: _number(task.pid), lambda task: task.pid, width=7, right=True),
    Column("PPID", lambda task: _number(task.ppid), lambda task: task.ppid, width=7, right=True),
    Column("CPU", lambda task: _number(task.cpu), lambda task: task.cpu, width=5, right=True),
    Column("TASK", lambda task: task.task or task.kstackp or UNKNOWN, lambda task: task.task or "", width=18, rank=2),
    Column("ST", lambda task: task.st, width=3),
    Column(
        "%MEM",
        lambda task: UNKNOWN if task.mem_percent is None else f"{task.mem_percent:.1f}",
        lambda task: task.mem_percent,
        width=6,
        right=True,
    ),
    Column("VSZ KB", lambda task: _kilobytes(task.vsz), lambda task: task.vsz, width=11, right=True, rank=1),
    Column("RSS KB", lambda task: _kilobytes(task.rss), lambda task: task.rss, width=10, right=True),
    Column("COMM", _comm, lambda task: task.comm, width=24),
)


class TaskTable(RowTable[Task]):
    """The tasks of ``ps``; those that wait without being interruptible, or are dead, stand out."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(COLUMNS, identity=lambda task: task.task or task.pid, look=_look, id=id)


def _look(task: Task) -> str:
    return "doubt" if task.st in ("UN", "ZO", "DE") else ""
