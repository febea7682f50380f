# SPDX-License-Identifier: Apache-2.0
"""Run queues: ``runq`` and ``-d`` (tasks), ``-g`` (by task group), ``-t`` (clocks), ``-T`` (lag), ``-m`` (time run).

Source of the formats: task.c:dump_CFS_runqueues, task.c:dump_runqueues, task.c:dump_RT_prio_array,
task.c:dump_tasks_by_task_group, task.c:dump_on_rq_timestamp, task.c:dump_on_rq_lag, task.c:dump_on_rq_milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.runq_times import parse_clocks, parse_lag, parse_running
from xcrash.parse.sections import extent, sections
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_CPU = re.compile(r"\s*CPU ([0-9]{1,6})(?: +RUNQUEUE: ([0-9a-f]{6,16})| +(\[OFFLINE\]))?\s*$")
_TASK = re.compile(
    r"\s*(?:\[ *([0-9]{1,4})\] +)?(CURRENT: +)?PID: *([0-9]{1,10}) +TASK: *([0-9a-f]{6,16})"
    r"(?: +CPU: *[0-9-]{1,6})?(?: +COMMAND: \"(.*)\")?( +\[CURRENT\])?\s*$"
)
_QUEUE = re.compile(r"\s*([A-Z][A-Z_ ]{0,31}): ([0-9a-f]{6,16})\s*$")
_GROUP = re.compile(
    r"\s*(?:\[ *([0-9]{1,4})\] +)?(?:(ROOT|INIT)_)?TASK_GROUP: ([0-9a-f]{6,16}) +(RT|CFS|DL)_RQ: ([0-9a-f]{6,16})"
    r"(?: +<(.*)>)?( +\(THROTTLED\))?\s*$"
)
_EMPTY = "[no tasks queued]"
_LONGEST = 400


class RunqTask(msgspec.Struct, frozen=True, kw_only=True):
    """One task with its priority (0 to 139), which crash prints once for the tasks of equal priority in an array."""

    line: int
    span: Span
    prio: int | None
    pid: int
    task: str
    command: str | None
    current: bool = False


class RunqQueue(msgspec.Struct, frozen=True, kw_only=True):
    """One queue of a CPU (``RT PRIO_ARRAY``, ``CFS RB_ROOT``, ``ACTIVE PRIO_ARRAY`` ...) and the tasks in it."""

    line: int
    span: Span
    name: str
    address: str
    tasks: tuple[RunqTask, ...]


class RunqGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One task group on a CPU, with the tasks directly in it; ``level`` 0 is the root group.

    ``queue`` is the scheduling class (RT, CFS), ``rq`` the rt_rq or cfs_rq of the group, ``parent`` the group around
    it, ``prio`` the priority at which a real-time group is queued.
    """

    line: int
    span: Span
    level: int
    task_group: str
    parent: str | None
    queue: str
    rq: str
    name: str | None
    prio: int | None
    throttled: bool
    tasks: tuple[RunqTask, ...]


class RunqCpu(msgspec.Struct, frozen=True, kw_only=True):
    """One CPU; ``tasks`` are those that are in no queue and no group of the answer (``-d``)."""

    line: int
    span: Span
    cpu: int
    runqueue: str | None
    offline: bool
    current: RunqTask | None
    queues: tuple[RunqQueue, ...] = ()
    groups: tuple[RunqGroup, ...] = ()
    tasks: tuple[RunqTask, ...] = ()


class Runq(CommandOutput, frozen=True, kw_only=True, tag="runq"):
    """The CPUs of the answer."""

    cpus: tuple[RunqCpu, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``runq ARGUMENTS``."""
    letters = {letter for word in arguments if word.startswith("-") for letter in word[1:2]}
    chosen = {"t": parse_clocks, "T": parse_lag, "m": parse_running}
    return next((found for letter, found in chosen.items() if letter in letters), parse)


def parse(text: str) -> Runq:
    """The CPUs with their queues, groups and tasks."""
    said = answer(text, "runq")
    cpus, left = [], []
    for head, place, lines in sections(said.lines, _cpu):
        if head is None:
            left += lines
            continue
        cpu = _Cpu()
        rest = [line for line in lines if not cpu.take(line)]
        left += rest
        place = extent(place, lines, rest)
        cpus.append(
            RunqCpu(
                line=place.line,
                span=place.span,
                cpu=int(head[1]),
                runqueue=f"0x{head[2]}" if head[2] else None,
                offline=bool(head[3]),
                current=cpu.current,
                queues=tuple(msgspec.structs.replace(queue, tasks=tuple(tasks)) for queue, tasks in cpu.queues),
                groups=tuple(msgspec.structs.replace(group, tasks=tuple(tasks)) for group, tasks in cpu.groups),
                tasks=tuple(cpu.tasks),
            )
        )
    return Runq(cpus=tuple(cpus), remarks=said.remarks, unread=tuple(unread(left)))


def _cpu(line: Line) -> re.Match[str] | None:
    return _CPU.match(line.text) if "CPU" in line.text[:64] and len(line.text) < _LONGEST else None


class _Cpu:
    """What was read of one CPU so far; indentation says which group a line belongs to."""

    def __init__(self) -> None:
        self.current: RunqTask | None = None
        self.queues: list[tuple[RunqQueue, list[RunqTask]]] = []
        self.groups: list[tuple[RunqGroup, list[RunqTask]]] = []
        self.tasks: list[RunqTask] = []
        self._open: list[tuple[int, RunqGroup, list[RunqTask]]] = []
        self._last: list[RunqTask] = self.tasks
        self._prio: int | None = None

    def take(self, line: Line) -> bool:
        """Add what a line says; False if it says nothing known."""
        if len(line.text) >= _LONGEST:
            return False
        text = line.text.expandtabs()
        if text.strip() == _EMPTY:
            return True
        indent = len(text) - len(text.lstrip())
        return self._task(line, indent) or self._group(line, indent) or self._queue(line)

    def _task(self, line: Line, indent: int) -> bool:
        found = _TASK.match(line.text)
        if not found:
            return False
        running = bool(found[2])
        if not running:
            while self._open and indent <= self._open[-1][0]:
                self._close()
            self._prio = int(found[1]) if found[1] else self._prio
        task = RunqTask(
            line=line.number,
            span=(line.start, line.end),
            prio=None if running else self._prio,
            pid=int(found[3]),
            task=f"0x{found[4]}",
            command=found[5],
            current=running or bool(found[6]),
        )
        if running:
            self.current = task
        else:
            self._last.append(task)
        return True

    def _group(self, line: Line, indent: int) -> bool:
        found = _GROUP.match(line.text)
        if not found:
            return False
        while self._open and indent <= self._open[-1][0]:
            self._close()
        group = RunqGroup(
            line=line.number,
            span=(line.start, line.end),
            level=len(self._open),
            task_group=f"0x{found[3]}",
            parent=self._open[-1][1].task_group if self._open else None,
            queue=found[4],
            rq=f"0x{found[5]}",
            name=found[6],
            prio=int(found[1]) if found[1] else None,
            throttled=bool(found[7]),
            tasks=(),
        )
        self._last, self._prio = [], None
        self.groups.append((group, self._last))
        self._open.append((indent, group, self._last))
        return True

    def _close(self) -> None:
        self._open.pop()
        self._last, self._prio = self._open[-1][2] if self._open else self.tasks, None

    def _queue(self, line: Line) -> bool:
        found = _QUEUE.match(line.text)
        if not found:
            return False
        queue = RunqQueue(
            line=line.number, span=(line.start, line.end), name=found[1], address=f"0x{found[2]}", tasks=()
        )
        self._open, self._last, self._prio = [], [], None
        self.queues.append((queue, self._last))
        return True
