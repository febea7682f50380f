# SPDX-License-Identifier: Apache-2.0
"""The line that names a task, above what a command says of it (``bt``, ``files``, ``vm``, ``sig``, ``foreach`` ...).

Source of the format: task.c:print_task_header: ``PID: 1  TASK: ffff...  CPU: 0  COMMAND: "init"``.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.text import Line
from xcrash.parse.value import Span, address

_TASK_LINE = re.compile(
    r"[\s>|]*PID: *(?P<pid>-?[0-9]{1,10}) +TASK: *(?P<task>[0-9a-fA-FxX]{6,18})"
    r" +CPU(?:/NUMA)?: *(?P<cpu>-|[0-9]{1,6})(?:/[0-9-]{1,6})?"
    r"(?: +COMMAND: *\"(?P<command>.*)\")?\s*$"
)


class TaskLine(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the lines below are about; ``cpu`` is None where crash prints ``-``."""

    line: int
    span: Span
    pid: int
    task: str | None
    cpu: int | None
    command: str | None


def task_line(line: Line) -> TaskLine | None:
    """The task that a line names; None for any other line."""
    found = _TASK_LINE.match(line.text) if "PID: " in line.text and len(line.text) < 400 else None
    if not found:
        return None
    return TaskLine(
        line=line.number,
        span=(line.start, line.end),
        pid=int(found["pid"]),
        task=address(found["task"]),
        cpu=int(found["cpu"]) if found["cpu"] != "-" else None,
        command=found["command"],
    )
