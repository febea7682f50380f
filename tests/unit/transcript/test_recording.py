# SPDX-License-Identifier: Apache-2.0
"""Recordings as exchanges, whether they were recorded or pasted."""

from __future__ import annotations

from pathlib import Path

import pytest

from xcrash.errors import ReplayError
from xcrash.transcript.asciicast import Cast, Event, Facts, Header
from xcrash.transcript.recording import (
    Exchange,
    Piece,
    Recording,
    from_cast,
    from_text,
    read_recording,
    sessions_of_cast,
)


def cast(*events: tuple[float, str, str], facts: Facts | None = None) -> Recording:
    header = Header(version=2, xcrash=facts)
    return from_cast("name", Cast(header=header, events=tuple(Event(*event) for event in events), complete=True))


def exchanges(recording: Recording) -> list[tuple[str, str]]:
    return [(exchange.command, exchange.output) for exchange in recording.exchanges]


def test_events_become_exchanges() -> None:
    recording = cast(
        (1.0, "o", "crash 8.0.2\r\n"),
        (1.5, "o", "crash> "),
        (2.0, "m", "ps"),
        (2.0, "i", "ps\r"),
        (2.25, "o", "PID\r\n"),
        (2.5, "o", "crash> "),
        (3.0, "r", "80x24"),
        (3.0, "i", "q\r"),
        (3.5, "x", "0"),
    )
    assert recording.startup == (Piece(1.0, "crash 8.0.2\r\n"), Piece(0.5, "crash> "))
    assert recording.exchanges[0] == Exchange(
        command="ps", pieces=(Piece(0.25, "PID\r\n"), Piece(0.25, "crash> "))
    )  # fmt: skip
    assert recording.exchanges[1] == Exchange(command="q", pieces=())
    assert (recording.exit_status, recording.complete, recording.prompt) == (0, True, "crash> ")
    assert recording.answer_to(" ps ") == "PID\r\n"
    assert recording.answer_to("bt") is None


def test_what_is_typed_and_not_echoed_is_known_from_the_input() -> None:
    header = Header(version=2)
    events = ((0.0, "o", "crash> "), (1.0, "i", "ps -m\r"), (1.5, "o", "PID\r\ncrash> "))
    (recording,) = sessions_of_cast(
        "x", Cast(header=header, events=tuple(Event(*one) for one in events), complete=True)
    )
    assert exchanges(recording) == [("ps -m", "PID\r\ncrash> ")]


def test_keys_of_a_terminal_that_echoes_are_not_commands() -> None:
    header = Header(version=2)
    events = (
        (0.0, "o", "crash> "),
        (1.0, "i", "\x1b[A"),
        (1.0, "o", "bt"),
        (1.2, "i", "\r"),
        (1.5, "o", "\r\nPID\r\n"),
    )
    (recording,) = sessions_of_cast(
        "x", Cast(header=header, events=tuple(Event(*one) for one in events), complete=True)
    )
    assert exchanges(recording) == [("bt", "PID\ncrash> ")]


def test_typed_keys_become_one_command_at_enter() -> None:
    recording = cast((0, "i", "p"), (0, "i", "s\r"), (0, "o", "x"), (0, "i", "bt\nsys\r"), (0, "i", "unfinished"))
    assert exchanges(recording) == [("ps", "x"), ("bt", ""), ("sys", "")]


@pytest.mark.parametrize("status", ["", "x", "1.5", "--", "0x1"])
def test_a_status_that_is_no_number_is_unknown(status: str) -> None:
    assert cast((0, "x", status)).exit_status is None


@pytest.mark.parametrize(
    "prompt", ["", "crash>", "> ", "a b> ", "x" * 80 + "> ", "crash> \n", "(a)> ", "\x1b[0m> ", "a\x1bb> "]
)
def test_a_prompt_that_crash_cannot_have_is_replaced(prompt: str) -> None:
    assert cast(facts=Facts(prompt=prompt, release="6.1")).facts == Facts(release="6.1")


@pytest.mark.parametrize("prompt", ["crash> ", "%crash> ", "crash-9.0.2> ", "x> ", "\x1b[?2004hcrash> "])
def test_a_prompt_that_crash_can_have_is_kept(prompt: str) -> None:
    assert cast(facts=Facts(prompt=prompt)).prompt == prompt


@pytest.mark.parametrize("prompt", ["crash-9.0.2> ", "\x1b[?2004hcrash> ", "(ins)crash> "])
def test_the_prompt_that_ends_the_startup_is_the_prompt(prompt: str) -> None:
    assert cast((0, "o", "text\r\n" + prompt[:3]), (0, "o", prompt[3:]), facts=Facts(prompt="x> ")).prompt == prompt


def test_the_prompt_of_the_header_counts_when_the_startup_has_none() -> None:
    assert cast((0, "o", "a question> of 2 words> "), facts=Facts(prompt="x> ")).prompt == "x> "


def test_pasted_text_is_a_recording_whose_answers_end_with_the_prompt() -> None:
    recording = from_text("x", "      KERNEL: vmlinux\n\ncrash32> ps\nPID\n")
    assert recording.startup_text == "      KERNEL: vmlinux\n\ncrash32> "
    assert exchanges(recording) == [("ps", "PID\ncrash32> ")]
    assert recording.answer_to("ps") == "PID\n"
    assert recording.facts.source == "pasted text"


def test_files_are_told_apart_by_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b'{"version": 2}\n[0, "o", "crash> "]\n')
    (tmp_path / "b").write_bytes(b"crash> ps\n\xff\n")
    assert read_recording(tmp_path / "a").startup_text == "crash> "
    assert read_recording(tmp_path / "b").answer_to("ps") == "\ufffd\n"


def test_a_file_that_cannot_be_read_or_is_too_large_is_told(tmp_path: Path) -> None:
    (tmp_path / "huge").touch()
    with (tmp_path / "huge").open("wb") as handle:
        handle.truncate((1 << 30) + 1)
    for path, code in ((tmp_path / "no", "recording-unreadable"), (tmp_path / "huge", "recording-too-large")):
        with pytest.raises(ReplayError) as caught:
            read_recording(path)
        assert caught.value.code == code
