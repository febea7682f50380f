# SPDX-License-Identifier: Apache-2.0
"""From the start of crash to its first prompt, or to the reason why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pty.casts import BANNER, GDB, GPL, STARTUP, USAGE, WARNING, Script, painted
from tests.pty.running import QUICK, Starter, open_descriptors
from xcrash.errors import NamelistError, SessionError, StartError, XcrashError
from xcrash.session import (
    InputNeeded,
    MessageSeen,
    PhaseChanged,
    PtyTransport,
    Session,
    SessionGone,
    SessionReady,
    Spool,
    State,
    Timing,
)


def failure(fake: Starter, script: Script, **knobs: object) -> XcrashError:
    running = fake(script, knobs=knobs)
    with pytest.raises(XcrashError) as caught:
        running.ready()
    gone = running.event(SessionGone)
    assert gone.error is caught.value
    assert running.session.state is State.GONE
    return caught.value


def test_startup_reaches_ready_with_version_phases_and_messages(fake: Starter, chunk: int) -> None:
    running = fake(Script(), CHUNK=chunk).ready()
    assert running.session.version == "8.0.2"
    assert running.session.state is State.READY
    assert [event.phase for event in running.all(PhaseChanged)] == [
        "starting crash",
        "reading files and symbols",
        "reading debug info",
        "gathering task table data",
        "determining panic task",
        "printing the banner",
    ]
    assert [(event.message.kind, event.message.text) for event in running.all(MessageSeen)] == [
        ("startup-warning", WARNING)
    ]
    assert [message.text for message in running.session.messages] == [WARNING]
    assert running.spool.read(0, len(STARTUP)) == STARTUP.encode()
    assert running.session.startup_text() == STARTUP.replace("\r\n", "\n")
    assert running.all(SessionReady)[0].seconds == running.session.start_seconds


@pytest.mark.parametrize("version", ["8.0.21", "8.0.6-4.fc42", "9.0.2++", "4.0-8.10"])
def test_a_version_is_read_whole_however_it_arrives(fake: Starter, version: str) -> None:
    assert fake(Script(STARTUP.replace("8.0.2", version)), CHUNK=1).ready().session.version == version


def test_prompts_of_an_rc_file_in_the_startup_do_not_make_it_ready_early(fake: Starter, chunk: int) -> None:
    startup = STARTUP + "crash> set radix 16\r\noutput radix: 16 (hex)\r\ncrash> alias\r\nhelp ? \r\n"
    running = fake(Script(startup).command("p 1", "$1 = 1\r\n"), CHUNK=chunk, PROMPT_PAUSE=0.1).ready()
    assert running.session.startup_text() == startup.replace("\r\n", "\n")
    assert running.answer("p 1") == b"$1 = 1\r\n"


def test_a_reason_is_told_with_its_meaning_and_a_remedy(fake: Starter) -> None:
    text = f"{GPL}crash: /var/crash/vmcore: not a supported file format\r\n\r\n{USAGE}"
    error = failure(fake, Script(None).says(text).exits(1))
    assert isinstance(error, StartError)
    assert error.code == "start-failed"
    assert "/var/crash/vmcore: not a supported file format (" in error.message
    assert error.hint


def test_the_reason_in_front_of_a_generic_consequence_is_told(fake: Starter) -> None:
    text = f"{GPL}crash: vmcore: read: Is a directory\r\ncrash: vmcore: not a supported file format\r\n\r\n{USAGE}"
    error = failure(fake, Script(None).says(text).exits(1))
    assert "read: Is a directory" in error.message
    assert "not a supported file format" not in error.message


def test_a_namelist_that_does_not_match_is_a_namelist_error(fake: Starter, chunk: int) -> None:
    text = f"{GPL}{GDB}crash: /usr/lib/debug/vmlinux and /var/crash/vmcore do not match!\r\n\r\n{USAGE}"
    error = failure(fake, Script(None).says(text).exits(1), CHUNK=chunk)
    assert isinstance(error, NamelistError)
    assert error.code == "namelist-mismatch"
    assert error.exit_status == 3


def test_a_reason_without_a_final_newline_is_told(fake: Starter) -> None:
    error = failure(fake, Script(None).says(f"{GPL}\r\ncrash: /tmp/vmcore: Permission denied").exits(1))
    assert "Permission denied" in error.message


def test_a_silent_death_tells_the_phase_and_how_to_see_more(fake: Starter) -> None:
    error = failure(fake, Script(None).says(GPL + GDB).exits(1))
    assert isinstance(error, StartError)
    assert error.code == "start-silent"
    assert "status 1" in error.message
    assert "reading debug info" in error.message
    assert "-d1" in error.hint


def test_a_death_by_signal_during_startup_is_silent_too(fake: Starter) -> None:
    error = failure(fake, Script(None).says(GPL).exits(139))
    assert error.code == "start-silent"


def test_a_question_at_the_start_is_an_error_for_who_waits(fake: Starter) -> None:
    question = "Enable debuginfod for this session? (y or [n]) "
    running = fake(Script(None).says(GPL + question).asked("n").says(BANNER + "crash> "))
    with pytest.raises(StartError, match="Enable debuginfod") as caught:
        running.ready()
    assert caught.value.code == "question"
    assert running.session.state is State.NEEDS_INPUT
    running.session.answer("n")
    running.event(SessionReady)
    running.session.wait_ready()


def test_a_death_at_a_question_during_startup_is_a_failed_start(fake: Starter) -> None:
    running = fake(Script(None).says(f"{GPL}Continue? (y or n) ").asked("y").exits(1))
    running.session.start()
    running.event(InputNeeded)
    running.session.answer("y")
    error = running.event(SessionGone).error
    assert isinstance(error, StartError)
    assert error.code == "start-silent"


def test_a_start_that_takes_too_long_is_ended(fake: Starter) -> None:
    script = Script(None).says(GPL + painted("gathering module symbol data") + "\r").says("crash> ")
    running = fake(script, HANG_AT=1, timing=Timing(start=0.3))
    with pytest.raises(StartError) as caught:
        running.ready()
    assert caught.value.code == "start-timeout"
    running.session.close()
    gone = running.event(SessionGone)
    assert (gone.exit_status, gone.signal) == (None, 9)


@pytest.mark.parametrize("kind", ["missing", "directory", "not executable", "no program"])
def test_a_program_that_cannot_be_executed_is_told_and_leaves_nothing(fake: Starter, tmp_path: Path, kind: str) -> None:
    program = tmp_path / "crash"
    if kind == "directory":
        program.mkdir()
    elif kind != "missing":
        program.write_bytes(b"\x7fno program")
        program.chmod(0o755 if kind == "no program" else 0o644)
    before = open_descriptors()
    running = fake(Script(), name=str(program))
    with pytest.raises(StartError, match="cannot start") as caught:
        running.ready()
    assert caught.value.code == "crash-not-started"
    assert "--crash" in caught.value.hint
    running.end()
    assert open_descriptors() == before


def test_a_missing_working_directory_is_told(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path)
    session = Session(PtyTransport(["/bin/true"], {}, tmp_path / "gone"), spool, timing=QUICK)
    session.start()
    with pytest.raises(StartError, match="no directory"):
        session.wait_ready()
    spool.close()


def test_a_session_that_was_never_started_leaves_nothing_open(fake: Starter) -> None:
    before = open_descriptors()
    fake(Script()).end()
    assert open_descriptors() == before


def test_commands_after_the_end_are_refused(fake: Starter) -> None:
    running = fake(Script()).ready()
    running.session.close()
    running.event(SessionGone)
    with pytest.raises(SessionError) as caught:
        running.session.run("ps")
    assert caught.value.code == "session-gone"
    with pytest.raises(SessionError, match="has ended"):
        running.session.wait_ready()
