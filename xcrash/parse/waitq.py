# SPDX-License-Identifier: Apache-2.0
"""The tasks on a wait queue: ``waitq``.

Source of the format: kernel.c:dump_waitq: a task line for each, or that the queue is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from xcrash.parse.answer import answer, unread
from xcrash.parse.task_line import TaskLine, task_line
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_EMPTY = re.compile(r"\s*wait queue (?:\"([^\"]{0,200})\" \(([0-9a-f]{6,16})\)|([0-9a-f]{6,16})) is empty\s*$")
_LONGEST = 400


class WaitQueue(CommandOutput, frozen=True, kw_only=True, tag="waitq"):
    """The tasks in the order of the queue; crash gives the ``address`` (and name) of a queue only if it is empty.

    ``empty`` is None where the answer neither has a task nor says that there is none.
    """

    tasks: tuple[TaskLine, ...]
    empty: bool | None
    name: str | None = None
    address: str | None = None


def parser(arguments: Sequence[str]) -> Callable[[str], WaitQueue] | None:
    """The parser for ``waitq ARGUMENTS``."""
    return parse


def parse(text: str) -> WaitQueue:
    """The tasks of the answer."""
    said = answer(text, "waitq")
    tasks: list[TaskLine] = []
    left: list[Line] = []
    empty: re.Match[str] | None = None
    for line in said.lines:
        task = task_line(line)
        found = _EMPTY.match(line.text) if not (task or empty) and len(line.text) < _LONGEST else None
        if task:
            tasks.append(task)
        elif found:
            empty = found
        else:
            left.append(line)
    address = (empty[2] or empty[3]) if empty else None
    return WaitQueue(
        tasks=tuple(tasks),
        empty=False if tasks else True if empty else None,
        name=empty[1] if empty else None,
        address=f"0x{address}" if address else None,
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )
