# SPDX-License-Identifier: Apache-2.0
"""Which rung of the ladder fits which failure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.errors import NamelistError, StartError, XcrashError
from xcrash.images import DumpIdentity
from xcrash.plan import LaunchPlan
from xcrash.plan.ladder import ladder
from xcrash.plan.values import Mode
from xcrash.rescue import Failure, added_options, last_words, offers, rung_with

ARGV = ("/usr/bin/crash", "--no_scroll", "/boot/vmlinux", "/var/crash/vmcore")
DEBUG_1 = (
    "crash: pv_ops exists: ARCH_PVOPS\n"
    "<readmem: ffffffff8b1645a8, KVADDR, \"page_offset_base\", 8, (ROE|Q), 55d0>\nreadmem: read_diskdump() \n"
    'crash: read error: kernel virtual address: ffffffff8b1645a8  type: "page_offset_base"\n'
)  # fmt: skip


def plan(mode: Mode = "dump", argv: tuple[str, ...] = ARGV) -> LaunchPlan:
    return LaunchPlan(mode=mode, argv=argv, ladder=ladder(argv, mode, len(argv) - 2))


def dump(**facts: object) -> DumpIdentity:
    return DumpIdentity(path="/var/crash/vmcore", size=1, format="kdump", **facts)  # type: ignore[arg-type]


def failed(phase: str, message: str = "crash ended", code: str = "start-failed", *lines: str) -> Failure:
    kind = NamelistError if code == "namelist-mismatch" else StartError
    return Failure(error=kind(code, message), phase=phase, lines=lines)


def offered(failure: Failure, known: DumpIdentity | None = None, **more: object) -> list[str]:
    return [offer.text for offer in offers(plan(), failure, known or dump(), **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("phase", "options"),
    [
        ("gathering kmem slab cache data", "--no_kmem_cache"),
        ("gathering module symbol data", "--no_modules"),
        ("determining panic task", "--no_panic"),
        ("gathering task table data", "--active"),
    ],
)
@pytest.mark.parametrize("code", ["start-failed", "start-silent", "start-timeout"])
def test_the_step_in_which_it_stopped_is_left_out_and_minimal_is_last(phase: str, options: str, code: str) -> None:
    assert offered(failed(phase, "it stopped", code)) == [options, "--minimal"]


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ('read error: kernel virtual address: ff  type: "page_offset_base"', "--zero_excluded"),
        ("page excluded: kernel virtual address: ff  type: x", "--zero_excluded"),
        ("seek error: physical address: 1000", "--zero_excluded"),
        ("cannot read kernel_config_data: IKCONFIG", "--no_ikconfig"),
        ("kmem_cache: invalid list", "--no_kmem_cache"),
    ],
)
def test_what_it_complained_of_chooses_the_rung(message: str, options: str) -> None:
    assert offered(failed("reading debug info", message)) == [options, "--minimal"]


def test_only_minimal_mode_starts_without_the_registers_of_a_xen_guest() -> None:
    message = "crash: starting backtrace locations of the active (non-crashing) xen tasks"
    assert offered(failed("determining panic task", message), dump(incomplete=True)) == ["--minimal"]


def test_the_step_comes_before_the_read_error_in_it() -> None:
    failure = failed("gathering kmem slab cache data", "read error: kernel virtual address: ff")
    assert offered(failure) == ["--no_kmem_cache", "--zero_excluded", "--minimal"]


def test_a_dump_that_lacks_bytes_is_tried_with_zeros() -> None:
    failure = failed("reading debug info", "crash ended without a message", "start-silent")
    assert offered(failure) == ["--minimal"]
    assert offered(failure, dump(missing_bytes=100)) == ["--zero_excluded", "--minimal"]
    assert offered(failure, dump(incomplete=True)) == ["--zero_excluded", "--minimal"]


def test_a_mismatch_offers_another_offset_only_without_vmcoreinfo() -> None:
    failure = failed("reading debug info", "vmlinux and vmcore do not match!", "namelist-mismatch")
    assert offered(failure) == ["--kaslr auto"]
    assert offered(failure, dump(vmcoreinfo={"OSRELEASE": "6.1"})) == []


@pytest.mark.parametrize("phase", ["starting crash", "reading files and symbols", "uncompressing vmlinux.gz"])
def test_no_option_makes_another_file_of_one(phase: str) -> None:
    assert offered(failed(phase, "vmcore: not a supported file format")) == []


def test_no_option_helps_against_a_kernel_without_debug_data() -> None:
    assert offered(failed("reading debug info", "vmlinux: no debugging data available")) == []


@pytest.mark.parametrize("code", ["question", "crash-not-started", "session-gone", "internal"])
def test_what_is_no_failed_start_has_no_ladder(code: str) -> None:
    assert offered(failed("determining panic task", "?", code)) == []


def test_a_rung_is_taken_once() -> None:
    failure = failed("determining panic task")
    assert offered(failure, tried={("--no_panic",)}) == ["--minimal"]
    assert offered(failure, tried={("--no_panic",), ("--minimal",)}) == []


def test_rungs_that_the_user_asked_for_are_not_offered_again() -> None:
    argv = (*ARGV[:2], "--no_panic", *ARGV[2:])
    found = offers(plan(argv=argv), failed("determining panic task"), dump())
    assert [offer.text for offer in found] == ["--minimal"]


def test_every_rung_has_the_files_of_the_plan_and_never_others() -> None:
    made = plan()
    for rung in made.ladder:
        options = added_options(made, rung)
        assert rung.argv == (*ARGV[:2], *options, *ARGV[2:])
    assert rung_with(made, ("-d1",)) is not None
    assert rung_with(made, ("--readnow",)) is None


def test_a_live_session_and_a_hypervisor_have_their_own_rungs() -> None:
    live = plan("live", (*ARGV[:3], "/proc/kcore"))
    failure = failed("determining panic task", "read error")
    assert [offer.text for offer in offers(live, failure, None)] == ["--minimal"]
    assert offers(plan("xen-hypervisor"), failure, dump()) == ()


def test_the_last_words_are_the_last_read_error() -> None:
    words = 'crash: read error: kernel virtual address: ffffffff8b1645a8  type: "page_offset_base"'
    assert last_words(DEBUG_1) == words
    assert last_words(DEBUG_1 + "crash: pv_ops exists: ARCH_PVOPS\n") == words
    assert last_words("crash: one\ncrash: two\nWARNING: three\n") == "crash: two"
    assert last_words("readmem: read_diskdump() \n\n") is None
    assert last_words("") is None


@settings(deadline=None, max_examples=50)
@given(phase=st.text(max_size=40), message=st.text(max_size=200), lines=st.lists(st.text(max_size=80), max_size=3))
def test_any_failure_gives_offers_that_are_rungs(phase: str, message: str, lines: list[str]) -> None:
    failure = Failure(error=XcrashError("start-failed", message), phase=phase, lines=tuple(lines))
    assert {offer.rung for offer in offers(plan(), failure, dump())} <= set(plan().ladder)
    last_words("\n".join(lines))
