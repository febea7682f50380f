# SPDX-License-Identifier: Apache-2.0
"""The outside of xcrash: text, JSON documents and exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.command_line import DEMO, ROOT, xcrash
from xcrash import __version__

BANNER = {
    "RELEASE": "6.12.117+deb13-cloud-amd64",
    "CPUS": "2 [OFFLINE: 1]",
    "MEMORY": "511.5 MB",
    "NODENAME": "dom0lab",
    "PANIC": '"Kernel panic - not syncing: sysrq triggered crash"',
}


def test_the_demo_prints_its_overview() -> None:
    done = xcrash("demo")
    assert done.status == 0
    assert done.err == ""
    lines = [line.strip() for line in done.out.splitlines()]
    for label, value in BANNER.items():
        assert f"{label}: {value}" in lines


def test_the_demo_as_json_is_a_run_document() -> None:
    done = xcrash("demo", "--json")
    document = done.document
    assert document["schema"] == "xcrash.run/1"
    assert document["xcrash"] == __version__
    assert {label: document["banner"]["fields"][label] for label in BANNER} == BANNER
    (ps,) = document["commands"]
    assert ps["command"] == "ps" and ps["exit"] == "ok" and ps["parsed"]["kind"] == "ps"
    assert len(ps["parsed"]["tasks"]) == document["banner"]["tasks"]
    assert ps["parsed"]["unread"] == []


def test_run_gives_each_command_in_order_with_text_and_values() -> None:
    document = xcrash("run", DEMO, "-c", "sys", "-c", "ps", "-c", "bt", "--json").document
    assert [entry["command"] for entry in document["commands"]] == ["sys", "ps", "bt"]
    sys_, ps, bt = document["commands"]
    assert sys_["parsed"]["release"] == BANNER["RELEASE"]
    assert sys_["parsed"]["memory_bytes"] == 536346624
    assert ps["bytes"] == len(ps["text"].replace("\n", "\r\n"))
    frames = [frame["function"] for frame in bt["parsed"]["traces"][0]["frames"]]
    assert "sysrq_handle_crash" in frames and "sysrq_handle_crash" in bt["text"]
    assert all(entry["exit"] == "ok" for entry in document["commands"])


def test_run_prints_the_plain_answer() -> None:
    done = xcrash("run", DEMO, "-c", "sys")
    assert done.status == 0
    assert done.out.splitlines()[0].strip().startswith("KERNEL: ")


def test_commands_come_from_a_file_too(tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.write_text("# who\nsys\n\n// and\nps\n")
    document = xcrash("run", DEMO, "-c", "log", "-i", commands, "--json").document
    assert [entry["command"] for entry in document["commands"]] == ["log", "sys", "ps"]


def test_a_command_a_recording_does_not_hold_is_exit_7() -> None:
    done = xcrash("run", DEMO, "-c", "sys", "-c", "nosuch", "--json")
    assert done.status == 7
    assert done.document["error"]["code"] == "not-recorded"
    assert "nosuch" in done.document["error"]["message"]


def test_parse_reads_a_recording() -> None:
    document = xcrash("parse", DEMO, "--json").document
    assert document["schema"] == "xcrash.session/1"
    assert {label: document["banner"]["fields"][label] for label in BANNER} == BANNER
    by_name = {entry["command"]: entry for entry in document["commands"]}
    assert len(by_name["ps"]["parsed"]["tasks"]) == document["banner"]["tasks"]
    assert "crash> " not in by_name["bt"]["output"]


def test_parse_reads_stdin() -> None:
    text = "      KERNEL: vmlinux\n        CPUS: 4\n     RELEASE: 5.1\n\ncrash> bt\nbt: no\ncrash> q\n"
    document = xcrash("parse", "-", "--json", stdin=text).document
    assert document["banner"]["cpus"] == 4
    command, _ = document["commands"]
    assert (command["command"], command["output"]) == ("bt", "bt: no\n")
    assert [remark["text"] for remark in command["parsed"]["remarks"]] == ["bt: no"]


def test_a_failed_start_on_record_is_told_with_its_exit_code() -> None:
    done = xcrash(ROOT / "transcripts" / "debian13-6.12-kdump-truncated.cast", "--json")
    assert done.status == 5
    assert done.document["error"]["code"] == "start-silent"
    assert "-d1" in done.document["error"]["hint"]


@pytest.mark.parametrize(
    ("args", "status", "code", "words"),
    [
        (["--root", "/usr"], 4, "root-not-live", "copy of a machine"),
        (["/no/such/vmcore"], 4, "dump-missing", "/no/such/vmcore"),
        (["/bin/ls", "--vmlinux", "/bin/ls"], 4, "dump-not-a-dump", "ELF"),
        (["run", str(DEMO)], 2, "no-command", "no command"),
        (["run", str(DEMO), "-c", "sys", "--nonsense"], 2, "usage", "--nonsense"),
        (["run", str(DEMO), "-c", "!!"], 2, "command-history", "'!!'"),
        (["run", str(DEMO), "-c", "bt\x1b"], 2, "command-control", "control character"),
        (["run", str(DEMO), "-i", "/no/such/file"], 2, "input-unreadable", "/no/such/file"),
        (["parse", "/no/such/file"], 7, "recording-unreadable", "/no/such/file"),
        (["run", str(DEMO), "-c", "q"], 2, "command-quit", "end the session"),
    ],
)
def test_every_refusal_says_what_why_and_what_next(args: list[str], status: int, code: str, words: str) -> None:
    done = xcrash(*args, "--json")
    assert done.status == status
    error = done.document["error"]
    assert done.document["schema"] == "xcrash.error/1"
    assert error["code"] == code
    assert words in error["message"]
    assert error["hint"]
    assert error["message"].splitlines()[0] in done.err


def test_files_that_are_no_dump_are_named_for_what_they_are(tmp_path: Path) -> None:
    samples = {
        "empty": (b"", "dump-empty", "empty"),
        "vmcore": (b"this is a text\n" * 400, "dump-not-a-dump", "text"),
        "short": (b"KDUMP   " + b"\0" * 100, "dump-truncated", "108 bytes"),
        "noise": (bytes(range(256)) * 64, "dump-unknown-format", "noise"),
    }
    for name, (content, code, word) in samples.items():
        path = tmp_path / name
        path.write_bytes(content)
        done = xcrash(path, "--vmlinux", "/bin/ls", "--json")
        assert (done.status, done.document["error"]["code"]) == (4, code), name
        assert word in done.document["error"]["message"]


def test_a_dump_without_permission_is_exit_4(tmp_path: Path) -> None:
    path = tmp_path / "vmcore"
    path.write_bytes(b"KDUMP   " + b"\0" * 8192)
    path.chmod(0)
    code = (
        "import os, sys\n"
        "from xcrash.cli.main import main\n"
        # What is imported late is imported now: Python itself may lie where only root can read.
        "import xcrash.cli.cmd_open, xcrash.images.dump, xcrash.transcript.recording\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "if os.getuid() == 0:\n    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "sys.argv = ['xcrash', 'vmcore', '--json']\n"
        "main()"
    )
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 4, done
    assert "dump-no-permission" in done.stdout


def test_version_and_help() -> None:
    assert xcrash("--version").out == f"xcrash, version {__version__}\n"
    text = xcrash("--help").out
    for word in ("demo", "run", "parse", "Exit status"):
        assert word in text
    for command in ("open", "demo", "run", "parse"):
        assert xcrash(command, "--help").status == 0


def test_a_closed_pipe_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "xcrash", "run", str(DEMO), "-c", "log"],
            stdin=subprocess.DEVNULL,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0
    assert done.stderr == ""


def test_file_names_that_are_not_utf8_are_no_trouble(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/vm\xffcore\x1b[31m"
    Path(os.fsdecode(path)).write_bytes(DEMO.read_bytes())
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"xcrash", path, b"--json"], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    text = subprocess.run(
        [sys.executable.encode(), b"-m", b"xcrash", path], capture_output=True, timeout=120, check=False
    )
    assert text.returncode == 0
    assert b"\x1b" not in text.stdout
