# SPDX-License-Identifier: Apache-2.0
"""Timers: ``timer`` (the timer wheels); ``timer -r`` is in ``xcrash.parse.hrtimer``.

Source of the formats: kernel.c:dump_timer_data and its successors for timer_table, tvec_bases and timer_bases,
kernel.c:print_timer_list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.function import Function, function
from xcrash.parse.hrtimer import parse_hrtimers
from xcrash.parse.rows import Table, integer, unknown
from xcrash.parse.sections import extent, sections
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_BASE = re.compile(r"\s*(TIMER|TVEC)_BASES\[([0-9]{1,6})\](?:\[(\w{1,16})\])?: (?:([0-9a-f]{6,16})|(\[OFFLINE\]))\s*$")
_LIST = re.compile(r"([0-9a-f]{6,16})|(timer_table\[[0-9]{1,4}\])")
_JIFFIES = re.compile(r"\s*JIFFIES(?:: +([0-9]{1,20}))?\s*$")
_STALE = re.compile(r"\s*\(invalid/stale entry at ([0-9a-f]{6,16})\)\s*$")
_LONGEST = 400


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """One timer: ``expires`` and ``tte`` (time to expiry, negative if late) in jiffies; ``timer_list`` is its address.

    For a timer of the timer_table (2.0 kernels) ``timer_list`` is the entry of the table as printed.
    """

    line: int
    span: Span
    expires: int | None
    tte: int | None = None
    timer_list: str | None
    function: Function | None = None


class TimerBase(msgspec.Struct, frozen=True, kw_only=True):
    """The timers of one wheel: ``base`` is BASE_STD, BASE_DEF or the like where a CPU has more than one.

    Kernels before 2.6 have a single wheel without a CPU and an address. ``stale`` are entries crash could not follow.
    """

    line: int
    span: Span
    cpu: int | None
    base: str | None
    address: str | None
    offline: bool
    timers: tuple[Timer, ...]
    stale: tuple[str, ...] = ()


class Timers(CommandOutput, frozen=True, kw_only=True, tag="timer"):
    """The wheels, and ``jiffies`` as the kernel counts them."""

    jiffies: int | None
    bases: tuple[TimerBase, ...]


def _list(word: str) -> str | None:
    found = _LIST.fullmatch(word)
    if not found:
        unknown(word)
        return None
    return found[2] or f"0x{found[1]}"


_TIMERS = Table(
    Timer,
    {
        "EXPIRES": ("expires", integer),
        "TTE": ("tte", integer),
        "TIMER_LIST": ("timer_list", _list),
        "TIMER_LIST/TABLE": ("timer_list", _list),
        "FUNCTION": ("function", function),
    },
    "EXPIRES TTE TIMER_LIST FUNCTION",
)


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``timer ARGUMENTS``."""
    return parse_hrtimers if any(word.startswith("-") and "r" in word for word in arguments) else parse


def parse(text: str) -> Timers:
    """The wheels with their timers."""
    said = answer(text, "timer")
    jiffies, lines = _jiffies(said.lines)
    bases, left = [], []
    for base, place, body in sections(lines, _base):
        stale = [found for found in map(_stale, body) if found]
        timers, rest = _TIMERS.read(line for line in body if not _stale(line) and line.text.strip() != "(none)")
        left += rest
        place = extent(place, body, rest)
        if base or timers:
            bases.append(
                TimerBase(
                    line=place.line,
                    span=place.span,
                    cpu=int(base[2]) if base else None,
                    base=base[3] if base else None,
                    address=f"0x{base[4]}" if base and base[4] else None,
                    offline=bool(base and base[5]),
                    timers=timers,
                    stale=tuple(f"0x{found[1]}" for found in stale),
                )
            )
        else:
            left += [line for line in body if _stale(line)]
    return Timers(jiffies=jiffies, bases=tuple(bases), remarks=said.remarks, unread=tuple(unread(left)))


def _base(line: Line) -> re.Match[str] | None:
    return _BASE.match(line.text) if "_BASES[" in line.text[:64] and len(line.text) < _LONGEST else None


def _stale(line: Line) -> re.Match[str] | None:
    return _STALE.match(line.text) if "(invalid" in line.text and len(line.text) < _LONGEST else None


def _jiffies(lines: Sequence[Line]) -> tuple[int | None, list[Line]]:
    """The number below the word JIFFIES, and the other lines."""
    rest = [line for line in lines if line.text.strip()]
    for at, line in enumerate(rest):
        found = _JIFFIES.match(line.text) if len(line.text) < _LONGEST else None
        if not found:
            continue
        if found[1]:
            return _number(found[1]), rest[:at] + rest[at + 1 :]
        value = _number(rest[at + 1].text.strip()) if at + 1 < len(rest) else None
        return value, rest[:at] + rest[at + (1 if value is None else 2) :]
    return None, rest


def _number(word: str) -> int | None:
    try:
        return integer(word)
    except ValueError:
        return None
