# SPDX-License-Identifier: Apache-2.0
"""``ps -l`` and ``ps -m``: the tasks in the order in which they last ran.

Source of the format: task.c:show_last_run, task.c:show_milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.task_line import task_line
from xcrash.parse.text import Line, unquote
from xcrash.parse.value import CommandOutput, Span

_ROW = re.compile(
    r"\s*\[ *(?:(?P<days>[0-9]{1,9}) (?P<hours>[0-9]{1,9}):(?P<minutes>[0-9]{2}):(?P<seconds>[0-9]{2}\.[0-9]{1,9})"
    r"|(?P<last_run>[0-9]{1,20}))\] +\[(?P<st>[A-Z?]{2})\] +(?=PID:)"
)
_CPU = re.compile(r"\s*CPU: +[0-9]{1,6}(?: *\[OFFLINE\])?\s*$")


class LastRun(msgspec.Struct, frozen=True, kw_only=True):
    """A task and when it last ran: ``last_run`` as the kernel counts (mostly nanoseconds since boot), with ``-m``
    ``elapsed``, the seconds since then."""

    line: int
    span: Span
    st: str
    last_run: int | None = None
    elapsed: float | None = None
    pid: int
    task: str | None
    cpu: int | None
    command: str | None


class PsLastRun(CommandOutput, frozen=True, kw_only=True, tag="ps-l"):
    """The tasks, the last one that ran first; with ``-C`` for each CPU in turn."""

    tasks: tuple[LastRun, ...]


class PsElapsed(CommandOutput, frozen=True, kw_only=True, tag="ps-m"):
    """The tasks, the last one that ran first; with ``-C`` for each CPU in turn."""

    tasks: tuple[LastRun, ...]


Output = TypeVar("Output", PsLastRun, PsElapsed)


def parse_last_run(text: str) -> PsLastRun:
    """The output of ``ps -l``."""
    return _parse(text, PsLastRun)


def parse_elapsed(text: str) -> PsElapsed:
    """The output of ``ps -m``."""
    return _parse(text, PsElapsed)


def _parse(text: str, make: Callable[..., Output]) -> Output:
    found = answer(text, "ps")
    tasks: list[LastRun] = []
    rest: list[Line] = []
    for line in found.lines:
        bare = line._replace(text=unquote(line.text))
        task = _task(bare)
        if task:
            tasks.append(task)
        elif not _CPU.match(bare.text):
            rest.append(bare)
    return make(tasks=tuple(tasks), remarks=found.remarks, unread=tuple(unread(rest)))


def _task(line: Line) -> LastRun | None:
    found = _ROW.match(line.text)
    task = task_line(line._replace(text=line.text[found.end() :])) if found else None
    if not (found and task):
        return None
    days, hours, minutes, seconds = found.group("days", "hours", "minutes", "seconds")
    return LastRun(
        line=task.line,
        span=task.span,
        st=found["st"],
        last_run=int(found["last_run"]) if found["last_run"] else None,
        elapsed=round(((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(seconds), 9) if days else None,
        pid=task.pid,
        task=task.task,
        cpu=task.cpu,
        command=task.command,
    )
