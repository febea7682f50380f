# SPDX-License-Identifier: Apache-2.0
"""``ps -t``, ``ps -a`` and ``ps -r``: the times, the arguments or the limits of each task.

Source of the format: task.c:show_task_times, task.c:show_task_args, task.c:show_tgid_list, task.c:show_task_rlimit.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.number import decimal
from xcrash.parse.sections import by_task, extent
from xcrash.parse.task_line import TaskLine
from xcrash.parse.text import Line, unquote
from xcrash.parse.value import CommandOutput, Remark, Span

_RUN_TIME = re.compile(r"\s*RUN TIME: *(?:([0-9]{1,9}) days?, +)?([0-9]{1,9}):([0-9]{2}):([0-9]{2})\s*$")
_COUNT = re.compile(r"\s*(START TIME|UTIME|STIME|USER TIME|SYSTEM TIME): *([0-9]{1,20})\s*$")
_COUNTS = {"USER TIME": "utime", "SYSTEM TIME": "stime"}
_ARGUMENTS = re.compile(r"\s*ARG: ?(.*)")
_ENVIRONMENT = re.compile(r"\s*ENV: ?(.*)")
_NO_ARGUMENTS = re.compile(r"\s*\(no user stack\)\s*$")
_LIMITS = re.compile(r"\s*RLIMIT +CURRENT +MAXIMUM\s*$")
_LIMIT = re.compile(r"\s*([A-Z]{2,12}) +([0-9]{1,20}|\(unlimited\)) +([0-9]{1,20}|\(unlimited\))\s*$")
_UNLIMITED: Literal["unlimited"] = "unlimited"

Limit = int | Literal["unlimited"]


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """``run_time`` is seconds; the others are as the kernel counts: nanoseconds or jiffies."""

    line: int
    span: Span
    task: TaskLine | None
    run_time: int | None = None
    start_time: int | None = None
    utime: int | None = None
    stime: int | None = None


class Arguments(msgspec.Struct, frozen=True, kw_only=True):
    """``arg`` joined by blanks, ``env`` a variable each; None without a user stack, as kernel threads are."""

    line: int
    span: Span
    task: TaskLine | None
    arg: str | None = None
    env: tuple[str, ...] | None = None


class ResourceLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One row; what is limited and how it is counted says getrlimit(2), ``rlimit`` is its name without RLIMIT_."""

    line: int
    span: Span
    rlimit: str
    current: Limit
    maximum: Limit


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one task."""

    line: int
    span: Span
    task: TaskLine | None
    limits: tuple[ResourceLimit, ...]


class PsTimes(CommandOutput, frozen=True, kw_only=True, tag="ps-t"):
    """The times of each task that was asked for."""

    tasks: tuple[Times, ...]


class PsArguments(CommandOutput, frozen=True, kw_only=True, tag="ps-a"):
    """The arguments and the environment of each task that was asked for."""

    tasks: tuple[Arguments, ...]


class PsLimits(CommandOutput, frozen=True, kw_only=True, tag="ps-r"):
    """The resource limits of each task that was asked for."""

    tasks: tuple[Limits, ...]


def parse_times(text: str) -> PsTimes:
    """The output of ``ps -t``."""
    lines, remarks = _bare(text)
    tasks: list[Times] = []
    rest: list[Line] = []
    for task, place, body in by_task(lines):
        left: list[Line] = []
        values: dict[str, int] = {}
        for line in body:
            time, counted = _RUN_TIME.match(line.text), _COUNT.match(line.text)
            if time:
                days, hours, minutes, seconds = (int(part or 0) for part in time.groups())
                values["run_time"] = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
            elif counted:
                values[_COUNTS.get(counted[1], counted[1].lower().replace(" ", "_"))] = int(counted[2])
            else:
                left.append(line)
        if task or values:
            tasks.append(Times(line=place.line, span=extent(place, body, left).span, task=task, **values))
        rest += left
    return PsTimes(tasks=tuple(tasks), remarks=remarks, unread=tuple(unread(rest)))


def parse_arguments(text: str) -> PsArguments:
    """The output of ``ps -a``."""
    lines, remarks = _bare(text)
    tasks: list[Arguments] = []
    rest: list[Line] = []
    for task, place, body in by_task(lines):
        left: list[Line] = []
        argument: str | None = None
        environment: list[str] | None = None
        for line in body:
            arguments, variable = _ARGUMENTS.match(line.text), _ENVIRONMENT.match(line.text)
            if arguments and argument is None:
                argument = arguments[1].rstrip()
            elif variable and environment is None:
                environment = [variable[1]] if variable[1] else []
            elif environment is not None and line.text.startswith((" ", "\t")):
                environment.append(line.text.strip())
            elif not _NO_ARGUMENTS.match(line.text):
                left.append(line)
        if task or argument is not None or environment is not None:
            env = tuple(environment) if environment is not None else None
            span = extent(place, body, left).span
            tasks.append(Arguments(line=place.line, span=span, task=task, arg=argument, env=env))
        rest += left
    return PsArguments(tasks=tuple(tasks), remarks=remarks, unread=tuple(unread(rest)))


def parse_limits(text: str) -> PsLimits:
    """The output of ``ps -r``."""
    lines, remarks = _bare(text)
    tasks: list[Limits] = []
    rest: list[Line] = []
    for task, place, body in by_task(lines):
        left: list[Line] = []
        limits = []
        for line in body:
            row = _LIMIT.match(line.text)
            if row:
                span = (line.start, line.end)
                current, maximum = _limit(row[2]), _limit(row[3])
                limits.append(
                    ResourceLimit(line=line.number, span=span, rlimit=row[1], current=current, maximum=maximum)
                )
            elif not _LIMITS.match(line.text):
                left.append(line)
        if task or limits:
            tasks.append(Limits(line=place.line, span=extent(place, body, left).span, task=task, limits=tuple(limits)))
        rest += left
    return PsLimits(tasks=tuple(tasks), remarks=remarks, unread=tuple(unread(rest)))


def _bare(text: str) -> tuple[list[Line], tuple[Remark, ...]]:
    """The lines without quoting, and the remarks."""
    found = answer(text, "ps")
    return [line._replace(text=unquote(line.text)) for line in found.lines], found.remarks


def _limit(word: str) -> Limit:
    number = decimal(word)
    return _UNLIMITED if number is None else number
