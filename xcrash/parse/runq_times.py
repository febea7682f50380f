# SPDX-License-Identifier: Apache-2.0
"""Times of run queues: ``runq -t``, ``runq -T``, ``runq -m``.

Source of the formats: task.c:dump_on_rq_timestamp, task.c:dump_on_rq_lag, task.c:dump_on_rq_milliseconds,
tools.c:convert_time.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Remark, Span

_CLOCK = re.compile(r"\s*CPU +([0-9]{1,6}): +(?:([0-9a-f]{1,20})|(\[OFFLINE\]))\s*$")
_LAST = re.compile(r"\s*([0-9a-f]{1,20}) +PID: *([0-9]{1,10}) +TASK: *([0-9a-f]{6,16})(?: +COMMAND: \"(.*)\")?\s*$")
_LAG = re.compile(r"\s*CPU +([0-9]{1,6}): +(?:([0-9]{1,12}\.[0-9]{1,6}) secs|(\[OFFLINE\]))\s*$")
_RUN = re.compile(
    r"\s*CPU +([0-9]{1,6}): +(?:\[ *([0-9]{1,9}) ([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})\] +PID: *([0-9]{1,10})"
    r" +TASK: *([0-9a-f]{6,16})(?: +COMMAND: \"(.*)\")?|\[OFFLINE\])\s*$"
)
_LONGEST = 400


class RunqClock(msgspec.Struct, frozen=True, kw_only=True):
    """A CPU's run queue clock and when its active task began to run, in the unit of that clock: nanoseconds in CFS."""

    line: int
    span: Span
    cpu: int
    offline: bool
    timestamp: int | None
    last_run: int | None = None
    pid: int | None = None
    task: str | None = None
    command: str | None = None


class RunqClocks(CommandOutput, frozen=True, kw_only=True, tag="runq-t"):
    """The clocks of the run queues; crash prints them in hexadecimal after ``hex``."""

    cpus: tuple[RunqClock, ...]


class RunqLag(msgspec.Struct, frozen=True, kw_only=True):
    """How many seconds a CPU's clock is behind the most recent one."""

    line: int
    span: Span
    cpu: int
    offline: bool
    lag: float | None


class RunqLags(CommandOutput, frozen=True, kw_only=True, tag="runq-lag"):
    """The lag of every CPU (``runq -T``), the largest last."""

    cpus: tuple[RunqLag, ...]


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """For how many seconds the active task of a CPU has been running."""

    line: int
    span: Span
    cpu: int
    seconds: float | None
    pid: int | None
    task: str | None
    command: str | None


class RunqRunning(CommandOutput, frozen=True, kw_only=True, tag="runq-m"):
    """The active task of every CPU with its time."""

    cpus: tuple[Running, ...]


def parse_clocks(text: str) -> RunqClocks:
    """The answer to ``runq -t``: a clock, then in the next line the time of the active task."""
    said = answer(text, "runq")
    cpus: list[tuple[Line, re.Match[str], Line, re.Match[str] | None]] = []
    left: list[Line] = []
    for line in said.lines:
        short = len(line.text) < _LONGEST
        clock = _CLOCK.match(line.text) if short else None
        last = _LAST.match(line.text) if short and cpus and not cpus[-1][3] else None
        if clock:
            cpus.append((line, clock, line, None))
        elif last:
            cpus[-1] = (*cpus[-1][:2], line, last)
        else:
            left.append(line)
    words = [found[number] or "" for _, clock, _, last in cpus for found, number in ((clock, 2), (last, 1)) if found]
    base = 16 if any(not word.isdigit() for word in words if word) else 10
    return RunqClocks(cpus=tuple(_clock(*cpu, base) for cpu in cpus), remarks=said.remarks, unread=tuple(unread(left)))


def parse_lag(text: str) -> RunqLags:
    """The answer to ``runq -T``."""
    found, remarks, left = _matches(text, _LAG)
    return RunqLags(
        cpus=tuple(
            RunqLag(
                line=line.number,
                span=(line.start, line.end),
                cpu=int(match[1]),
                offline=bool(match[3]),
                lag=float(match[2]) if match[2] else None,
            )
            for line, match in found
        ),
        remarks=remarks,
        unread=tuple(unread(left)),
    )


def parse_running(text: str) -> RunqRunning:
    """The answer to ``runq -m``."""
    found, remarks, left = _matches(text, _RUN)
    return RunqRunning(
        cpus=tuple(
            Running(
                line=line.number,
                span=(line.start, line.end),
                cpu=int(match[1]),
                seconds=_seconds(match),
                pid=int(match[7]) if match[7] else None,
                task=f"0x{match[8]}" if match[8] else None,
                command=match[9],
            )
            for line, match in found
        ),
        remarks=remarks,
        unread=tuple(unread(left)),
    )


def _matches(
    text: str, shape: re.Pattern[str]
) -> tuple[list[tuple[Line, re.Match[str]]], tuple[Remark, ...], list[Line]]:
    """The lines of an answer that have a shape, the remarks, the other lines."""
    said = answer(text, "runq")
    found, left = [], []
    for line in said.lines:
        match = shape.match(line.text) if len(line.text) < _LONGEST else None
        if match:
            found.append((line, match))
        else:
            left.append(line)
    return found, said.remarks, left


def _seconds(found: re.Match[str]) -> float | None:
    if not found[2]:
        return None
    days, hours, minutes, seconds, thousandths = (int(found[number]) for number in range(2, 7))
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) + thousandths / 1000


def _clock(line: Line, clock: re.Match[str], end: Line, last: re.Match[str] | None, base: int) -> RunqClock:
    return RunqClock(
        line=line.number,
        span=(line.start, end.end),
        cpu=int(clock[1]),
        offline=bool(clock[3]),
        timestamp=_number(clock[2], base),
        last_run=_number(last[1], base) if last else None,
        pid=int(last[2]) if last else None,
        task=f"0x{last[3]}" if last else None,
        command=last[4] if last else None,
    )


def _number(word: str | None, base: int) -> int | None:
    """A clock of 64 bits; a longer one is none."""
    if not word:
        return None
    value = int(word, base)
    return value if value < 1 << 64 else None
