# SPDX-License-Identifier: Apache-2.0
"""A crash that says nothing: whether it works, and what becomes of a command that does not."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from tests.pty.casts import GDB, GPL, Script, painted, streaming
from tests.pty.running import QUICK, Running, Starter, until
from xcrash.session import ActivityChanged, Notice, SessionReady, State, Timing

WATCHFUL = msgspec.structs.replace(QUICK, silent=0.5, measure=0.05)
PATIENT = msgspec.structs.replace(QUICK, silent=1000.0, measure=0.05)


def starting(fake: Starter, timing: Timing, **knobs: object) -> Running:
    script = Script(None).says(GPL + GDB + painted("gathering module symbol data") + "\r").says("crash> ")
    running = fake(script, timing=timing, knobs=knobs)
    running.session.start()
    return running


def test_a_start_that_neither_prints_nor_works_is_told_and_not_ended(fake: Starter) -> None:
    running = starting(fake, WATCHFUL, HANG_AT=1)
    text = running.event(Notice).text
    assert text == "crash has printed nothing and used no CPU for 0.5 s (phase: gathering module symbol data)"
    assert running.session.activity == "no output and no CPU for 0.5 s"
    assert running.session.state is State.STARTING
    assert running.session.gone is None


def test_a_start_that_computes_in_silence_is_working(fake: Starter) -> None:
    running = starting(fake, WATCHFUL, BUSY_AT=1)
    assert running.event(ActivityChanged) == ActivityChanged("working (CPU)")
    assert running.session.activity == "working (CPU)"
    assert running.notices() == []


def test_the_work_of_what_crash_started_counts(fake: Starter, tmp_path: Path) -> None:
    program = tmp_path / "crash"
    program.write_text("#!/bin/sh\necho crash 9.0.2\n(while :; do :; done) | cat\n")
    program.chmod(0o755)
    running = fake(Script(), name=str(program), timing=WATCHFUL)
    running.session.start()
    assert running.event(ActivityChanged) == ActivityChanged("working (CPU)")
    running.session.close()


def test_output_ends_the_silence(fake: Starter) -> None:
    script = Script(None).says(GPL).says(GDB, after=1.0).says("crash> ")
    timing = msgspec.structs.replace(QUICK, silent=0.3, measure=0.05)
    running = fake(script, SPEED=1, timing=timing)
    running.session.start()
    running.event(SessionReady)
    told = [event.text for event in running.all(ActivityChanged)]
    assert told[-2:] == ["no output and no CPU for 0.3 s", ""]
    assert len(running.notices()) == 1


def test_a_command_that_neither_prints_nor_works_is_told(fake: Starter) -> None:
    script = Script().asked("kmem -S")
    running = fake(script.says("never"), HANG_AT=len(script) - 1, timing=WATCHFUL).ready()
    running.session.submit("kmem -S")
    assert running.event(Notice).text == "crash has printed nothing and used no CPU for 0.5 s ('kmem -S')"
    assert running.session.state is State.BUSY


def test_an_idle_command_past_its_limit_is_interrupted_and_the_session_goes_on(fake: Starter) -> None:
    script = Script().asked("kmem -S")
    hang = len(script)
    running = fake(script.says("x").says("crash> ").command("p 1", "1\r\n"), HANG_AT=hang, timing=PATIENT).ready()
    assert running.session.run("kmem -S", idle=0.3).exit == "timeout"
    assert running.notices() == ["'kmem -S' is interrupted: no output and no CPU for 0.3 s"]
    assert running.answer("p 1") == b"1\r\n"


def test_a_command_that_prints_is_not_idle(fake: Starter) -> None:
    running = fake(streaming(lines=30), SPEED=1, timing=PATIENT).ready()
    assert running.session.run("search -k deadbeef", idle=1.0).exit == "ok"


def test_a_command_that_works_in_silence_is_not_idle(fake: Starter) -> None:
    script = Script().asked("kmem -S")
    busy = len(script)
    running = fake(script.says("x").says("crash> ").command("p 1", "1\r\n"), BUSY_AT=busy, timing=PATIENT).ready()
    number = running.session.submit("kmem -S", idle=0.5)
    running.event(ActivityChanged)
    activity = running.session._engine.activity
    until(lambda: activity.silence(time.monotonic()) > 1.5, "a silence three times as long as the limit")
    assert running.session.state is State.BUSY
    running.session.interrupt()
    assert running.result(number).exit == "interrupted"
    assert running.answer("p 1") == b"1\r\n"


def test_a_question_that_waits_for_its_user_is_no_hang(fake: Starter) -> None:
    script = Script().asked("gdb x").says("Continue? (y or n) ").asked("y").says("crash> ")
    running = fake(script, timing=msgspec.structs.replace(WATCHFUL, silent=0.2)).ready()
    number = running.session.submit("gdb x", idle=0.6)
    until(lambda: running.session.state is State.NEEDS_INPUT, "the question")
    running.session.answer("y")
    assert running.result(number).exit == "ok"
    assert running.notices() == []
