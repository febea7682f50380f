# SPDX-License-Identifier: Apache-2.0
"""High-resolution timers: ``timer -r``. All times are nanoseconds, exact: a float of seconds could not hold them.

Source of the format: kernel.c:dump_hrtimer_data, kernel.c:dump_hrtimer_clock_base, kernel.c:dump_active_timers.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.function import Function, function
from xcrash.parse.rows import Table, integer, pointer
from xcrash.parse.sections import extent, sections
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_CPU = re.compile(r"\s*CPU: ([0-9]{1,6})(?: +(?:HRTIMER_CPU_BASE: ([0-9a-f]{6,16})|(\[OFFLINE\])))?\s*$")
_CLOCK = re.compile(r"\s*CLOCK: ([0-9]{1,4}) +HRTIMER_(?:CLOCK_)?BASE: ([0-9a-f]{6,16})(?: +\[([^\[\]]{1,64})\])?\s*$")
_NANOSECONDS = re.compile(r"\s*([0-9]{1,20})\s*$")
_LONGEST = 400


class Hrtimer(msgspec.Struct, frozen=True, kw_only=True):
    """One timer: it may fire from ``softexpires_ns`` and does by ``expires_ns``, ``tte_ns`` from now.

    Kernels before 2.6.28 have no soft expiry, crash before 7.2.7 prints no ``tte_ns``.
    """

    line: int
    span: Span
    softexpires_ns: int | None = None
    expires_ns: int | None = None
    tte_ns: int | None = None
    hrtimer: str | None
    function: Function | None = None


class HrtimerClock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of a CPU with its timers; ``get_time`` is the function that reads it, ``current_ns`` what it says."""

    line: int
    span: Span
    clock: int
    hrtimer_clock_base: str
    get_time: str | None
    current_ns: int | None
    timers: tuple[Hrtimer, ...]


class HrtimerCpu(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks of one CPU."""

    line: int
    span: Span
    cpu: int
    hrtimer_cpu_base: str | None
    offline: bool
    clocks: tuple[HrtimerClock, ...]


class Hrtimers(CommandOutput, frozen=True, kw_only=True, tag="timer-r"):
    """The high-resolution timers of every CPU."""

    cpus: tuple[HrtimerCpu, ...]


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    span: Span
    soft: int | None = None
    expires: tuple[int | None, int | None]
    tte: int | None = None
    hrtimer: str | None
    function: Function | None = None


def _expires(word: str) -> tuple[int | None, int | None]:
    """One time, or a soft and a hard one: ``1000-1050``."""
    soft, dash, hard = word.partition("-")
    return (integer(soft), integer(hard)) if dash and soft else (None, integer(word))


_ROWS = Table(
    _Row,
    {
        "SOFTEXPIRES": ("soft", integer),
        "EXPIRES": ("expires", _expires),
        "TTE": ("tte", integer),
        "HRTIMER": ("hrtimer", pointer),
        "FUNCTION": ("function", function),
    },
)


def parse_hrtimers(text: str) -> Hrtimers:
    """The answer to ``timer -r``."""
    said = answer(text, "timer")
    cpus, left = [], []
    for cpu, place, lines in sections(said.lines, _cpu):
        clocks, rest = _clocks(lines) if cpu else ((), lines)
        left += rest
        place = extent(place, lines, rest)
        if cpu:
            cpus.append(
                HrtimerCpu(
                    line=place.line,
                    span=place.span,
                    cpu=int(cpu[1]),
                    hrtimer_cpu_base=f"0x{cpu[2]}" if cpu[2] else None,
                    offline=bool(cpu[3]),
                    clocks=clocks,
                )
            )
    return Hrtimers(cpus=tuple(cpus), remarks=said.remarks, unread=tuple(unread(left)))


def _clocks(lines: list[Line]) -> tuple[tuple[HrtimerClock, ...], list[Line]]:
    clocks, left = [], []
    for clock, place, body in sections(lines, _clock):
        if clock is None:
            left += body
            continue
        current, rest = _current(body)
        rows, rest = _ROWS.read(rest)
        rest = [line for line in rest if line.text.strip() != "(empty)"]
        left += rest
        place = extent(place, body, rest)
        clocks.append(
            HrtimerClock(
                line=place.line,
                span=place.span,
                clock=int(clock[1]),
                hrtimer_clock_base=f"0x{clock[2]}",
                get_time=clock[3],
                current_ns=current,
                timers=tuple(map(_timer, rows)),
            )
        )
    return tuple(clocks), left


def _current(lines: list[Line]) -> tuple[int | None, list[Line]]:
    """The time below the word CURRENT, and the other lines."""
    for at, line in enumerate(lines[:-1]):
        found = _NANOSECONDS.match(lines[at + 1].text[:_LONGEST]) if line.text.strip() == "CURRENT" else None
        if found and int(found[1]) < 1 << 64:
            return int(found[1]), lines[:at] + lines[at + 2 :]
    return None, lines


def _timer(row: _Row) -> Hrtimer:
    soft, hard = row.expires
    return Hrtimer(
        line=row.line,
        span=row.span,
        softexpires_ns=soft if soft is not None else row.soft,
        expires_ns=hard,
        tte_ns=row.tte,
        hrtimer=row.hrtimer,
        function=row.function,
    )


def _cpu(line: Line) -> re.Match[str] | None:
    return _CPU.match(line.text) if "CPU: " in line.text[:64] and len(line.text) < _LONGEST else None


def _clock(line: Line) -> re.Match[str] | None:
    return _CLOCK.match(line.text) if "CLOCK: " in line.text[:64] and len(line.text) < _LONGEST else None
