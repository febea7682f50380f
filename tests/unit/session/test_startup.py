# SPDX-License-Identifier: Apache-2.0
"""What the start-up watcher sees, whatever pieces the text comes in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pty.casts import GDB, GPL, STARTUP, USAGE, WARNING, painted
from xcrash.errors import NamelistError, StartError, XcrashError
from xcrash.session.startup import FIRST_PHASE, StartupWatcher


def fed(text: str | bytes) -> StartupWatcher:
    watcher = StartupWatcher()
    watcher.feed(text.encode() if isinstance(text, str) else text)
    watcher.finish()
    return watcher


def failure(text: str, status: int | None = 1, signal: int | None = None) -> XcrashError:
    return fed(text).failure(status, signal)


def test_phases_are_entered_in_order_and_told_once() -> None:
    watcher = fed(STARTUP)
    assert watcher.take_phases() == [
        FIRST_PHASE,
        "reading files and symbols",
        "reading debug info",
        "gathering task table data",
        "determining panic task",
        "printing the banner",
    ]
    assert watcher.take_phases() == []


def test_a_progress_line_is_seen_before_it_is_erased() -> None:
    watcher = StartupWatcher()
    watcher.feed(b"\rplease wait... (gathering module symbol data)")
    assert watcher.phase == "gathering module symbol data"


def test_percentages_are_part_of_the_phase() -> None:
    watcher = StartupWatcher()
    for percent in (1, 2):
        watcher.feed(f"\rplease wait... (sorting flat format data: {percent}%)".encode())
    assert watcher.take_phases()[1:] == ["sorting flat format data: 1%", "sorting flat format data: 2%"]


def test_a_warning_glued_to_the_banner_is_both() -> None:
    watcher = fed(GPL + "WARNING: net_init: unknown device type for net device      KERNEL: vmlinux\r\n")
    assert watcher.phase == "printing the banner"
    assert [message.kind for message in watcher.messages] == ["startup-warning"]


def test_half_a_version_is_not_taken_for_one() -> None:
    watcher = StartupWatcher()
    watcher.feed(b"\r\ncrash 8.0.2")
    assert watcher.version is None
    watcher.feed(b"1++\r\n")
    assert watcher.version == "8.0.21++"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=20))
def test_the_pieces_do_not_matter(sizes: list[int]) -> None:
    text, whole, pieced = STARTUP.encode(), fed(STARTUP), StartupWatcher()
    at, number, seen = 0, 0, []
    while at < len(text):
        size = sizes[number % len(sizes)]
        seen += pieced.feed(text[at : at + size])
        at, number = at + size, number + 1
    pieced.finish()
    assert (pieced.version, pieced.messages, seen) == (whole.version, whole.messages, whole.messages)
    assert pieced.take_phases() == whole.take_phases()


@settings(deadline=None, max_examples=100)
@given(st.lists(st.binary(max_size=80), max_size=20))
def test_any_bytes_are_taken(parts: list[bytes]) -> None:
    watcher = StartupWatcher()
    for part in parts:
        watcher.feed(part)
    watcher.finish()
    assert isinstance(watcher.failure(1, None), XcrashError)


def test_a_startup_that_complains_for_ever_is_bounded() -> None:
    watcher = fed(f"{WARNING}\r\n" * 3000)
    assert len(watcher.messages) == 1000


def test_the_last_error_is_the_reason() -> None:
    error = failure(f"{GPL}crash: a: No such file or directory\r\ncrash: b: Permission denied\r\n\r\n{USAGE}")
    assert isinstance(error, StartError)
    assert "b: Permission denied (" in error.message
    assert error.code == "start-failed"


@pytest.mark.parametrize("consequence", ["vmcore: not a supported file format", "vmcore: initialization failed"])
def test_the_error_in_front_of_a_generic_one_is_the_reason(consequence: str) -> None:
    error = failure(f"{GPL}crash: vmcore: may be truncated or incomplete\r\ncrash: {consequence}\r\n\r\n{USAGE}")
    assert "may be truncated" in error.message


def test_a_generic_error_alone_is_the_reason() -> None:
    error = failure(f"{GPL}crash: vmcore: not a supported file format\r\n\r\n{USAGE}")
    assert "not a supported file format" in error.message


def test_usage_alone_is_the_wrong_option_in_front_of_it() -> None:
    error = failure(f"crash: invalid option: --bogus\r\n\r\n{USAGE}")
    assert "--bogus" in error.message


def test_a_mismatch_is_a_namelist_error() -> None:
    error = failure(f"{GPL}{GDB}crash: vmlinux and vmcore do not match!\r\n\r\n{USAGE}")
    assert isinstance(error, NamelistError)
    assert (error.code, error.exit_status) == ("namelist-mismatch", 3)


def test_an_error_that_no_row_knows_is_the_reason() -> None:
    error = failure(f"{GPL}crash: something never seen before\r\n")
    assert "something never seen before" in error.message
    assert "-d1" in error.hint


def test_a_warning_is_the_reason_when_there_is_no_error() -> None:
    assert WARNING in failure(f"{GPL}{GDB}{WARNING}\r\n").message


def test_an_error_that_names_no_cause_tells_the_phase_and_the_signal() -> None:
    error = failure(GPL + GDB + painted("gathering module symbol data"), None, 11)
    assert error.code == "start-silent"
    assert "signal 11" in error.message
    assert "gathering module symbol data" in error.message


def test_output_that_is_not_utf8_is_no_obstacle() -> None:
    error = fed(b"crash: \xff\xfe: No such file or directory\r\n").failure(1, None)
    assert "No such file" in error.message


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("lens: it is 0: not PV; try: --lens off", "no view of this Dom0's memory: it is 0: not PV", "--lens off"),
        ("lens: libfuse is missing", "no view of this Dom0's memory: libfuse is missing", ""),
    ],
)
def test_what_is_in_front_of_crash_says_why_it_cannot_be(line: str, message: str, hint: str) -> None:
    error = failure(f"please wait... (reading the addresses of this kernel)\r\n{line}\r\n", 4)
    assert (error.code, error.message, error.hint) == ("lens-failed", message, hint)


def test_the_first_walk_on_a_pv_dom0_is_explained() -> None:
    error = failure(f'{GPL}{GDB}crash: seek error: physical address: ffffffffffffffff  type: "pud page"\r\n')
    assert error.code == "start-failed"
    assert "machine frame that this crash cannot translate on a running PV Dom0" in error.message
    assert "--lens" in error.hint
