# SPDX-License-Identifier: Apache-2.0
"""The task_struct and thread_info of tasks as ``task`` shows them, or with ``-R`` some of their members.

Source of the format: task.c:do_task, task.c:task_struct_member, task.c:show_task_members; gdb prints the data itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, items
from xcrash.parse.c_value import Member
from xcrash.parse.sections import by_task, extent
from xcrash.parse.task_line import TaskLine, task_line
from xcrash.parse.text import Line, unquote
from xcrash.parse.value import CommandOutput, Span


class TaskData(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of one task: whole structures, or the ``members`` that were asked for."""

    line: int
    span: Span
    task: TaskLine | None
    structures: tuple[Instance, ...] = ()
    members: tuple[Member, ...] = ()


class Tasks(CommandOutput, frozen=True, kw_only=True, tag="task"):
    """The tasks in the order in which they are printed."""

    tasks: tuple[TaskData, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Tasks]:
    """The parser for ``task ARGUMENTS``: the text says what it is."""
    return parse


def parse(text: str) -> Tasks:
    """The tasks in the text."""
    found = answer(text, "task")
    tasks: list[TaskData] = []
    rest: list[Line] = []
    lines = (line._replace(text=unquote(line.text)) for line in found.lines)
    for task, place, body in by_task(lines):
        left: list[Line] = []
        structures: list[Instance] = []
        members: list[Member] = []
        for item in items(body, own=_own):
            if isinstance(item, Instance):
                structures.append(item)
            elif isinstance(item, Member):
                members.append(item)
            elif isinstance(item, Line):
                left.append(item)
        if task or structures or members:
            shown = TaskData(line=place.line, span=extent(place, body, left).span, task=task)
            tasks.append(msgspec.structs.replace(shown, structures=tuple(structures), members=tuple(members)))
        rest += left
    return Tasks(tasks=tuple(tasks), remarks=found.remarks, unread=tuple(unread(rest)))


def _own(text: str) -> object:
    return "PID: " in text and task_line(Line(0, 0, 0, text))
