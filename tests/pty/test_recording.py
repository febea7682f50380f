# SPDX-License-Identifier: Apache-2.0
"""A session over a pty is written down as it was, and plays again as it was."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import has_ended
from tests.pty.casts import HELP, PS, STARTUP, Script, streaming
from tests.pty.running import Starter, until
from xcrash.errors import SessionError
from xcrash.session import Session, SessionGone, Spool, Timing
from xcrash.transcript import fakecrash
from xcrash.transcript.asciicast import Facts, read_cast
from xcrash.transcript.record import CastRecorder
from xcrash.transcript.recording import Recording, read_recording
from xcrash.transcript.replay import ReplayTransport

ANSWERS = {
    "help ps": HELP,
    "ps": PS,
    "mod": "",
    "!printf x": "x",
    "log": "".join(f"[{number:8}] line\r\n" for number in range(3000)),
    "bt 9": "bt: invalid task or pid value: 9\r\n",
}
REPLAY = Timing(settle=0.0, settle_glued=0.0)


def recorder(directory: Path, troubles: list[str] | None = None) -> CastRecorder:
    return CastRecorder(directory / "kept" / "session.cast", Facts(kind="vmcore"), (troubles or []).append)


def script() -> Script:
    made = Script()
    for command, answer in ANSWERS.items():
        made.command(command, answer)
    return made


def output(recording: Recording, command: str) -> str:
    (exchange,) = (exchange for exchange in recording.exchanges if exchange.command == command)
    return exchange.output


def test_a_recording_holds_every_answer_and_no_handshake(fake: Starter, tmp_path: Path, chunk: int) -> None:
    kept = recorder(tmp_path)
    running = fake(script(), recorder=kept, CHUNK=chunk, PROMPT_PAUSE=0.03).ready()
    for command in ANSWERS:
        running.session.run(command)
    running.session.close()
    recording = read_recording(kept.path)
    assert recording.complete
    assert recording.exit_status == 0
    assert recording.startup_text == f"{STARTUP}crash> "
    assert {exchange.command: exchange.output for exchange in recording.exchanges} == {
        **{command: f"{answer}crash> " for command, answer in ANSWERS.items()},
        "q": "",
    }
    assert b"xcrash-" not in kept.path.read_bytes()
    assert [event.data for event in read_cast(kept.path).events if event.code == "m"] == [*ANSWERS, "q"]


def test_a_replay_gives_the_same_results_as_the_pty(fake: Starter, tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    running = fake(script(), recorder=kept).ready()
    results = [running.session.run(command) for command in ANSWERS]
    running.session.close()

    spool = Spool.create(tmp_path)
    replayed = Session(ReplayTransport(read_recording(kept.path)), spool, timing=REPLAY)
    replayed.start()
    replayed.wait_ready()
    again = [replayed.run(command) for command in ANSWERS]
    assert [spool.read(one.start, one.end) for one in again] == [running.output(one) for one in results]
    assert [one.exit for one in again] == [one.exit for one in results]
    assert replayed.startup_text() == running.session.startup_text()
    assert replayed.messages == running.session.messages
    assert replayed.version == running.session.version
    replayed.close()
    assert replayed.gone == SessionGone(None, 0, None)
    spool.close()


@pytest.mark.parametrize(
    ("prompt", "enter"), [("\x1b[?2004hcrash> ", "\x1b[?2004l\r"), ("crash-9.0.2> ", ""), ("(ins)crash> ", "")]
)
def test_other_prompts_are_recorded_and_played_as_they_were(
    fake: Starter, tmp_path: Path, prompt: str, enter: str
) -> None:
    kept = recorder(tmp_path)
    made = Script(prompt=prompt).command("ps", PS).command("p 1", "1\r\n")
    running = fake(made, recorder=kept, ENTER=enter).ready()
    answers = [running.answer(command) for command in ("ps", "p 1")]
    assert answers == [(enter + PS).encode(), f"{enter}1\r\n".encode()]
    running.session.close()
    recording = read_recording(kept.path)
    assert recording.startup_text == STARTUP + prompt
    assert output(recording, "ps") == enter + PS + prompt
    assert output(recording, "p 1") == f"{enter}1\r\n{prompt}"

    spool = Spool.create(tmp_path)
    replayed = Session(ReplayTransport(recording), spool, timing=REPLAY)
    replayed.start()
    replayed.wait_ready()
    results = [replayed.run(command) for command in ("ps", "p 1")]
    assert [spool.read(result.start, result.end) for result in results] == answers
    assert replayed.startup_text() == running.session.startup_text()
    replayed.close()
    spool.close()


def test_what_came_behind_a_false_prompt_is_recorded_when_crash_dies(fake: Starter, tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    made = Script().asked("help ps").says(f"{HELP}crash> ").says("last words\r\n", after=0.3)
    death = len(made)
    made.says("never")
    running = fake(made, recorder=kept, SPEED=1, DIE_AT=death).ready()
    with pytest.raises(SessionError, match="ended by itself"):
        running.session.run("help ps")
    running.session.close()
    assert output(read_recording(kept.path), "help ps") == f"{HELP}crash> last words\r\n"


def test_what_came_behind_a_false_prompt_is_recorded_when_it_is_interrupted(fake: Starter, tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    made = Script().asked("help ps").says(f"{HELP}crash> ").says("more\r\n", after=0.3)
    for _ in range(1000):
        made.says("more\r\n", after=0.05)
    made.says("crash> ").command("p 1", "1\r\n")
    running = fake(made, recorder=kept, SPEED=1).ready()
    number = running.session.submit("help ps")
    until(lambda: running.spool.read(0, running.spool.size).endswith(b"more\r\n"), "output behind the prompt")
    running.session.interrupt()
    result = running.result(number)
    running.answer("p 1")
    running.session.close()
    recording = read_recording(kept.path)
    assert output(recording, "help ps") == running.output(result).decode() + "crash> "
    assert output(recording, "p 1") == "1\r\ncrash> "
    assert b"xcrash-" not in kept.path.read_bytes()


def test_a_recording_is_private(tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    kept.ended(None)


def test_a_disk_that_fills_up_ends_the_recording_and_not_the_session(fake: Starter, tmp_path: Path) -> None:
    troubles: list[str] = []
    kept = CastRecorder(tmp_path / "session.cast", Facts(), troubles.append)
    running = fake(Script().command("ps", PS).command("p 1", "1\r\n"), recorder=kept).ready()
    assert kept._writer is not None
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, kept._writer._fd)
    os.close(full)
    assert running.answer("ps") == PS.encode()
    assert running.answer("p 1") == b"1\r\n"
    running.session.close()
    assert len(troubles) == 1
    assert "No space left" in troubles[0]
    assert str(kept.path) in troubles[0]
    recording = read_recording(kept.path)
    assert recording.startup_text == f"{STARTUP}crash> "
    assert recording.exchanges == ()


def test_a_recording_is_kept_when_the_spool_is_full(fake: Starter, tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    running = fake(Script().command("ps", PS), recorder=kept).ready()
    full = os.open("/dev/full", os.O_RDWR)
    os.dup2(full, running.spool._fd)
    os.close(full)
    assert running.session.run("ps").exit == "ok"
    running.session.close()
    recording = read_recording(kept.path)
    assert recording.startup_text == f"{STARTUP}crash> "
    assert recording.exchanges[0].output == f"{PS}crash> "


KILLED = """
import sys
from pathlib import Path
from xcrash.session import PtyTransport, Session, Spool
from xcrash.transcript.asciicast import Facts
from xcrash.transcript.record import CastRecorder

fake, cast, kept = sys.argv[1:]
argv = [sys.executable, "-I", "-S", fake, cast]
transport = PtyTransport(argv, {"XC_REPLAY_SPEED": "1"}, Path(kept).parent)
session = Session(transport, Spool.create(Path(kept).parent), recorder=CastRecorder(Path(kept), Facts()))
session.start()
session.wait_ready()
print(transport._pid, flush=True)
session.run("search -k deadbeef")
"""


def test_a_killed_xcrash_leaves_a_readable_recording_and_no_crash(tmp_path: Path) -> None:
    cast, kept = streaming().write(tmp_path / "played.cast"), tmp_path / "kept.cast"
    program = [sys.executable, "-c", KILLED, str(fakecrash.__file__), str(cast), str(kept)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as xcrash:
        assert xcrash.stdout is not None
        pid = int(xcrash.stdout.readline())
        until(lambda: b"00000003: deadbeef" in kept.read_bytes(), "output in the recording")
        xcrash.send_signal(signal.SIGKILL)
    until(lambda: has_ended(pid), "the end of crash")
    recording = read_recording(kept)
    assert recording.complete
    assert recording.exit_status is None
    assert recording.startup_text == f"{STARTUP}crash> "
    assert "ffff8d1a00000003: deadbeef\r\n" in output(recording, "search -k deadbeef")


def test_a_start_that_the_user_ended_is_marked_and_one_that_failed_is_not(fake: Starter, tmp_path: Path) -> None:
    given_up, failed = recorder(tmp_path / "a"), recorder(tmp_path / "b")
    running = fake(Script(None).says(STARTUP).says("crash> "), recorder=given_up, HANG_AT=1)
    running.session.start()
    until(lambda: running.spool.size, "crash has begun to talk")
    running.session.close()
    other = fake(Script(None).says(STARTUP).says("crash> "), recorder=failed, DIE_AT=1)
    other.session.start()
    other.event(SessionGone)
    assert read_recording(given_up.path).abandoned
    assert not read_recording(failed.path).abandoned
