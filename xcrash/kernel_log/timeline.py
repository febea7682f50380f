# SPDX-License-Identifier: Apache-2.0
"""Xen's console and the log of Dom0 as one: each keeps its order, and no line gets a time that nobody knows.

Source of how the clocks relate: arch/x86/xen/time.c:xen_sched_clock, kernel/sched/clock.c:__set_sched_clock_stable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from xcrash.kernel_log.clock import Clock
from xcrash.kernel_log.lines import DateSeconds, Entry, LogLines, entries, read_entries
from xcrash.kernel_log.xen import ConsoleRecord, before_dom0, console_records
from xcrash.output.search import Stop, never
from xcrash.parse.log.records import Log, Record

OFFSETS = ("p xen_sched_clock_offset", "p __sched_clock_offset")
"""What to ask Dom0's view: when, in nanoseconds of Xen's clock, it began to count, and what it added to that later."""
_MOST = 10**18
"""Nanoseconds: more is no offset of a clock."""
_LOOKED_AT = 4000
_STABLE = re.compile(r"sched_clock: Marking stable \(-?\d{1,19}, -?\d{1,19}\)->\((\d{1,19}), -?\d{1,19}\)")


class Clocks(NamedTuple):
    """How Xen's stamps relate to Dom0's, in seconds; None: not known.

    Dom0 counts from ``ahead`` on Xen's clock. At first it may count by ticks and lose some; once it has marked its
    clock stable, ``stable`` seconds after ``ahead``, it is ``lost`` behind for good (kernel/sched/clock.c). ``dom0`` is
    its clock of dates.
    """

    ahead: float | None = None
    lost: float = 0.0
    stable: float | None = None
    dom0: Clock = Clock()


class Timeline(NamedTuple):
    """Both logs as one: ``timed`` lines of the console have a time; ``note`` says what to know of them."""

    entries: Iterable[Entry]
    timed: int
    note: str


def clocks_of(offsets: Sequence[object], log: Iterable[Record], dom0: Clock) -> Clocks:
    """The clocks, of the values of both ``OFFSETS`` and of what the log says of its own clock."""
    began, added = (_seconds(value) for value in offsets)
    if began is None or began <= 0 or added is None:
        return Clocks(dom0=dom0)
    told = (_STABLE.match(record.text) for record in islice(log, _LOOKED_AT))
    stable = next((int(found[1]) / 1e9 for found in told if found), None)
    return Clocks(began, -added, stable, dom0)


def _seconds(nanoseconds: object) -> float | None:
    """Seconds of a number that gdb may have printed without its sign; None for what is no offset."""
    if not isinstance(nanoseconds, int) or isinstance(nanoseconds, bool):
        return None
    signed = nanoseconds - (1 << 64) if nanoseconds >= 1 << 63 else nanoseconds
    return signed / 1e9 if abs(signed) < _MOST else None


def alone(console: Iterable[ConsoleRecord]) -> tuple[list[Entry], Clock]:
    """The console by itself: seconds since Xen began; of dates, since the first one."""
    lines = list(console)
    first = next((one.date for one in lines if one.date), None)
    clock = Clock(first, "UTC", source="as Xen's console has it") if first else Clock(why="Xen's console has no dates")
    seconds = _by_date(clock) if first else lambda one: one.seconds
    times = [seconds(one) for one in lines]
    return [Entry(one.shown(time), time, "xen") for one, time in zip(lines, times, strict=True)], clock


def merged(kernel: Iterable[Entry], console: Iterable[ConsoleRecord], clocks: Clocks) -> Timeline:
    """Dom0's log with the console's lines where they belong, in seconds since Dom0 began.

    A line without a time stays behind the one before it in its own log. Where no time of the console can be told, what
    Xen wrote before it began Dom0 stands first, and the rest at the end.
    """
    lines = list(console)
    seconds = _in_dom0(clocks)
    times = [seconds(one) for one in lines]
    timed = sum(one is not None for one in times)
    beside = [Entry(one.shown(time), time, "xen") for one, time in zip(lines, times, strict=True)]
    if not timed:
        first = before_dom0(lines)
        why = f"(XEN) lines have no time: {_why(lines, clocks)}"
        return Timeline(_around(beside[:first], kernel, beside[first:]), 0, f"{why}; {_where(first, len(lines))}")
    return Timeline(_woven(kernel, beside), timed, _doubt(lines, times, clocks))


def read_merged(
    log: Log,
    clock: Clock,
    beside: tuple[Sequence[Record], Sequence[object]],
    stop: Stop = never,
    tell: Callable[[int], None] | None = None,
) -> LogLines | None:
    """``read_lines`` of Dom0's log and, ``beside`` it, the records of Xen's console and the values of ``OFFSETS``."""
    seconds_of = DateSeconds(clock)
    records, offsets = beside
    clocks = clocks_of(offsets, log.records, clock)
    told = merged(entries(log, seconds_of), console_records(records), clocks)
    lines = read_entries(told.entries, clock, stop, tell)
    if lines is not None:
        lines.dated, lines.clock, lines.note = seconds_of.used, seconds_of.clock, told.note
    return lines


def _doubt(lines: Sequence[ConsoleRecord], times: Sequence[float | None], clocks: Clocks) -> str:
    """What to know of the times of the console."""
    if clocks.ahead is None or not any(one.seconds is not None for one in lines):
        return "(XEN) lines are placed by date, to a second or two"
    until = 0.0 if clocks.stable is None else clocks.stable - clocks.lost
    if clocks.lost and any(time is not None and 0 < time <= until for time in times):
        off = f"up to {abs(clocks.lost):.2f} s off"
        return f"(XEN) lines from 0 to {until:.1f} s are {off}: Dom0's clock was not stable before"
    return ""


def _why(lines: Sequence[ConsoleRecord], clocks: Clocks) -> str:
    if any(one.seconds is not None for one in lines):
        return "by how much Xen's clock is ahead of Dom0's is not known"
    if any(one.date is not None for one in lines):
        return clocks.dom0.why or f"the time zone of Dom0's dates ({clocks.dom0.zone or 'not told'}) is not UTC"
    return "Xen ran without console_timestamps=boot"


def _where(first: int, count: int) -> str:
    if not first:
        return "they stand at the end, in their order"
    return "those from before Dom0 stand first" + ("" if first == count else ", all others at the end")


def _in_dom0(clocks: Clocks) -> Callable[[ConsoleRecord], float | None]:
    """What tells when a line was on Dom0's clock."""
    dated = _by_date(clocks.dom0) if clocks.dom0.boot and clocks.dom0.zone in ("UTC", "GMT") else lambda _: None

    def seconds(one: ConsoleRecord) -> float | None:
        if one.seconds is None:
            return dated(one)
        if clocks.ahead is None:
            return None
        since, stable = one.seconds - clocks.ahead, clocks.stable
        if since <= 0:
            return since
        return since - clocks.lost if stable is None or since >= stable else min(since, stable - clocks.lost)

    return seconds


def _by_date(clock: Clock) -> Callable[[ConsoleRecord], float | None]:
    return lambda one: (one.date - clock.boot).total_seconds() if one.date and clock.boot else None


def _around(first: Iterable[Entry], kernel: Iterable[Entry], last: Iterable[Entry]) -> Iterator[Entry]:
    yield from first
    yield from kernel
    yield from last


def _woven(kernel: Iterable[Entry], beside: Iterable[Entry]) -> Iterator[Entry]:
    """By time, the console first of equals; a log that runs backwards keeps its order all the same."""
    left, right = _placed(kernel), _placed(beside)
    one, other = next(left, None), next(right, None)
    while one and other:
        if other[0] <= one[0]:
            yield other[1]
            other = next(right, None)
        else:
            yield one[1]
            one = next(left, None)
    for rest, waiting in ((left, one), (right, other)):
        if waiting:
            yield waiting[1]
        for _, entry in rest:
            yield entry


def _placed(found: Iterable[Entry]) -> Iterator[tuple[float, Entry]]:
    """Entries with the time at which they stand: their own, or that of the line before; never earlier than that.

    Those before the first time stand right in front of it.
    """
    waiting: list[Entry] | None = []
    at = -math.inf
    for entry in found:
        if entry.seconds is None:
            if waiting is None:
                yield at, entry
            else:
                waiting.append(entry)
            continue
        at = max(at, entry.seconds)
        for early in waiting or ():
            yield at, early
        waiting = None
        yield at, entry
    for early in waiting or ():
        yield at, early
