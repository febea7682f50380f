# SPDX-License-Identifier: Apache-2.0
"""Xen's console: its stamps, its incidents, and its place in one timeline with the log of Dom0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.hypervisor_samples import DOM0_LOG, LOG, SICK_LOG
from xcrash.kernel_log import (
    Clock,
    Clocks,
    ConsoleRecord,
    Entry,
    LogLines,
    Timeline,
    alone,
    clocks_of,
    console_records,
    entries,
    folds,
    merged,
    read_entries,
)
from xcrash.kernel_log.xen import before_dom0
from xcrash.parse.log import records
from xcrash.parse.log.records import Record

AHEAD, LATER = 7_997_572_276, 18_446_744_073_029_344_765
"""What crash printed of that Dom0: the second number has lost its sign."""
KNOWN = clocks_of((AHEAD, LATER), records.parse(DOM0_LOG).records, Clock())
DATED = """\
(XEN) [2026-11-29 01:00:00] Guest Loglevel: All
(XEN) [2026-11-29 01:00:05.250] d0v0 something
(XEN) [2026-99-29 01:00:05] no date at all
"""
UNSTAMPED = "(XEN) Xen version 4.17.5 (x)\n(XEN) Guest Loglevel: All\n(XEN) d0v0: late\n"


def console(text: str) -> list[ConsoleRecord]:
    return list(console_records(records.parse(text).records))


def kernel(text: str = DOM0_LOG) -> Iterable[Entry]:
    return entries(records.parse(text), lambda _: None)


def read(found: Iterable[Entry]) -> LogLines:
    lines = read_entries(found, Clock())
    assert lines is not None
    return lines


def together(text: str, clocks: Clocks, dom0: str = DOM0_LOG) -> tuple[list[tuple[str, float | None]], str]:
    told = merged(kernel(dom0), console(text), clocks)
    return [(one.record.text, one.seconds) for one in told.entries], told.note


def test_stamps_are_taken_off_and_a_raw_one_tells_no_time() -> None:
    found = console(LOG)
    assert [one.seconds for one in found[6:10]] == [None, None, 0.508839, 0.946979]
    assert found[4].record.text == "(XEN) Bootloader: qemu"
    assert found[-2].record.text == "(XEN) Hardware Dom0 crashed: Executing kexec image on cpu0"
    assert [one.date for one in console(DATED)] == [
        datetime(2026, 11, 29, 1, 0, 0),
        datetime(2026, 11, 29, 1, 0, 5, 250000),
        None,
    ]


def test_what_a_guest_wrote_keeps_its_own_stamp_and_has_no_time_of_xen() -> None:
    (one,) = console("[    7.000000] Linux of a guest\n")
    assert (one.record.text, one.seconds) == ("[    7.000000] Linux of a guest", None)
    assert console("(d1) (XEN) [    1.000000] forged\n")[0].seconds is None


def test_the_console_alone_has_its_own_incidents() -> None:
    found, clock = alone(console(SICK_LOG + "(XEN) Panic on CPU 0:\n(XEN) FATAL TRAP: vector = 6\n"))
    lines = read(found)
    assert [(one.kind, one.title) for one in lines.incidents] == [
        ("Xen out of memory", "d1v0 Over-allocation for domain 1: 65537 > 65536"),
        ("Xen Dom0 ended", "Hardware Dom0 crashed: Executing kexec image on cpu0"),
        ("Xen panic", "Panic on CPU 0: FATAL TRAP: vector = 6"),
    ]
    assert clock.boot is None
    assert lines.line(26).xen and lines.line(26).level == 2 and lines.line(26).inferred
    assert lines.landing == 28
    assert folds(lines) == ()


def test_dates_count_from_the_first_one() -> None:
    found, clock = alone(console(DATED))
    assert [one.seconds for one in found] == [0.0, 5.25, None]
    assert clock.text(5.25) == "2026-11-29 01:00:05.250"


def test_seconds_of_xen_become_those_of_dom0() -> None:
    lines, note = together(LOG, KNOWN)
    texts = [text.removeprefix("(XEN) ") for text, _ in lines]
    assert texts.index("Freed 668kB init memory") + 1 == next(
        at for at, text in enumerate(texts) if text.startswith("Linux version")
    )
    assert [text[:38] for text in texts[-5:]] == [
        " __handle_sysrq.cold+0x44/0x11c",
        " </TASK>",
        "Kernel Offset: disabled",
        "Hardware Dom0 crashed: Executing kexec",
        "Shot down all CPUs",
    ]
    times = dict(lines)
    assert times["(XEN) Hardware Dom0 crashed: Executing kexec image on cpu0"] == pytest.approx(136.597684, abs=1e-6)
    assert times["(XEN) Freed 668kB init memory"] == pytest.approx(-0.194391, abs=1e-6)
    assert times["(XEN) Bootloader: qemu"] is None, "no time is made up"
    assert note == "(XEN) lines from 0 to 4.1 s are up to 0.68 s off: Dom0's clock was not stable before"


def test_a_line_from_before_the_clock_was_stable_is_not_behind_what_came_later() -> None:
    lines, _ = together("(XEN) [   12.700000] just before\n", KNOWN)
    at = next(at for at, (text, _) in enumerate(lines) if "just before" in text)
    assert lines[at][1] == pytest.approx(4.116525, abs=1e-6)
    assert lines[at + 1][0].startswith("sched_clock: Marking stable")


@pytest.mark.parametrize(
    ("text", "clocks", "why"),
    [
        (UNSTAMPED, KNOWN, "Xen ran without console_timestamps=boot"),
        (LOG, Clocks(), "by how much Xen's clock is ahead of Dom0's is not known"),
        (DATED, Clocks(dom0=Clock(why="DATE of this kernel is not known")), "DATE of this kernel is not known"),
        (DATED, Clocks(dom0=Clock(datetime(2026, 11, 29), "CET")), "the time zone of Dom0's dates (CET) is not UTC"),
    ],
)
def test_without_a_common_clock_only_what_is_certain_is_placed(text: str, clocks: Clocks, why: str) -> None:
    lines, note = together(text, clocks)
    assert why in note
    assert all(seconds is None for words, seconds in lines if words.startswith("(XEN)"))
    first = before_dom0(console(text))
    assert [words for words, _ in lines[:first]] == [one.shown(None).text for one in console(text)[:first]]
    assert [words for words, _ in lines[-(len(console(text)) - first) :]] == [
        one.shown(None).text for one in console(text)[first:]
    ]


def test_a_console_whose_boot_is_overwritten_stands_at_the_end() -> None:
    lines, note = together("(XEN) d0v0: late\n", Clocks())
    assert lines[-1][0] == "(XEN) d0v0: late"
    assert note.endswith("they stand at the end, in their order")


def test_dates_are_placed_by_the_date_of_dom0() -> None:
    lines, note = together(DATED, Clocks(dom0=Clock(datetime(2026, 11, 29, 1, 0, 3), "UTC")))
    assert note == "(XEN) lines are placed by date, to a second or two"
    assert lines[0] == ("(XEN) Guest Loglevel: All", -3.0)
    assert dict(lines)["(XEN) d0v0 something"] == 2.25


@pytest.mark.parametrize(
    ("offsets", "ahead", "lost"),
    [
        ((AHEAD, LATER), 7.997572276, 0.680206851),
        ((AHEAD, 0), 7.997572276, 0.0),
        ((AHEAD, None), None, 0.0),
        ((0, 0), None, 0.0),
        ((True, 0), None, 0.0),
        (("1", "2"), None, 0.0),
        ((10**30, 0), None, 0.0),
        ((-5, 0), None, 0.0),
    ],
)
def test_the_offsets_are_numbers_of_nanoseconds_or_unknown(
    offsets: tuple[object, ...], ahead: float | None, lost: float
) -> None:
    found = clocks_of(offsets, (), Clock())
    assert found.ahead == ahead
    assert found.lost == pytest.approx(lost)


_TIMES = st.lists(st.none() | st.floats(-1e6, 1e6, allow_nan=False), max_size=30)


def _entries(times: Sequence[float | None], writer: str) -> list[Entry]:
    return [
        Entry(Record(line=at + 1, span=(0, 0), text=f"{writer} {at}"), time, "kernel") for at, time in enumerate(times)
    ]


def _woven(
    left: Sequence[float | None], right: Sequence[float | None], ahead: float | None
) -> tuple[Timeline, list[Entry]]:
    beside = [ConsoleRecord(one.record, one.seconds) for one in _entries(right, "xen")]
    told = merged(_entries(left, "kernel"), beside, Clocks(ahead=ahead))
    return told, list(told.entries)


@given(_TIMES, _TIMES, st.none() | st.floats(0.001, 1e3))
def test_nothing_is_lost_and_each_log_keeps_its_order(
    left: list[float | None], right: list[float | None], ahead: float | None
) -> None:
    told, found = _woven(left, right, ahead)
    assert [one.record.line for one in found if one.writer == "kernel"] == list(range(1, len(left) + 1))
    assert [one.record.line for one in found if one.writer == "xen"] == list(range(1, len(right) + 1))
    times = [one.seconds for one in found if one.writer == "xen"]
    known = [time is not None for time in right]
    assert [time is not None for time in times] == [one and ahead is not None for one in known]
    assert told.timed == sum(time is not None for time in times)


@given(st.lists(st.floats(0, 1e6)), st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.001, 1e3))
def test_logs_that_run_forwards_are_one_that_does(left: list[float], right: list[float], ahead: float) -> None:
    _, found = _woven(sorted(left), sorted(right), ahead)
    times = [one.seconds for one in found if one.seconds is not None]
    assert times == sorted(times)


@given(st.lists(st.text(max_size=80), max_size=20), st.none() | st.floats(0.001, 1e3))
def test_no_console_breaks_it(texts: list[str], ahead: float | None) -> None:
    log = records.parse("\n".join(texts))
    told = merged(kernel(), console_records(log.records), Clocks(ahead=ahead))
    lines = read(told.entries)
    assert len(lines) >= len(log.records)
