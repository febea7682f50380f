# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and time limits: the command ends, the session and the next answer are whole."""

from __future__ import annotations

import msgspec
import pytest

from tests.pty.casts import HELP, STARTUP, Script, streaming
from tests.pty.running import QUICK, Starter, until
from xcrash.errors import SessionError
from xcrash.session import CommandFinished, Notice, SessionGone, State, Timing
from xcrash.session.presses import presses_needed


def test_ctrl_c_ends_an_answer_that_streams(fake: Starter, chunk: int) -> None:
    running = fake(streaming(), CHUNK=chunk, SPEED=1).ready()
    number = running.session.submit("search -k deadbeef")
    running.streams()
    running.session.interrupt()
    result = running.result(number)
    assert result.exit == "interrupted"
    assert running.output(result).startswith(b"ffff8d1a00000000: deadbeef\r\n")
    assert running.session.state is State.READY
    assert running.answer("p 1+1") == b"$1 = 2\r\n"
    assert running.answer("sys") == b"        CPUS: 2\r\n"


def test_ctrl_c_that_is_ignored_is_pressed_again_and_told(fake: Starter) -> None:
    running = fake(streaming(), SPEED=1, DEAF_PRESSES=1).ready()
    number = running.session.submit("search -k deadbeef")
    running.streams()
    running.session.interrupt()
    assert "not reacted to Ctrl-C" in running.event(Notice).text
    assert running.result(number).exit == "interrupted"
    assert running.answer("p 1+1") == b"$1 = 2\r\n"


def test_ctrl_c_right_behind_a_command_reaches_it(fake: Starter) -> None:
    running = fake(streaming(), SPEED=1, STRICT=0).ready()
    number = running.session.submit("search -k deadbeef")
    running.session.interrupt()
    assert running.result(number).exit == "interrupted"
    assert running.answer("p 1+1") == b"$1 = 2\r\n"


def test_ctrl_c_at_the_prompt_and_during_startup_does_nothing(fake: Starter) -> None:
    running = fake(Script().command("p 1", "1\r\n"))
    running.session.start()
    running.session.interrupt()
    running.session.wait_ready()
    running.session.interrupt()
    assert running.answer("p 1") == b"1\r\n"
    assert running.session.results[0].exit == "ok"


def test_ctrl_c_while_a_handshake_is_out_keeps_the_next_answer_exact(fake: Starter) -> None:
    script = Script().asked("help ps").says(f"{HELP}crash> ")
    for _ in range(2000):
        script.says("more\r\n", after=0.05)
    script.says("crash> ").command("p 1", "1\r\n")
    running = fake(script, SPEED=1, PROMPT_PAUSE=0.05).ready()
    number = running.session.submit("help ps")
    until(lambda: running.spool.read(0, running.spool.size).endswith(b"more\r\n"), "output behind the false prompt")
    running.session.interrupt()
    assert running.result(number).exit == "interrupted"
    assert running.answer("p 1") == b"1\r\n"


def test_ctrl_c_many_times_in_a_row_leaves_the_session_in_step(fake: Starter) -> None:
    running = fake(streaming(), SPEED=1, STRICT=0).ready()
    for _ in range(5):
        number = running.session.submit("search -k deadbeef")
        running.session.interrupt()
        running.session.interrupt()
        assert running.result(number).exit == "interrupted"
    assert running.answer("p 1+1") == b"$1 = 2\r\n"


def test_a_command_queued_behind_an_interrupted_one_still_runs(fake: Starter) -> None:
    running = fake(streaming(), SPEED=1).ready()
    first = running.session.submit("search -k deadbeef")
    running.streams()
    second = running.session.submit("p 1+1")
    running.session.interrupt()
    assert running.result(first).exit == "interrupted"
    assert running.output(running.result(second)) == b"$1 = 2\r\n"
    assert [event.result.id for event in running.all(CommandFinished)] == [first, second]


def test_a_command_over_its_limit_is_interrupted_and_the_session_goes_on(fake: Starter, chunk: int) -> None:
    running = fake(streaming(), CHUNK=chunk, SPEED=1).ready()
    result = running.session.run("search -k deadbeef", timeout=0.2)
    assert result.exit == "timeout"
    assert running.answer("p 1+1", timeout=60.0) == b"$1 = 2\r\n"
    assert running.session.results[1].exit == "ok"


def test_a_command_that_hangs_silently_is_interrupted_too(fake: Starter) -> None:
    script = Script().asked("kmem -S")
    hang = len(script)
    running = fake(script.says("nothing").says("crash> ").command("p 1", "1\r\n"), HANG_AT=hang).ready()
    assert running.session.run("kmem -S", timeout=0.1).exit == "timeout"
    assert running.answer("p 1") == b"1\r\n"


def test_a_stuck_command_ends_the_session_and_the_process(fake: Starter) -> None:
    script = Script().asked("kmem -S").says("partial\r\n")
    hang = len(script)
    timing = Timing(settle_glued=0.05, interrupt=0.1, give_up=0.2, quit=0.5)
    running = fake(script.says("never"), HANG_AT=hang, DEAF_PRESSES=1000, timing=timing).ready()
    with pytest.raises(SessionError, match="kmem -S") as caught:
        running.session.run("kmem -S", timeout=0.1)
    assert caught.value.code == "command-stuck"
    gone = running.event(SessionGone)
    assert gone.error is caught.value
    assert gone.signal == 9
    result = running.all(CommandFinished)[-1].result
    assert result.exit == "died"
    assert running.output(result) == b"partial\r\n"


def test_a_stuck_command_that_the_user_interrupted_waits_for_the_user(fake: Starter) -> None:
    script = Script().asked("kmem -S").says("partial\r\n")
    hang = len(script)
    timing = Timing(settle_glued=0.05, interrupt=0.05, give_up=0.1, quit=QUICK.quit)
    running = fake(script.says("never"), HANG_AT=hang, DEAF_PRESSES=1000, timing=timing).ready()
    running.session.submit("kmem -S")
    running.streams(b"partial\r\n")
    running.session.interrupt()
    running.event(Notice)
    assert running.session.state is State.INTERRUPTING
    running.session.close()
    assert running.event(SessionGone).error is None
    assert running.all(CommandFinished)[-1].result.exit == "interrupted"


def test_a_crash_before_7_0_5_gets_its_three_presses_in_a_row(fake: Starter) -> None:
    script = Script(STARTUP.replace("8.0.2", "7.0.4")).asked("search")
    for _ in range(2000):
        script.says("x\r\n", after=0.05)
    script.says("crash> ").command("p 1", "1\r\n")
    timing = msgspec.structs.replace(QUICK, interrupt=1000.0, again=0.05)
    running = fake(script, SPEED=1, DEAF_PRESSES=2, timing=timing).ready()
    number = running.session.submit("search")
    running.streams(b"x\r\n")
    running.session.interrupt()
    assert running.result(number).exit == "interrupted"
    assert running.answer("p 1") == b"1\r\n"


def test_a_gdb_pipe_gets_two_presses_and_nothing_else_is_typed_until_it_is_done(fake: Starter) -> None:
    script = Script().asked("gdb bt | cat").says("#0\r\n")
    script.says("#1 crash> ", after=2.0).says("\r\n#2\r\n", after=0.3).says("crash> ", after=1.0)
    script.command("p 1", "1\r\n")
    timing = msgspec.structs.replace(QUICK, interrupt=0.2, settle_glued=1.0)
    running = fake(script, SPEED=1, DEAF_PRESSES=1000, timing=timing).ready()
    number = running.session.submit("gdb bt | cat")
    running.streams(b"#0\r\n")
    for _ in range(5):
        running.session.interrupt()
    assert "gdb command in a pipe" in running.event(Notice).text
    until(lambda: b"#2" in running.spool.read(0, running.spool.size), "more of the answer")
    presses = running.session._engine._running
    assert presses is None or len(presses.presses) == 2
    result = running.result(number)
    assert result.exit == "interrupted"
    assert running.output(result) == b"#0\r\n#1 crash> \r\n#2\r\n"
    assert running.answer("p 1") == b"1\r\n"


@pytest.mark.parametrize(
    ("version", "presses"),
    [("7.0.4", 3), ("4.0-8.10", 3), ("6.1.0", 3), ("7.0.5", 1), ("7.1.3", 1), ("9.0.2++", 1), (None, 1), ("odd", 1)],
)
def test_how_many_presses_a_crash_needs(version: str | None, presses: int) -> None:
    assert presses_needed(version) == presses
