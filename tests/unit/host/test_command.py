# SPDX-License-Identifier: Apache-2.0
"""Programs that hang, ignore signals, leave others behind or never stop printing."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from xcrash.host import command
from xcrash.host.command import run_command

LONG = 60.0
SHORT = 0.3


def test_what_a_program_prints_is_returned() -> None:
    unread: dict[str, str] = {}
    assert run_command(["echo", "a b"], unread) == "a b\n"
    assert unread == {}


def test_a_program_that_is_not_installed_is_no_reason_to_note() -> None:
    unread: dict[str, str] = {}
    assert run_command(["no-such-program-at-all"], unread) is None
    assert unread == {}


@pytest.mark.parametrize("argv", [[], [""], ["\0"], ["\ud800"]])
def test_a_name_that_no_program_has_is_not_found(argv: list[str]) -> None:
    assert run_command(argv, {}) is None


def test_an_argument_that_cannot_be_passed_is_named() -> None:
    unread: dict[str, str] = {}
    assert run_command(["echo", "\ud800"], unread) is None
    assert unread == {"echo \\ud800": "not an argument that can be passed"}


def test_a_failure_has_the_status_and_the_last_line_of_the_complaint() -> None:
    unread: dict[str, str] = {}
    assert run_command(["sh", "-c", "echo out; echo one >&2; echo no permission >&2; exit 3"], unread) is None
    assert list(unread.values()) == ["exit status 3: no permission"]


def test_a_program_that_a_signal_ended_says_which() -> None:
    unread: dict[str, str] = {}
    assert run_command(["sh", "-c", "kill -9 $$"], unread) is None
    assert list(unread.values()) == ["ended by signal 9"]


def test_a_program_that_hangs_and_ignores_signals_is_ended() -> None:
    unread: dict[str, str] = {}
    assert run_command(["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"], unread, SHORT) is None
    assert list(unread.values()) == ["no answer within 0.3 s"]


def test_a_program_that_closes_its_output_and_hangs_is_ended() -> None:
    unread: dict[str, str] = {}
    assert run_command(["sh", "-c", "exec >&- 2>&-; sleep 60"], unread, SHORT) is None
    assert list(unread.values()) == ["no answer within 0.3 s"]


def test_a_grandchild_that_keeps_the_output_open_is_not_waited_for(tmp_path: Path) -> None:
    unread: dict[str, str] = {}
    text = run_command(["sh", "-c", f"sleep 6100 & echo $! > {tmp_path}/pid; echo done"], unread, LONG)
    assert text == "done\n"
    assert unread == {}
    pid = int((tmp_path / "pid").read_text())
    assert _has_ended(pid)


def test_a_grandchild_that_hangs_is_ended_with_its_parent(tmp_path: Path) -> None:
    run_command(["sh", "-c", f"sleep 6100 & echo $! > {tmp_path}/pid; wait"], {}, SHORT)
    assert _has_ended(int((tmp_path / "pid").read_text()))


def test_output_without_end_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LARGEST_OUTPUT", 100_000)
    unread: dict[str, str] = {}
    text = run_command(["yes"], unread, LONG)
    assert text == "y\n" * 50_000
    assert unread == {"yes": "only the first 100000 bytes of its output were looked at"}


def test_complaints_without_end_are_not_kept() -> None:
    unread: dict[str, str] = {}
    assert run_command(["sh", "-c", "yes >&2"], unread, SHORT) is None
    assert list(unread.values()) == ["no answer within 0.3 s"]


def test_output_of_several_pipes_full_is_whole() -> None:
    text = run_command(["sh", "-c", "yes x | head -c 1000000; yes y | head -c 300000 >&2"], {}, LONG)
    assert text == "x\n" * 500_000


def test_output_that_is_not_utf8_is_replaced() -> None:
    assert run_command(["printf", r"a\377b"], {}) == "a\ufffdb"


def test_nothing_waits_for_stdin() -> None:
    assert run_command(["cat"], {}, LONG) == ""


@pytest.mark.parametrize("path", [None, "", ":", ".", "bin:."])
def test_a_program_of_the_working_directory_is_never_run(
    path: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "xl-of-a-stranger"
    trap.write_text("#!/bin/sh\necho trapped\n")
    trap.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    if path is None:
        monkeypatch.delenv("PATH")
    else:
        monkeypatch.setenv("PATH", path)
    assert run_command([trap.name], {}) is None
    assert run_command(["echo"], {}) == "\n"


def _has_ended(pid: int) -> bool:
    """Whether a process ends; a killed one may need a moment."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], LONG)[0])
    finally:
        os.close(handle)
