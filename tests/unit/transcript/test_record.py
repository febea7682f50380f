# SPDX-License-Identifier: Apache-2.0
"""The recorder: never in the way, told once when it had to stop."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from xcrash.session import Session, Spool, Timing
from xcrash.transcript.asciicast import Facts, parse_cast, read_cast
from xcrash.transcript.record import CastRecorder, recording_path
from xcrash.transcript.recording import from_cast, from_text, read_recording
from xcrash.transcript.replay import ReplayTransport


def test_a_session_is_written_event_by_event(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "made" / "a.cast", Facts(release="6.1"))
    recorder.output(b"crash> ")
    recorder.input("ps")
    recorder.output(b"PID\r\n")
    recorder.ended(0)
    cast = read_cast(recorder.path)
    assert [(event.code, event.data) for event in cast.events] == [
        ("o", "crash> "),
        ("m", "ps"),
        ("i", "ps\r"),
        ("o", "PID\r\n"),
        ("x", "0"),
    ]
    assert cast.header.title == "a"
    assert cast.header.xcrash == Facts(release="6.1")


def test_characters_in_pieces_stay_whole_and_other_bytes_are_replaced(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "a.cast", Facts())
    for byte in "é€\U0001f4a5\r\n".encode():
        recorder.output(bytes([byte]))
    recorder.output(b"\xff\x00\x1b[0m")
    recorder.ended(0)
    events = read_cast(recorder.path).events
    assert "".join(event.data for event in events if event.code == "o") == "é€\U0001f4a5\r\n\ufffd\x00\x1b[0m"


def test_an_end_by_signal_has_no_status(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "a.cast", Facts())
    recorder.ended(None)
    recorder.output(b"too late")
    recorder.ended(1)
    assert [(event.code, event.data) for event in read_cast(recorder.path).events] == [("x", "")]


def test_a_command_that_is_no_utf8_does_not_stop_the_recording(tmp_path: Path) -> None:
    troubles: list[str] = []
    recorder = CastRecorder(tmp_path / "a.cast", Facts(), troubles.append)
    recorder.input("p \udcff")
    recorder.output(b"on")
    recorder.ended(0)
    assert troubles == []
    assert read_cast(recorder.path).events[-2].data == "on"


def test_trouble_is_told_once_and_nothing_raises(tmp_path: Path) -> None:
    troubles: list[str] = []
    recorder = CastRecorder(tmp_path / "a.cast", Facts(), troubles.append)
    recorder.output(b"kept")
    assert recorder._writer is not None
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, recorder._writer._fd)
    os.close(full)
    for _ in range(3):
        recorder.output(b"lost")
        recorder.input("lost")
    recorder.ended(0)
    assert len(troubles) == 1
    assert troubles[0].startswith("the recording stopped: [Errno 28]")
    assert [event.data for event in read_cast(recorder.path).events] == ["kept"]


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("vmcore", "vmcore"),
        ("127.0.0.1-2019", "127.0.0.1-2019"),
        ("../../etc/passwd", "etc-passwd"),
        ("a b\n\x1b[0m", "a-b---0m"),
        ("...", "session"),
        ("", "session"),
        ("x" * 300, "x" * 64),
    ],
)
def test_a_recording_is_named_after_its_subject(tmp_path: Path, subject: str, name: str) -> None:
    path = recording_path(tmp_path, subject)
    assert path.parent == tmp_path
    assert path.suffix == ".cast"
    assert path.name.split("-", 1)[1] == f"{name}.cast"


def test_names_that_exist_get_a_number(tmp_path: Path) -> None:
    paths = []
    for _ in range(3):
        paths.append(recording_path(tmp_path, "vmcore"))
        paths[-1].touch()
    assert len(set(paths)) == 3


def test_a_real_recording_cut_off_at_every_byte_gives_what_was_complete(tmp_path: Path) -> None:
    recorder = CastRecorder(tmp_path / "a.cast", Facts(argv=("crash", "vmlinux", "vmcore"), kind="vmcore"))
    played = from_text("x", "crash 8.0.2\n\n      KERNEL: v\n\ncrash> ps\nPID é\ncrash> bt\n #0 x\n")
    spool = Spool.create(tmp_path)
    session = Session(ReplayTransport(played), spool, recorder=recorder, timing=Timing(settle=0.0, settle_glued=0.0))
    session.start()
    session.wait_ready()
    for command in ("ps", "bt", "nosuch"):
        session.run(command)
    session.close()
    spool.close()
    data = (tmp_path / "a.cast").read_bytes()
    assert stat.S_IMODE((tmp_path / "a.cast").stat().st_mode) == 0o600
    whole = read_recording(tmp_path / "a.cast")
    commands = [one.command for one in whole.exchanges]
    assert commands == ["ps", "bt", "nosuch", "q"]
    assert (whole.answer_to("ps"), whole.complete) == ("PID é\n", True)
    events = parse_cast(data, "a").events
    for length in range(data.index(b"\n"), len(data)):
        cast = parse_cast(data[:length], "a")
        assert cast.events == events[: len(cast.events)]
        assert len(cast.events) in (data[:length].count(b"\n[") - 1, data[:length].count(b"\n["))
        recording = from_cast("a", cast)
        assert [one.command for one in recording.exchanges] == [one.command for one in whole.exchanges][
            : len(recording.exchanges)
        ]
        assert whole.startup_text.startswith(recording.startup_text)
        assert recording.facts == whole.facts
