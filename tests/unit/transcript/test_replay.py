# SPDX-License-Identifier: Apache-2.0
"""A recording played as a session, in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.casts import BANNER, GPL, HELP, PS, STARTUP, USAGE
from xcrash.errors import ReplayError, SessionError, StartError
from xcrash.session import CommandFinished, Event, OutputGrew, Session, SessionGone, SessionReady, Spool, State, Timing
from xcrash.transcript.asciicast import Facts
from xcrash.transcript.recording import Exchange, Piece, Recording, from_text
from xcrash.transcript.replay import ReplayTransport

AT_ONCE = Timing(settle=0.0, settle_glued=0.0)


def recording(
    *exchanges: tuple[str, str],
    startup: str = f"{STARTUP}crash> ",
    prompt: str = "crash> ",
    status: int | None = None,
    delay: float = 0.0,
) -> Recording:
    return Recording(
        path="x",
        facts=Facts(prompt=prompt),
        startup=(Piece(0.0, startup),),
        exchanges=tuple(
            Exchange(command=command, pieces=tuple(Piece(delay, line) for line in output.splitlines(keepends=True)))
            for command, output in exchanges
        ),
        exit_status=status,
        complete=True,
    )


class Played:
    """A session on a recording."""

    def __init__(self, played: Recording, directory: Path, speed: float = 0.0, strict: bool = False) -> None:
        self.events: list[Event] = []
        self.grew = threading.Event()
        self.finished = threading.Event()
        self.spool = Spool.create(directory)
        timing = AT_ONCE if speed == 0 else Timing(settle_glued=0.02, report=0.0)
        transport = ReplayTransport(played, speed, strict)
        self.session = Session(transport, self.spool, listener=self._listen, timing=timing)
        self.session.start()

    def _listen(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, OutputGrew):
            self.grew.set()
        if isinstance(event, CommandFinished):
            self.finished.set()

    def answer(self, command: str) -> str:
        result = self.session.run(command)
        return self.spool.read(result.start, result.end).decode()


@pytest.fixture
def sessions() -> Iterator[list[Played]]:
    made: list[Played] = []
    yield made
    for played in made:
        played.session.close()
        assert played.session.state is State.GONE
        played.spool.close()


def play(
    sessions: list[Played], directory: Path, played: Recording, speed: float = 0.0, strict: bool = False
) -> Played:
    sessions.append(Played(played, directory, speed, strict))
    return sessions[-1]


def test_answers_come_out_as_recorded(sessions: list[Played], tmp_path: Path) -> None:
    wanted = {"ps": PS, "help": HELP, "mod": "", "p": "glued", "help2": f"{HELP}crash> \r\n"}
    made = recording(*((command, f"{answer}crash> ") for command, answer in wanted.items()))
    played = play(sessions, tmp_path, made)
    played.session.wait_ready()
    assert played.session.version == "8.0.2"
    assert played.session.startup_text() == STARTUP.replace("\r\n", "\n")
    assert {command: played.answer(command) for command in wanted} == wanted


def test_a_command_asked_again_gets_its_next_answer_then_the_last(sessions: list[Played], tmp_path: Path) -> None:
    played = play(sessions, tmp_path, recording(("p x", "1\r\ncrash> "), ("ps", PS), ("p x", "2\r\ncrash> ")))
    played.session.wait_ready()
    assert [played.answer("p x") for _ in range(3)] == ["1\r\n", "2\r\n", "2\r\n"]


def test_a_command_is_answered_as_it_was_at_this_point_of_the_session(sessions: list[Played], tmp_path: Path) -> None:
    made = recording(("bt", "first\r\ncrash> "), ("set 5", "5\r\ncrash> "), ("bt", "second\r\ncrash> "))
    played = play(sessions, tmp_path, made)
    played.session.wait_ready()
    assert [played.answer(line) for line in ("set 5", "bt", "bt")] == ["5\r\n", "second\r\n", "second\r\n"]


def test_a_strict_play_goes_on_while_the_commands_are_the_recorded_ones(sessions: list[Played], tmp_path: Path) -> None:
    played = play(sessions, tmp_path, recording(("ps", PS), ("bt", "x\r\n"), ("ps", "again\r\n")), strict=True)
    played.session.wait_ready()
    assert [played.answer(line) for line in ("ps", "bt", "ps")] == [PS, "x\r\n", "again\r\n"]


@pytest.mark.parametrize(
    ("asked", "difference"),
    [
        (("bt",), "-ps\n+bt"),
        (("ps", "log"), " ps\n-bt\n+log"),
        (("ps", "bt", "bt"), " ps\n bt\n+bt"),
    ],
)
def test_a_strict_play_ends_with_the_difference(
    sessions: list[Played], tmp_path: Path, asked: tuple[str, ...], difference: str
) -> None:
    played = play(sessions, tmp_path, recording(("ps", PS), ("bt", "x\r\n")), strict=True)
    played.session.wait_ready()
    with pytest.raises(ReplayError) as caught:
        for line in asked:
            played.session.run(line)
    assert (caught.value.code, caught.value.exit_status) == ("replay-differs", 7)
    assert caught.value.message.endswith(difference)


def test_what_was_not_recorded_is_an_error_in_the_form_of_crash(sessions: list[Played], tmp_path: Path) -> None:
    played = play(sessions, tmp_path, recording())
    played.session.wait_ready()
    result = played.session.run("bt 1")
    assert result.exit == "error"
    assert played.spool.read(result.start, result.end) == b"bt: this recording has no answer to 'bt 1'\r\n"
    assert played.answer("") == ""


def test_a_missing_prompt_is_added(sessions: list[Played], tmp_path: Path) -> None:
    played = play(sessions, tmp_path, recording(("ps", PS), startup=BANNER))
    played.session.wait_ready()
    assert played.answer("ps") == PS
    assert played.session.startup_text() == BANNER.replace("\r\n", "\n")


def test_pasted_text_is_played(sessions: list[Played], tmp_path: Path) -> None:
    text = "      KERNEL: vmlinux\n\ncrash32> ps\nPID\ncrash32> sys\nCPUS: 2"
    played = play(sessions, tmp_path, from_text("x", text))
    played.session.wait_ready()
    assert [played.answer("ps"), played.answer("sys")] == ["PID\n", "CPUS: 2\n"]


def test_bracketed_paste_is_played(sessions: list[Played], tmp_path: Path) -> None:
    prompt = "\x1b[?2004hcrash> "
    made = recording(("ps", f"\x1b[?2004l\r{PS}{prompt}"), startup=BANNER + prompt, prompt=prompt)
    played = play(sessions, tmp_path, made)
    played.session.wait_ready()
    assert played.answer("ps") == f"\x1b[?2004l\r{PS}"


def test_a_recorded_failure_fails_again(sessions: list[Played], tmp_path: Path) -> None:
    text = f"{GPL}crash: vmcore: not a supported file format\r\n\r\n{USAGE}"
    played = play(sessions, tmp_path, recording(startup=text, status=1))
    with pytest.raises(StartError, match="not a supported file format"):
        played.session.wait_ready()
    assert played.session.gone == SessionGone(played.session.gone.error if played.session.gone else None, 1, None)


def test_an_empty_recording_is_a_session_without_a_banner(sessions: list[Played], tmp_path: Path) -> None:
    played = play(sessions, tmp_path, from_text("x", ""))
    played.session.wait_ready()
    assert played.session.startup_text() == ""
    assert next(event for event in played.events if isinstance(event, SessionReady)).version is None


def test_ctrl_c_stops_an_answer_that_is_played_slowly(sessions: list[Played], tmp_path: Path) -> None:
    made = recording(("log", "line\r\n" * 1000 + "crash> "), ("p 1", "1\r\ncrash> "), delay=0.05)
    played = play(sessions, tmp_path, made, speed=1.0)
    played.session.wait_ready()
    played.grew.clear()
    played.session.submit("log")
    assert played.grew.wait(60)
    played.session.interrupt()
    assert played.finished.wait(60)
    result = played.session.results[0]
    assert result.exit == "interrupted"
    assert played.spool.read(result.start, result.end).replace(b"line\r\n", b"") == b"^C\r\n"
    assert played.answer("p 1") == "1\r\n"


def test_closing_ends_a_slow_start(sessions: list[Played], tmp_path: Path) -> None:
    made = Recording(
        path="x",
        facts=Facts(),
        startup=(Piece(0.0, GPL), Piece(1000.0, "crash> ")),
        exchanges=(),
        exit_status=None,
        complete=True,
    )
    played = play(sessions, tmp_path, made, speed=1.0)
    assert played.grew.wait(60)
    played.session.close()
    assert played.session.gone == SessionGone(None, None, None)
    with pytest.raises(SessionError, match="has ended"):
        played.session.wait_ready()
