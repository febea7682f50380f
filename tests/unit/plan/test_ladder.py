# SPDX-License-Identifier: Apache-2.0
"""The rescue ladder, and which crash reads which kernel."""

from __future__ import annotations

import pytest

from xcrash.plan.compat import needed_crash, too_old, version_in
from xcrash.plan.ladder import ladder

ARGV = ("crash", "--no_scroll", "vmlinux", "vmcore")


def options(mode: str, argv: tuple[str, ...] = ARGV) -> list[tuple[str, ...]]:
    end = len(argv) - 2
    rungs = ladder(argv, mode, end)  # type: ignore[arg-type]
    assert all(rung.argv[:end] == argv[:end] and rung.argv[-2:] == argv[-2:] for rung in rungs)
    return [rung.argv[end:-2] for rung in rungs]


def test_the_plain_start_comes_first_and_the_last_resort_last() -> None:
    found = options("dump")
    assert found[0] == () and found[-1] == ("--minimal",)
    assert ("--zero_excluded",) in found and ("--kaslr", "auto") in found


def test_a_live_kernel_has_no_excluded_pages_and_no_panic_task() -> None:
    found = options("live")
    assert not {("--zero_excluded",), ("--no_panic",), ("--kaslr", "auto")} & set(found)
    assert ("--no_modules",) in found


def test_a_rung_the_user_already_stands_on_is_left_out() -> None:
    argv = ("crash", "--zero_excluded", "vmlinux", "vmcore")
    assert ("--zero_excluded",) not in options("dump", argv)


def test_every_rung_tells_its_symptom_and_its_cost() -> None:
    assert all(rung.when and rung.cost for rung in ladder(ARGV, "dump", 2))


def test_the_hypervisor_knows_the_plain_start_only() -> None:
    assert options("xen-hypervisor") == [()]


@pytest.mark.parametrize(
    ("text", "version"),
    [("6.12.117+deb13-cloud-amd64", (6, 12, 117)), ("3.12.49-6-xen", (3, 12, 49)), ("8.0.2++", (8, 0, 2)), ("x", None)],
)
def test_a_version_is_the_numbers_at_the_start(text: str, version: tuple[int, ...] | None) -> None:
    assert version_in(text) == version


def test_a_kernel_needs_a_crash_of_its_time() -> None:
    assert needed_crash("4.19.0") is None
    need = needed_crash("6.1.0-50-amd64")
    assert need and need.crash == (8, 0, 3)


def test_an_old_crash_is_told_with_what_to_look_for() -> None:
    text = too_old("8.0.2", "6.1.0-50-amd64")
    assert text and "8.0.3 or later" in text and "very few TASKS" in text
    assert too_old("8.0.6", "6.1.0-50-amd64") is None
    assert too_old(None, "6.1.0") is None and too_old("8.0.2", None) is None
