# SPDX-License-Identifier: Apache-2.0
"""``ps -p``, ``ps -c`` and ``ps -g``: the ancestors, the children or the threads of tasks.

Source of the format: task.c:parent_list, task.c:child_list, task.c:show_tgid_list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.task_line import TaskLine, task_line
from xcrash.parse.text import Line, unquote
from xcrash.parse.value import CommandOutput, Span

_NONE = re.compile(r"\s*\(no (?:children|threads)\)\s*$")


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks of one block in the order in which they are printed.

    ``-p``: from the oldest ancestor down to the task that was asked for. ``-c``, ``-g``: the task, then its children
    or threads.
    """

    line: int
    span: Span
    tasks: tuple[TaskLine, ...]


class PsParents(CommandOutput, frozen=True, kw_only=True, tag="ps-p"):
    """The line of descent of each task that was asked for."""

    families: tuple[Family, ...]


class PsChildren(CommandOutput, frozen=True, kw_only=True, tag="ps-c"):
    """The children of each task that was asked for."""

    families: tuple[Family, ...]


class PsThreads(CommandOutput, frozen=True, kw_only=True, tag="ps-g"):
    """The threads of each thread group that was asked for, its leader first."""

    families: tuple[Family, ...]


Output = TypeVar("Output", PsParents, PsChildren, PsThreads)


def parse_parents(text: str) -> PsParents:
    """The output of ``ps -p``."""
    return _parse(text, PsParents)


def parse_children(text: str) -> PsChildren:
    """The output of ``ps -c``."""
    return _parse(text, PsChildren)


def parse_threads(text: str) -> PsThreads:
    """The output of ``ps -g``."""
    return _parse(text, PsThreads)


def _parse(text: str, make: Callable[..., Output]) -> Output:
    found = answer(text, "ps")
    families: list[list[TaskLine]] = [[]]
    rest: list[Line] = []
    for line in found.lines:
        bare = unquote(line.text)
        task = task_line(line._replace(text=bare))
        if task:
            families[-1].append(task)
        elif not bare.strip():
            families.append([])
        elif not (families[-1] and _NONE.match(bare)):
            rest.append(line)
    return make(
        families=tuple(
            Family(line=tasks[0].line, span=(tasks[0].span[0], tasks[-1].span[1]), tasks=tuple(tasks))
            for tasks in families
            if tasks
        ),
        remarks=found.remarks,
        unread=tuple(unread(rest)),
    )
