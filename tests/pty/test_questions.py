# SPDX-License-Identifier: Apache-2.0
"""When crash waits for something that is not a command."""

from __future__ import annotations

import pytest

from tests.pty.casts import Script
from tests.pty.running import Starter, until
from xcrash.errors import SessionError
from xcrash.session import CommandFinished, InputNeeded, State

QUESTION = "Reinitialize source path to empty? (y or n) "
PAGER = "\x1b[7m -- MORE --  forward: <SPACE>, <ENTER> or j  backward: b or k  quit: q\x1b[m"


def test_a_question_of_gdb_is_told_and_its_answer_goes_on(fake: Starter, chunk: int) -> None:
    script = Script().asked("gdb directory").says(QUESTION).command("y", "Source directories: $cdir\r\n")
    running = fake(script.command("p 1", "$1 = 1\r\n"), CHUNK=chunk).ready()
    number = running.session.submit("gdb directory")
    assert running.event(InputNeeded).text == QUESTION.strip()
    assert running.session.state is State.NEEDS_INPUT
    running.session.answer("y")
    result = running.result(number)
    assert result.exit == "ok"
    assert running.output(result) == (QUESTION + "Source directories: $cdir\r\n").encode()
    assert running.answer("p 1") == b"$1 = 1\r\n"
    assert len(running.all(InputNeeded)) == 1


def test_a_question_stops_who_waits_for_the_command(fake: Starter) -> None:
    running = fake(Script().asked("gdb directory").says(QUESTION).command("n").command("p 1", "1\r\n")).ready()
    with pytest.raises(SessionError, match="Reinitialize source path") as caught:
        running.session.run("gdb directory")
    assert caught.value.code == "question"
    running.session.answer("n")
    running.event(CommandFinished)
    assert running.answer("p 1") == b"1\r\n"


def test_an_answered_question_does_not_stop_a_later_command(fake: Starter) -> None:
    running = fake(Script().asked("gdb directory").says(QUESTION).command("y").command("p 1", "1\r\n")).ready()
    number = running.session.submit("gdb directory")
    running.event(InputNeeded)
    running.session.answer("y")
    running.result(number)
    assert running.answer("p 1") == b"1\r\n"


def test_two_questions_in_one_command_are_both_told(fake: Starter) -> None:
    script = Script().asked("gdb x").says("Quit this debugging session? (y or n) ").asked("n")
    running = fake(script.says("Create a core file of GDB? (y or n) ").command("n", "done\r\n")).ready()
    number = running.session.submit("gdb x")
    for at, question in enumerate(["debugging session? (y or n)", "core file of GDB? (y or n)"]):
        assert running.event(InputNeeded, at).text.endswith(question)
        running.session.answer("n")
    assert running.output(running.result(number)).endswith(b"done\r\n")


def test_a_pager_is_told_as_a_question(fake: Starter) -> None:
    script = Script().asked("ps").says("PID PPID\r\n").says(PAGER).command("q", "\r\x1b[K")
    running = fake(script).ready()
    number = running.session.submit("ps")
    assert "-- MORE --" in running.event(InputNeeded).text
    running.session.answer("q")
    assert running.result(number).exit == "ok"


def test_an_interrupt_at_a_question_ends_the_command(fake: Starter) -> None:
    script = Script().asked("gdb directory").says(QUESTION).asked("y").command("p 1", "1\r\n")
    running = fake(script, STRICT=0).ready()
    number = running.session.submit("gdb directory")
    running.event(InputNeeded)
    running.session.interrupt()
    assert running.result(number).exit == "interrupted"
    assert running.answer("p 1") == b"1\r\n"


def test_output_that_goes_on_behind_what_seemed_a_question_is_no_question_any_more(fake: Starter) -> None:
    script = Script().asked("log").says("is it (y or n) ").says("or not\r\n", after=1.0).says("crash> ")
    running = fake(script, SPEED=1).ready()
    number = running.session.submit("log")
    running.event(InputNeeded)
    assert running.output(running.result(number)) == b"is it (y or n) or not\r\n"
    assert running.session.state is State.READY


def test_an_answer_without_a_question_is_not_typed(fake: Starter) -> None:
    running = fake(Script().command("p 1", "1\r\n").command("p 2", "2\r\n")).ready()
    running.session.answer("y")
    assert running.answer("p 1") == b"1\r\n"
    assert running.answer("p 2") == b"2\r\n"


def test_a_timeout_runs_on_at_a_question(fake: Starter) -> None:
    running = fake(Script().asked("gdb x").says(QUESTION).asked("y").command("p 1", "1\r\n"), STRICT=0).ready()
    number = running.session.submit("gdb x", timeout=0.3)
    assert running.result(number).exit == "timeout"
    until(lambda: running.session.state is State.READY, "the prompt")
    assert running.answer("p 1") == b"1\r\n"
