# SPDX-License-Identifier: Apache-2.0
"""Places where programs are started in odd ways: closed streams, full devices, no state directory, odd arguments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.command_line import DEMO, xcrash

TYPESCRIPT = (
    'Script started on 2026-11-23 [COMMAND="crash" TERM="xterm"]\r\n'
    "\r\ncrash 9.0.2\r\n\r\n      KERNEL: vmlinux\r\n        CPUS: 2\r\n     RELEASE: 6.1\r\n\r\n"
    "\x1b[?2004hcrash> bt 99\r\n\x1b[?2004l\rbt: invalid task or pid value: 99\r\n"
    "\x1b[?2004hcrash> help ps\r\n\x1b[?2004l\r  show tasks:\r\n    crash> ps 'migration*'\r\n    PID\r\n"
    "\x1b[?2004hcrash> q\r\n\x1b[?2004l\r\r\nScript done on 2026-11-23\r\n"
)


def shell(redirections: str) -> subprocess.CompletedProcess[str]:
    command = f"exec {sys.executable} -m xcrash demo {redirections}"
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("redirections", ["<&-", "</dev/null", "2>&- </dev/null"])
def test_a_closed_stream_does_not_matter(redirections: str) -> None:
    done = shell(redirections)
    assert done.returncode == 0, done.stderr
    assert "sysrq triggered crash" in done.stdout


def test_a_closed_stdout_is_silence() -> None:
    done = shell(">&- </dev/null")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_full_device_behind_stdout_is_told() -> None:
    done = shell("</dev/null >/dev/full")
    assert done.returncode == 6
    assert "No space left on device" in done.stderr
    assert "defect" not in done.stderr


def test_a_state_directory_that_cannot_be_written_is_no_obstacle() -> None:
    done = xcrash("demo", env={"XDG_STATE_HOME": "/proc/1/nothing"})
    assert done.status == 0, done.err


@pytest.mark.parametrize(
    "args", [("--json", "demo"), ("-q", "--json", "demo"), ("--crash", "/bin/true", "--json", "demo")]
)
def test_options_may_stand_before_the_command(args: tuple[str, ...]) -> None:
    assert xcrash(*args).document["banner"]["nodename"] == "dom0lab"


@pytest.mark.parametrize(("target", "status"), [("", 2), ("x" * 300, 4), ("a\nb", 4)])
def test_odd_names_are_refused_in_words(target: str, status: int) -> None:
    done = xcrash(target)
    assert done.status == status
    assert "defect" not in done.err


@pytest.mark.parametrize("command", ["bt > out.txt", "p 1>2", "log >> log.txt", "< commands", "ps | grep x > y"])
def test_a_redirection_into_the_private_directory_is_refused(command: str) -> None:
    done = xcrash("run", DEMO, "-c", command, "--json")
    assert (done.status, done.document["error"]["code"]) == (2, "command-redirection")
    assert "absolute path" in done.document["error"]["hint"]


def test_an_empty_command_is_refused() -> None:
    assert xcrash("run", DEMO, "-c", " ", "--json").document["error"]["code"] == "empty-command"


def test_commands_come_from_stdin() -> None:
    done = xcrash("run", DEMO, "-i", "-", "--json", stdin="sys\nps\n")
    assert [entry["command"] for entry in done.document["commands"]] == ["sys", "ps"]


def test_a_typescript_is_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "session.typescript"
    path.write_text(TYPESCRIPT, newline="")
    document = xcrash("parse", path, "--json").document
    assert document["banner"]["release"] == "6.1"
    assert [entry["command"] for entry in document["commands"]] == ["bt 99", "help ps", "q"]
    assert "crash> ps 'migration*'" in document["commands"][1]["output"]
    (message,) = [message for message in document["messages"] if message["class"] == "command-error"]
    assert message["text"] == "bt: invalid task or pid value: 99"
    assert xcrash(path, "--json").document["banner"]["cpus"] == 2


def test_a_pasted_start_that_failed_can_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "mail.txt"
    path.write_text("crash 7.2.8\nGNU gdb (GDB) 7.6\ncrash: vmlinux: no debugging data available\n")
    done = xcrash(path)
    assert done.status == 0
    assert "no debugging data available" in done.out


def test_a_recorded_start_that_its_user_ended_is_no_damaged_dump(tmp_path: Path) -> None:
    path = tmp_path / "session.cast"
    events = [
        {"version": 2, "width": 80, "height": 24, "xcrash": {}},
        [0.1, "o", "\r\ncrash 9.0.2\r\n"],
        [2.0, "m", "the start was ended by the user"],
        [2.1, "x", "1"],
    ]
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    done = xcrash(path, "--json")
    assert (done.status, done.document["error"]["code"]) == (5, "start-abandoned")
