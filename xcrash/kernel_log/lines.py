# SPDX-License-Identifier: Apache-2.0
"""The lines of a log in a few arrays: a million of them cost their text, not a million objects."""

from __future__ import annotations

import contextlib
import functools
import math
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from xcrash.kernel_log.clock import Clock, date_of
from xcrash.kernel_log.incident import PANICS, Incident, IncidentReader, event_in, inferred_level, landing
from xcrash.kernel_log.xen import xen_event
from xcrash.output.search import never
from xcrash.parse.log.records import Log, Record

UNKNOWN_LEVEL = 15
"""In ``LogLines.levels``: neither printed nor inferred. Inferred ones have 8 added to the level of syslog."""
_INFERRED = 8
_EVERY = 4096


class LogLine(NamedTuple):
    """One line: text, seconds since the start of the kernel, level of syslog (0 to 7) and whether that is inferred.

    ``number`` is its place in the output (from 1); ``crash``: crash says it, not the kernel. ``xen``: it is of Xen's
    console, and ``number`` counts there.
    """

    text: str
    seconds: float | None
    level: int | None
    inferred: bool
    number: int
    crash: bool
    xen: bool = False


class Entry(NamedTuple):
    """A record, its seconds since the start of the kernel, and who wrote it."""

    record: Record
    seconds: float | None
    writer: Literal["kernel", "crash", "xen"]


class LogLines:
    """Every line of ``log`` in its order, those too that its parser could not read; ``incidents`` count lines here.

    ``text`` holds all lines, as UTF-8 with a line break behind each; ``starts`` where each begins. ``keys`` are equal
    for equal texts. ``times`` has NaN where there is none. ``note`` says what to know of them.
    """

    def __init__(self, clock: Clock) -> None:
        self.text = bytearray()
        self.starts = array("Q")
        self.times = array("d")
        self.levels = bytearray()
        self.numbers = array("Q")
        self.keys = array("q")
        self.clock = clock
        self.incidents: tuple[Incident, ...] = ()
        self.landing: int | None = None
        self.leveled = self.dated = False
        self.note = ""
        self._said: set[int] = set()
        self._xen: set[int] = set()

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, at: int) -> LogLine:
        """One line."""
        level, time = self.levels[at], self.times[at]
        return LogLine(
            text=self.text_of(at),
            seconds=None if math.isnan(time) else time,
            level=None if level == UNKNOWN_LEVEL else level & 7,
            inferred=level != UNKNOWN_LEVEL and level >= _INFERRED,
            number=self.numbers[at],
            crash=at in self._said,
            xen=at in self._xen,
        )

    def text_of(self, at: int) -> str:
        """Its text."""
        end = self.starts[at + 1] if at + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[at] : end - 1].decode("utf-8", "replace")

    def place_of(self, number: int, xen: bool) -> int | None:
        """Where the line is that has this number in the log it is from."""
        at = -1
        with contextlib.suppress(ValueError):
            while True:
                at = self.numbers.index(number, at + 1)
                if (at in self._xen) == xen:
                    return at
        return None

    def line_at(self, offset: int) -> int:
        """The line that holds a byte of ``text``."""
        return max(0, bisect_right(self.starts, offset) - 1)

    @functools.cached_property
    def last_seconds(self) -> float | None:
        """When the log ends."""
        return next((time for time in reversed(self.times) if not math.isnan(time)), None)

    @functools.cached_property
    def first_seconds(self) -> float | None:
        """When the log begins."""
        return next((time for time in self.times if not math.isnan(time)), None)

    @property
    def reference(self) -> str:
        """What relative times are relative to: the beginning of what ``landing`` shows, or the end of the log."""
        if self.landing is None:
            return "the last line"
        if any(one.kind in PANICS for one in self.incidents):
            return "the crash"
        return next((f"the {one.kind}" for one in self.incidents if one.first == self.landing), "the incident")

    def add(self, text: str, seconds: float | None, level: int, number: int, *, writer: str = "kernel") -> None:
        """One more line."""
        if writer != "kernel":
            (self._said if writer == "crash" else self._xen).add(len(self.starts))
        self.starts.append(len(self.text))
        self.text += text.encode("utf-8", "replace") + b"\n"
        self.times.append(math.nan if seconds is None else seconds)
        self.levels.append(level)
        self.numbers.append(number)
        self.keys.append(hash(text))


def read_lines(
    log: Log, clock: Clock, stop: Callable[[], bool] = never, tell: Callable[[int], None] | None = None
) -> LogLines | None:
    """Read a whole log, in time proportional to it; None after ``stop``. ``tell`` hears how many records are done."""
    seconds_of = DateSeconds(clock)
    lines = read_entries(entries(log, seconds_of), clock, stop, tell)
    if lines is not None:
        lines.dated, lines.clock = seconds_of.used, seconds_of.clock
    return lines


def entries(log: Log, seconds_of: Callable[[str], float | None]) -> Iterator[Entry]:
    """The records of a kernel's log, and at their places what is none; ``seconds_of`` tells when a date was."""
    for record, crash in _in_order(log):
        seconds = record.time if record.date is None else seconds_of(record.date)
        yield Entry(record, seconds, "crash" if crash else "kernel")


def read_entries(
    found: Iterable[Entry], clock: Clock, stop: Callable[[], bool] = never, tell: Callable[[int], None] | None = None
) -> LogLines | None:
    """``read_lines`` of entries that are in order already."""
    lines = LogLines(clock)
    reader = IncidentReader()
    first_line = array("Q")
    for number, (record, seconds, writer) in enumerate(found):
        if number % _EVERY == 0:
            if stop():
                return None
            if tell:
                tell(number)
        event = None if writer == "crash" else xen_event(record.text) if writer == "xen" else event_in(record.text)
        reader.take(number, record, event)
        first_line.append(len(lines))
        level = record.level
        lines.leveled = lines.leveled or level is not None
        if level is None:
            inferred = inferred_level(event)
            level = UNKNOWN_LEVEL if inferred is None else inferred + _INFERRED
        for offset, text in enumerate(record.text.split("\n") if "\n" in record.text else (record.text,)):
            lines.add(text, seconds, level, record.line + offset, writer=writer)
    first_line.append(len(lines))
    known = reader.over()
    where = landing(known)
    lines.landing = None if where is None else first_line[where]
    lines.incidents = tuple(_moved(one, first_line, lines) for one in known)
    return lines


def _moved(one: Incident, first_line: array[int], lines: LogLines) -> Incident:
    """An incident on lines instead of records."""
    first, last = first_line[one.first], first_line[one.last + 1] - 1
    time = lines.times[first]
    title = one.title
    if one.kind == "Xen panic" and first + 1 < len(lines):
        # Its reason stands on the next line.
        title = f"{title} {lines.text_of(first + 1).removeprefix('(XEN)').strip()}".strip()
    return Incident(
        kind=one.kind,
        severity=one.severity,
        title=title,
        seconds=None if math.isnan(time) else time,
        date=one.date,
        first=first,
        last=last,
        line=one.line,
        times=one.times,
    )


def _in_order(log: Log) -> Iterator[tuple[Record, bool]]:
    """Records and, at their places, what is none; the second says that crash speaks there."""
    extra = [(one.line, one.text, True) for one in log.remarks] + [(one.line, one.text, False) for one in log.unread]
    extra.sort(reverse=True)
    for record in log.records:
        while extra and extra[-1][0] < record.line:
            yield _other(*extra.pop())
        yield record, False
    while extra:
        yield _other(*extra.pop())


def _other(line: int, text: str, crash: bool) -> tuple[Record, bool]:
    return Record(line=line, span=(0, 0), text=text), crash


class DateSeconds:
    """Seconds since the start of the kernel of the dates that ``log -T`` prints."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.used = clock, False
        self._last: tuple[str, float | None] = ("", None)

    def __call__(self, date: str) -> float | None:
        self.used = True
        if date != self._last[0]:
            self._last = (date, self._seconds(date))
        return self._last[1]

    def _seconds(self, text: str) -> float | None:
        found = date_of(text)
        if found is None:
            return None
        if self.clock.boot is None:
            # The oldest line stands for the start: differences are right, and so are the dates.
            self.clock = Clock(found[0], found[1], self.clock.why)
        boot: datetime | None = self.clock.boot
        return None if boot is None else (found[0] - boot).total_seconds()
