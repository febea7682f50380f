# SPDX-License-Identifier: Apache-2.0
"""Xen's console: its stamps, its incidents, and its place in one timeline with the log of Dom0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.hypervisor_samples import DOM0_LOG, LOG
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

AHEAD = 2.5
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
    assert [one.seconds for one in found[:5]] == [None, None, None, 0.0, 1.204331]
    assert found[2].record.text == "(XEN) Bootloader: unknown"
    assert found[-1].record.text == "(XEN) Hardware Dom0 crashed: Executing kexec image on cpu1"
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
    found, clock = alone(console(LOG + "(XEN) Panic on CPU 0:\n(XEN) FATAL TRAP: vector = 6\n"))
    lines = read(found)
    assert [(one.kind, one.title) for one in lines.incidents] == [
        ("Xen out of memory", "d1v0 Over-allocation for domain 1: 65537 > 65536"),
        ("Xen Dom0 ended", "Hardware Dom0 crashed: Executing kexec image on cpu1"),
        ("Xen panic", "Panic on CPU 0: FATAL TRAP: vector = 6"),
    ]
    assert clock.boot is None
    assert lines.line(10).xen and lines.line(10).level == 2 and lines.line(10).inferred
    assert lines.landing == 11
    assert folds(lines) == ()


def test_dates_count_from_the_first_one() -> None:
    found, clock = alone(console(DATED))
    assert [one.seconds for one in found] == [0.0, 5.25, None]
    assert clock.text(5.25) == "2026-11-29 01:00:05.250"


def test_seconds_of_xen_become_those_of_dom0() -> None:
    lines, note = together(LOG, Clocks(ahead=AHEAD))
    assert note == ""
    assert [text for text, _ in lines][7:10] == [
        "(XEN) Freed 664kB init memory",
        "Linux version 6.1.0-50-amd64",
        "Xen version: 4.17.5 (preserve-AD)",
    ]
    assert dict(lines)["(XEN) Freed 664kB init memory"] == pytest.approx(1.215437 - AHEAD)
    assert [text for text, _ in lines][-4:] == [
        "sysrq: Trigger a crash",
        "Kernel panic - not syncing: sysrq triggered crash",
        "CPU: 1 PID: 398 Comm: sh Not tainted 6.1.0-50-amd64",
        "(XEN) Hardware Dom0 crashed: Executing kexec image on cpu1",
    ]
    assert dict(lines)["(XEN) Bootloader: unknown"] is None, "no time is made up"


@pytest.mark.parametrize(
    ("text", "clocks", "why"),
    [
        (UNSTAMPED, Clocks(ahead=AHEAD), "Xen ran without console_timestamps=boot"),
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
    assert [words for words, _ in lines[:first]] == [one.record.text for one in console(text)[:first]]
    assert [words for words, _ in lines[-(len(console(text)) - first) :]] == [
        one.record.text for one in console(text)[first:]
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
        ((7_997_572_276, 18_446_744_073_029_344_765), 7.997572276, 0.680206851),
        ((7_997_572_276, 0), 7.997572276, 0.0),
        ((7_997_572_276, None), None, 0.0),
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


def test_a_clock_that_was_marked_stable_late_is_told_to_be_off_before() -> None:
    dom0 = (
        "[    0.000000] Linux version 6.1.0\n"
        "[    2.969592] pci 0000:00:00.0: [8086:1237] type 00 class 0x060000\n"
        "[    4.118839] sched_clock: Marking stable (3968077538, 148447625)->(4796732014, -680206851)\n"
        "[  136.596032] Kernel Offset: disabled\n"
    )
    xen = (
        "(XEN) [    7.803181] Freed 668kB init memory\n"
        "(XEN) [   11.342673] PCI add device 0000:00:00.0\n"
        "(XEN) [   12.700000] just before it is stable\n"
        "(XEN) [  145.275463] Hardware Dom0 crashed: Executing kexec image on cpu0\n"
    )
    log = records.parse(dom0)
    clocks = clocks_of((7_997_572_276, 18_446_744_073_029_344_765), log.records, Clock())
    assert clocks.stable == 4.796732014
    lines, note = together(xen, clocks, dom0)
    assert [text.removeprefix("(XEN) ")[:12] for text, _ in lines] == [
        "Freed 668kB ",
        "Linux versio",
        "pci 0000:00:",
        "PCI add devi",
        "just before ",
        "sched_clock:",
        "Kernel Offse",
        "Hardware Dom",
    ]
    times = dict(lines)
    assert times["(XEN) Freed 668kB init memory"] == pytest.approx(-0.194391, abs=1e-6)
    assert times["(XEN) just before it is stable"] == pytest.approx(4.116525, abs=1e-6), "not behind what came later"
    assert times["(XEN) Hardware Dom0 crashed: Executing kexec image on cpu0"] == pytest.approx(136.597684, abs=1e-6)
    assert note == "(XEN) lines from 0 to 4.1 s are up to 0.68 s off: Dom0's clock was not stable before"


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
