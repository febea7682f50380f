# SPDX-License-Identifier: Apache-2.0
"""The kernel's log as a whole: what happened in it, what is folded, when it was, what a filter leaves."""

from __future__ import annotations

from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from xcrash.kernel_log import (
    Clock,
    Incident,
    LogLines,
    Wanted,
    arrange,
    best_command,
    clock_of,
    folds,
    incidents,
    is_log,
    landing,
    matching,
    rank,
    read_lines,
)
from xcrash.output.pattern import Pattern
from xcrash.parse.log import records
from xcrash.transcript.recording import read_recording

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
NO_CLOCK = Clock(why="no banner")


def lines_of(text: str, clock: Clock = NO_CLOCK) -> LogLines:
    lines = read_lines(records.parse(text), clock)
    assert lines is not None
    return lines


def found_in(*texts: str) -> tuple[Incident, ...]:
    text = "\n".join(f"[{number:5d}.000000] {line}" for number, line in enumerate(texts))
    return incidents(records.parse(text).records)


def texts(lines: LogLines, rows: array[int]) -> list[str]:
    return [lines.text_of(row) if row >= 0 else f"fold {-1 - row}" for row in rows]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("debian13-6.12-kdump-sysrq", ["panic"]),
        ("debian13-6.12-kdump-soft-lockup", ["soft lockup", "panic"]),
        ("debian13-6.12-kdump-hung-task", ["hung task", "panic"]),
        ("debian13-6.12-kdump-oom", ["out of memory", "panic"]),
        ("debian12-6.1-kdump-null-deref", ["BUG", "panic"]),
        ("debian12-6.1-kdump-running", []),
        ("xen4.20-dom0-live-minimal", []),
    ],
)
def test_what_happened_to_real_machines(name: str, kinds: list[str]) -> None:
    recording = read_recording(TRANSCRIPTS / f"{name}.cast")
    answer = recording.answer_to(best_command(one.command for one in recording.exchanges))
    assert answer is not None
    log = records.parse(answer.removesuffix(recording.prompt))
    found = incidents(log.records)
    assert [one.kind for one in found] == kinds
    assert landing(found) == (found[0].first if found else None)
    for one, after in pairwise(found):
        assert one.first <= one.last < after.first
    for one in found:
        assert one.title in log.records[one.first].text
        assert one.seconds == log.records[one.first].time


def test_an_incident_has_its_stack_and_the_line_that_says_where_to_cut() -> None:
    found = found_in(
        "eth0: link up",
        "------------[ cut here ]------------",
        "WARNING: CPU: 1 PID: 7 at mm/slub.c:1 kfree+0x1/0x2",
        "Modules linked in: a b",
        "Call Trace:",
        " <TASK>",
        "eth0: link down",
        " kfree+0x1/0x2",
        " </TASK>",
        "---[ end trace 0000000000000000 ]---",
        "eth0: link up",
        "eth0: link down",
        "eth0: link up",
        "eth0: link down",
    )
    assert [(one.kind, one.first, one.last) for one in found] == [("warning", 1, 9)]


def test_many_errors_of_one_kind_are_one_incident() -> None:
    error = "blk_update_request: I/O error, dev sda, sector 1"
    found = found_in(error, "usb 1-1: reset", error, error, *["quiet"] * 60, error)
    assert [(one.kind, one.times, one.first, one.last) for one in found] == [
        ("I/O error", 3, 0, 3),
        ("I/O error", 1, 64, 64),
    ]


def test_quiet_texts_are_no_incidents() -> None:
    assert not found_in(
        "RAS: Correctable Errors collector initialized.",
        "mce: CPU0: Thermal monitoring enabled",
        "NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.",
        "rcu: Hierarchical RCU implementation.",
        "printk: log_buf_len",
        "debug: BUGS none",
    )


def test_levels_are_printed_or_inferred_or_unknown() -> None:
    printed = lines_of("[    1.0] <3>disk: bad\n[    2.0] <6>disk: good")
    assert [(printed.line(at).level, printed.line(at).inferred) for at in (0, 1)] == [(3, False), (6, False)]
    inferred = lines_of("[    1.0] x[1]: segfault at 0 ip 1 sp 2\n[    2.0] disk: good")
    assert [(inferred.line(at).level, inferred.line(at).inferred) for at in (0, 1)] == [(4, True), (None, False)]
    assert texts(inferred, arrange(inferred, (), Wanted(4))) == ["x[1]: segfault at 0 ip 1 sp 2"]
    assert texts(inferred, arrange(inferred, (), Wanted(3))) == []


def test_repeats_are_folded_alone_and_in_groups() -> None:
    body = ["start", *["again"] * 5, *["one", "two"] * 4, "twice", "twice", "end"]
    lines = lines_of("\n".join(f"[{number:5d}.0] {text}" for number, text in enumerate(body)))
    found = folds(lines)
    assert [(one.first, one.last, one.period, one.times) for one in found] == [(2, 5, 1, 4), (8, 13, 2, 3)]
    shown = texts(lines, arrange(lines, found, Wanted()))
    assert shown == ["start", "again", "fold 0", "one", "two", "fold 1", "twice", "twice", "end"]
    assert texts(lines, arrange(lines, found, Wanted(opened=frozenset((0, 1))))) == body
    assert texts(lines, arrange(lines, found, Wanted(pattern=Pattern("two")))) == ["two"] * 4


def test_stacks_before_the_last_panic_are_folded() -> None:
    stack = ["Call Trace:", " a+0x1/0x2", " b+0x1/0x2"]
    body = ["WARNING: CPU: 1", *stack, *["quiet", "calm"], "Kernel panic - not syncing: x", *stack]
    lines = lines_of("\n".join(f"[    1.{number:06d}] {text}" for number, text in enumerate(body)))
    found = folds(lines)
    assert [(one.first, one.last, one.opened) for one in found] == [(1, 3, False), (7, 9, True)]
    level = Wanted(4, opened=frozenset((0, 1)))
    assert texts(lines, arrange(lines, found, level)) == [*body[:4], *body[6:]]


def test_nothing_is_lost_and_everything_is_in_its_place() -> None:
    text = (
        "[    1.000000] one\n[...]\n[    2.000000] two\n               2b\nlog: crash says this\n[    3.000000] three"
    )
    lines = lines_of(text)
    numbers = [lines.line(at).number for at in range(len(lines))]
    assert numbers == sorted(numbers)
    assert {"one", "two", "2b", "three"} <= {lines.text_of(at) for at in range(len(lines))}
    assert len(lines) >= 6


def test_matches_are_those_of_the_text() -> None:
    lines = lines_of("[    1.0] a Foo\n[    2.0] foo foo\n[    3.0] bar é\n[    4.0] end")
    for typed, hits in (("foo", [0, 1]), ("Foo", [0]), ("é", [2]), ("re:^b", [2]), ("end", [3]), ("none", [])):
        assert [at for batch in matching(lines, Pattern(typed)) for at in batch] == hits


def test_the_clock_is_computed_or_says_why_not() -> None:
    clock = clock_of("Sat Oct  8 17:39:28 UTC 2022", 81)
    assert (clock.text(81.5), clock.zone) == ("2022-10-08 17:39:28.500", "UTC")
    assert clock.text(None) is None
    assert clock.text(1e300) is None
    assert clock.text(float("nan")) is None
    assert clock_of(None, 81).why == "DATE of this kernel is not known"
    assert clock_of("nonsense", None).why == "DATE and UPTIME of this kernel are not known"
    assert clock_of("Sat Oct 99 17:39:28 UTC 2022", 1).boot is None
    assert clock_of("Sat Oct  8 17:39:28 UTC 2022", 1e15).boot is None


def test_dates_become_seconds() -> None:
    text = "[Sat Oct  8 17:38:07 UTC 2022] Linux\n[Sat Oct  8 17:38:09 UTC 2022] end"
    for clock in (clock_of("Sat Oct  8 17:39:28 UTC 2022", 81), NO_CLOCK):
        lines = lines_of(text, clock)
        assert lines.dated
        assert [lines.line(at).seconds for at in (0, 1)] == [0.0, 2.0]
        assert lines.clock.text(2.0) == "2022-10-08 17:38:09.000"


def test_the_command_that_tells_most_is_chosen() -> None:
    assert best_command(None) == best_command([]) == "log -m"
    assert best_command(["ps", "log -t", "log | grep x", "log -a", "dmesg"]) == "dmesg"
    assert best_command(["log -T", "log -t"]) == "log -T"
    assert best_command(["log", "log -T -m"]) in ("log -T -m", "log")
    assert [is_log(one) for one in ("log", " log  -T", "log -s", "log > f", "logs")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert rank("ps") == 0


@pytest.mark.parametrize("text", ["", "\n\n", "\x00\x1b[31m", "[", "[    1.0]", "\udcff", "<3>", "x" * 100_000])
def test_any_text_has_lines(text: str) -> None:
    lines = lines_of(text)
    found = folds(lines)
    for level in (7, 4, 3):
        arrange(lines, found, Wanted(level))
    for at in range(len(lines)):
        lines.line(at)
    assert lines.landing is None


def test_reading_ends_when_nobody_wants_it() -> None:
    log = records.parse("\n".join(f"[{number:5d}.0] line" for number in range(9000)))
    done: list[int] = []
    assert read_lines(log, NO_CLOCK, lambda: len(done) > 1, done.append) is None
    assert done == [0, 4096]
