# SPDX-License-Identifier: Apache-2.0
"""The family tree of a task list: who was started by whom, as rows that can be folded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from xcrash.parse.ps import Task

_DEEPEST = 24
"""Levels that are drawn; what is deeper stands at the last of them, with its depth."""


_UNDER = {"": "", "├─": "│ ", "└─": "  "}


def key_of(task: Task) -> str:
    """What tells a task from all others, also in the next answer: its address; its PID in a text without one."""
    return task.task or f"PID {task.pid}"


class TreeRow(NamedTuple):
    """A task in the tree: ``branch`` are the signs in front of its name, ``below`` counts all its descendants."""

    task: Task
    branch: str
    depth: int
    below: int
    folded: bool


class Forest:
    """Tasks under their parents.

    A task whose parent is not in the list, or that would be its own ancestor, is a root. PID 0 is a task for each CPU:
    the children of PID 0 hang below the first of them.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tasks
        places: dict[int, int] = {}
        for at, task in enumerate(tasks):
            if task.pid is not None:
                places.setdefault(task.pid, at)
        self._children: list[list[int]] = [[] for _ in tasks]
        self._roots: list[int] = []
        for at, task in enumerate(tasks):
            parent = places.get(task.ppid) if task.ppid is not None and task.pid else None
            if parent is None or parent == at:
                self._roots.append(at)
            else:
                self._children[parent].append(at)
        self._below = self._count()

    def _count(self) -> list[int]:
        """The descendants of each task; a ring of parents is cut open at its first task, which becomes a root."""
        below = [0] * len(self._tasks)
        seen = [False] * len(self._tasks)
        for root in self._roots:
            self._count_from(root, seen, below)
        for at in range(len(self._tasks)):
            if not seen[at]:
                self._roots.append(at)
                self._count_from(at, seen, below)
        return below

    def _count_from(self, root: int, seen: list[bool], below: list[int]) -> None:
        order, parents, stack = [root], {}, [root]
        seen[root] = True
        while stack:
            at = stack.pop()
            fresh = [child for child in self._children[at] if not seen[child]]
            self._children[at] = fresh
            for child in fresh:
                seen[child] = True
                parents[child] = at
                order.append(child)
                stack.append(child)
        for at in reversed(order):
            if at in parents:
                below[parents[at]] += below[at] + 1

    def rows(self, folded: Collection[str] = ()) -> list[TreeRow]:
        """The rows from the roots down, in the order of the list; what is below a key of ``folded`` is left out."""
        rows: list[TreeRow] = []
        stack = [(at, "", "", 0) for at in reversed(self._roots)]
        while stack:
            at, lead, sign, depth = stack.pop()
            task, children = self._tasks[at], self._children[at]
            hidden = bool(children) and bool(folded) and key_of(task) in folded
            rows.append(TreeRow(task, lead + sign, depth, self._below[at], hidden))
            if hidden or not children:
                continue
            inner = lead if depth >= _DEEPEST else lead + _UNDER[sign]
            last = len(children) - 1
            for number in range(last, -1, -1):
                stack.append((children[number], inner, "└─" if number == last else "├─", depth + 1))
        return rows

    def parents(self) -> set[str]:
        """The keys of every task that has children."""
        return {key_of(task) for task, children in zip(self._tasks, self._children, strict=True) if children}
