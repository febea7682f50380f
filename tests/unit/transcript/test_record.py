# SPDX-License-Identifier: Apache-2.0
"""The recorder: never in the way, told once when it had to stop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xcrash.transcript.asciicast import Facts, read_cast
from xcrash.transcript.record import CastRecorder, recording_path


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
