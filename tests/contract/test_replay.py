# SPDX-License-Identifier: Apache-2.0
"""``xcrash replay`` from outside: text, JSON, strict plays and scrubbed copies."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest

from tests.contract.command_line import DEMO, ROOT, xcrash

TWO = "crash> ps\nPID\ncrash> q\n$ crash vmlinux vmcore\n\ncrash 8.0.2\n\ncrash> bt\n #0 x\n"


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """A small recording by xcrash, with pauses."""
    path = tmp_path / "a.cast"
    events = [
        {"version": 2, "width": 80, "height": 24, "xcrash": {"prompt": "crash> "}},
        [0.1, "o", "\r\ncrash 8.0.2\r\n\r\n    NODENAME: web01\r\n\r\ncrash> "],
        *([0.2, "m", "ps"], [0.2, "i", "ps\r"], [0.3, "o", "PID\x1b[0m\x07 we"], [0.4, "o", "b01\r\ncrash> "]),
        *([0.5, "m", "bt"], [0.5, "i", "bt\r"], [0.6, "o", " #0 x\r\ncrash> "]),
        *([0.7, "m", "q"], [0.7, "i", "q\r"], [0.8, "x", "0"]),
    ]
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


PRINTED = "\ncrash 8.0.2\n\n    NODENAME: web01\n\ncrash> ps\nPID web01\ncrash> bt\n #0 x\ncrash> q\n"


@pytest.mark.parametrize("options", [(), ("--print",), ("--print", "--speed", "1"), ("--speed", "100"), ("--strict",)])
def test_a_recording_is_printed_as_it_would_stand_on_a_terminal(session: Path, options: tuple[str, ...]) -> None:
    done = xcrash("replay", session, *options)
    assert (done.status, done.out, done.err) == (0, PRINTED, "")


def test_the_demo_is_printed_whole_and_is_what_its_session_says() -> None:
    done = xcrash("replay", DEMO, "--strict", "--print")
    assert done.status == 0, done.err
    assert done.out.count("\ncrash> ") > 100
    assert not set(done.out) & {"\x1b", "\r", "\b"}


def test_json_is_the_document_of_parse(session: Path) -> None:
    document = xcrash("replay", session, "--json").document
    assert document == xcrash("parse", session, "--json").document
    assert document["schema"] == "xcrash.session/1"
    assert [entry["command"] for entry in document["commands"]] == ["ps", "bt", "q"]


def test_commands_can_be_asked_in_any_order(session: Path) -> None:
    assert xcrash("replay", session, "-c", "bt").out == " #0 x\n"
    assert xcrash("replay", session, "-c", "bt", "-c", "ps").out == "crash> bt\n #0 x\ncrash> ps\nPID web01\n"
    document = xcrash("replay", session, "-c", "bt", "--json").document
    assert [(entry["command"], entry["output"]) for entry in document["commands"]] == [("bt", " #0 x\n")]


def test_a_strict_session_that_differs_is_exit_7_with_the_difference(session: Path) -> None:
    assert xcrash("replay", session, "--strict", "-c", "ps", "-c", "bt").status == 0
    done = xcrash("replay", session, "--strict", "-c", "ps", "-c", "log", "--json")
    assert (done.status, done.document["error"]["code"]) == (7, "replay-differs")
    assert " ps\n-bt\n+log" in done.document["error"]["message"]
    assert "-bt" in done.err and "+log" in done.err


def test_a_recording_that_was_cut_off_is_printed_but_not_strictly(session: Path) -> None:
    data = session.read_bytes()
    session.write_bytes(data[: data.index(b'[0.6, "o"') + 12])
    assert xcrash("replay", session).out == PRINTED[: PRINTED.index(" #0")]
    done = xcrash("replay", session, "--strict", "--json")
    assert (done.status, done.document["error"]["code"]) == (7, "recording-cut")


def test_a_failed_start_is_printed() -> None:
    done = xcrash("replay", ROOT / "transcripts" / "debian13-6.12-kdump-truncated.cast", "--print")
    assert done.status == 0
    assert "GNU gdb" in done.out


def test_several_sessions_are_chosen_by_number(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TWO)
    assert "PID" in xcrash("replay", path, "--print").out
    assert " #0 x" in xcrash("replay", path, "--print", "--session", "2").out
    done = xcrash("replay", path, "--session", "3", "--json")
    assert (done.status, done.document["error"]["code"]) == (2, "no-session")


def test_packed_and_piped_recordings_are_played(session: Path) -> None:
    packed = session.with_name("a.cast.gz")
    packed.write_bytes(gzip.compress(session.read_bytes()))
    assert xcrash("replay", packed, "--print").out == PRINTED
    assert xcrash("replay", "-", "--print", stdin=session.read_text()).out == PRINTED


def test_a_scrubbed_copy_says_what_was_changed(session: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean.cast"
    done = xcrash("replay", session, "--scrub", out)
    assert done.status == 0
    assert done.out.splitlines() == [f"{out}: 2 places changed", "      host: 2 in 1 different"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert xcrash("replay", out, "--print").out == PRINTED.replace("web01", "host-1")
    again = xcrash("replay", session, "--scrub", out, "--json")
    assert (again.status, again.document["error"]["code"]) == (2, "output-exists")
    document = xcrash("replay", session, "--scrub", tmp_path / "other.cast", "--json").document
    assert document["schema"] == "xcrash.scrub/1"
    assert (document["changes"]["host"], document["names"]["host"], document["changes"]["mac"]) == (2, 1, 0)


@pytest.mark.parametrize(
    ("args", "status", "code"),
    [
        (("/no/such/file",), 7, "recording-unreadable"),
        (("/no/such/file", "--scrub", "/no/such/directory/x"), 2, "output-unwritable"),
        ((str(DEMO), "--speed", "-1"), 2, "usage"),
        ((str(DEMO), "-c", "!!"), 2, "command-history"),
    ],
)  # fmt: skip
def test_refusals_say_what_and_why(args: tuple[str, ...], status: int, code: str) -> None:
    done = xcrash("replay", *args, "--json")
    assert (done.status, done.document["error"]["code"]) == (status, code)
    assert done.document["error"]["hint"]
