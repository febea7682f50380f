# SPDX-License-Identifier: Apache-2.0
"""However a session ends: the reason is told, crash is reaped, and nothing stays open."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from tests.processes import exists, has_ended
from tests.pty.casts import BANNER, GDB, GPL, PS, Script, streaming
from tests.pty.running import Running, Starter, open_descriptors, until
from xcrash.errors import SessionError
from xcrash.session import CommandFinished, Event, PhaseChanged, SessionGone, SessionReady, State, Timing

SHORT = Timing(settle=0.002, settle_glued=0.05, quit=0.1, interrupt=0.1, give_up=0.1)


def ended(running: Running) -> SessionGone:
    """Wait for the end; crash must be gone, not even a zombie."""
    gone = running.event(SessionGone)
    assert running.session.gone is gone
    assert running.session.state is State.GONE
    assert not exists(running.pid)
    return gone


def test_a_death_in_mid_answer_is_told_to_who_waits(fake: Starter, chunk: int) -> None:
    script = Script().asked("bt -a").says("PID: 0\r\n")
    death = len(script)
    running = fake(script.says("never\r\n"), CHUNK=chunk, DIE_AT=death).ready()
    with pytest.raises(SessionError, match=r"ended by itself during 'bt -a' \(status 1\)") as caught:
        running.session.run("bt -a")
    assert caught.value.code == "crash-died"
    result = running.event(CommandFinished).result
    assert result.exit == "died"
    assert running.output(result) == b"PID: 0\r\n"
    assert ended(running).error is caught.value


def test_a_death_by_signal_is_told(fake: Starter) -> None:
    running = fake(Script()).ready()
    os.kill(running.pid, signal.SIGKILL)
    gone = ended(running)
    assert (gone.exit_status, gone.signal) == (None, 9)
    assert gone.error is not None
    assert gone.error.message == "crash ended by itself (signal 9)"
    assert gone.error.exit_status == 6


def test_commands_that_were_waiting_when_crash_died_are_refused(fake: Starter) -> None:
    running = fake(streaming(), SPEED=1).ready()
    running.session.submit("search -k deadbeef")
    errors: list[SessionError] = []

    def wait() -> None:
        try:
            running.session.run("p 1+1")
        except SessionError as error:
            errors.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    running.streams()
    os.kill(running.pid, signal.SIGKILL)
    waiter.join()
    assert [error.code for error in errors] == ["crash-died"]


@pytest.mark.parametrize("stubborn", [False, True], ids=["polite", "stubborn"])
@pytest.mark.parametrize("moment", ["start", "prompt", "busy"])
def test_closing_ends_crash_at_any_moment_and_leaves_nothing_open(
    fake: Starter, tmp_path: Path, moment: str, stubborn: bool
) -> None:
    before = open_descriptors()
    script = Script(None).says(GPL).says(GDB, after=0.0 if moment != "start" else 1000.0)
    script.says(f"{BANNER}crash> ").asked("search").says("a\r\n")
    for _ in range(100):
        script.says("a\r\n", after=10.0)
    knobs = {"STUBBORN": 1, "DEAF_PRESSES": 1000} if stubborn else {}
    running = fake(script, SPEED=1, timing=SHORT if stubborn else Timing(settle_glued=0.05), knobs=knobs)
    running.session.start()
    if moment == "start":
        running.event(PhaseChanged, 1)
    else:
        running.event(SessionReady)
    if moment == "busy":
        running.session.submit("search")
        running.streams(b"a\r\n")
    running.end()
    gone = ended(running)
    assert gone.error is None
    status = 0 if moment == "prompt" else 1
    assert (gone.exit_status, gone.signal) == ((None, 9) if stubborn else (status, None))
    assert [event.result.exit for event in running.all(CommandFinished)] == ["interrupted"] * (moment == "busy")
    assert open_descriptors() == before


def test_closing_twice_and_after_the_end_is_harmless(fake: Starter) -> None:
    running = fake(Script()).ready()
    running.session.close(wait=False)
    running.session.close()
    ended(running)
    running.session.close()
    running.session.interrupt()
    assert len(running.all(SessionGone)) == 1


def test_requests_after_the_end_do_not_write_into_files_opened_since(fake: Starter, tmp_path: Path) -> None:
    running = fake(Script()).ready()
    running.session.close()
    ended(running)
    descriptors = [os.open(tmp_path / f"{number}", os.O_RDWR | os.O_CREAT) for number in range(40)]
    running.session.interrupt()
    running.session.close()
    for number, descriptor in enumerate(descriptors):
        os.close(descriptor)
        assert (tmp_path / f"{number}").read_bytes() == b""


def test_a_listener_may_close_the_session(fake: Starter) -> None:
    running = fake(Script())
    heard = running._listen

    def listen(event: Event) -> None:
        heard(event)
        if isinstance(event, SessionReady):
            running.session.close()

    running.session._listener = listen
    running.session.start()
    assert ended(running).error is None


def test_a_listener_that_fails_ends_the_session_with_a_reason(fake: Starter) -> None:
    running = fake(Script().command("p 1", "1\r\n")).ready()
    heard = running._listen

    def listen(event: Event) -> None:
        heard(event)
        if isinstance(event, CommandFinished):
            raise ValueError("broken listener")

    running.session._listener = listen
    running.session.submit("p 1")
    error = ended(running).error
    assert isinstance(error, SessionError)
    assert error.code == "internal"
    assert "broken listener" in error.message


def test_crash_lives_on_when_the_thread_that_started_it_ends(fake: Starter) -> None:
    running = fake(Script().command("ps", PS))
    starter = threading.Thread(target=running.ready)
    starter.start()
    starter.join()
    assert running.answer("ps") == PS.encode()
    assert exists(running.pid)


def test_what_crash_started_is_ended_with_it(fake: Starter, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = tmp_path / "crash"
    program.write_text(
        f"#!/bin/sh\ntrap '' USR2 INT HUP TERM\nsleep 1000 &\necho $! > {note}\nprintf 'crash> '\nwait\n"
    )
    program.chmod(0o755)
    running = fake(Script(), name=str(program), timing=SHORT)
    running.session.start()
    until(lambda: note.exists() and note.read_text().strip(), "the child of crash")
    child = int(note.read_text())
    running.session.close()
    assert ended(running).signal == 9
    until(lambda: has_ended(child), "the end of its child")


def test_sessions_one_after_the_other_leave_no_descriptor_and_no_thread(fake: Starter) -> None:
    fake(Script()).ready().end()
    before, threads = open_descriptors(), set(threading.enumerate())
    for _ in range(3):
        running = fake(Script().command("ps", PS)).ready()
        assert running.answer("ps") == PS.encode()
        running.end()
    until(lambda: set(threading.enumerate()) <= threads, "the end of every thread")
    assert open_descriptors() == before


def test_two_sessions_at_once_do_not_mix(fake: Starter) -> None:
    one = fake(Script().command("ps", "one\r\n" * 1000), CHUNK=7)
    two = fake(Script().command("ps", "two\r\n" * 1000), CHUNK=7)
    one.session.start()
    two.session.start()
    numbers = [running.session.submit("ps") for running in (one, two)]
    assert one.output(one.result(numbers[0])) == b"one\r\n" * 1000
    assert two.output(two.result(numbers[1])) == b"two\r\n" * 1000
    one.end()
    assert two.session.state is State.READY
