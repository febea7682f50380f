# SPDX-License-Identifier: Apache-2.0
"""The answer of a command is every byte crash printed for it, and none of anything else."""

from __future__ import annotations

import pytest

from tests.pty.casts import HELP, PS, STARTUP, Script
from tests.pty.running import QUICK, Starter
from xcrash.errors import UsageError
from xcrash.session import CommandFinished, CommandStarted, OutputGrew, SessionGone, State, Timing

IMPATIENT = Timing(settle=0.002, settle_glued=0.02, retry=0.01, question=60.0)


def test_answers_are_exact_at_every_chunk_size(fake: Starter, chunk: int) -> None:
    script = (
        Script()
        .command("ps", PS)
        .command("set scope", "scope: 0 (not set)\r\n")
        .command("mod -S > /tmp/private")
        .command("bt 99999", "bt: invalid task or pid value: 99999\r\n")
        .command("sys", "one line\r\n\r\n")
    )
    running = fake(script, CHUNK=chunk).ready()
    answers = [running.session.run(line) for line in ("ps", "set scope", "mod -S > /tmp/private", "bt 99999", "sys")]
    assert [running.output(answer) for answer in answers] == [
        PS.encode(),
        b"scope: 0 (not set)\r\n",
        b"",
        b"bt: invalid task or pid value: 99999\r\n",
        b"one line\r\n\r\n",
    ]
    assert [answer.exit for answer in answers] == ["ok", "ok", "ok", "error", "ok"]
    assert running.session.state is State.READY
    assert running.session.results == answers


def test_a_large_answer_is_exact(fake: Starter, chunk: int) -> None:
    count = {1: 1500, 7: 6000, 4095: 60000}[chunk]
    text = "".join(f"[{number:12.6f}] crash> is printed by line {number}\r\n" for number in range(count))
    running = fake(Script().command("log", text).command("p 1", "$1 = 1\r\n"), CHUNK=chunk).ready()
    assert running.answer("log") == text.encode()
    assert running.answer("p 1") == b"$1 = 1\r\n"
    result = running.session.results[0]
    assert running.spool.lines_in(result.start, result.end) == count
    assert running.spool.line_in(result.start, result.end, count - 1).endswith(b"by line %d\r" % (count - 1))
    assert running.all(OutputGrew)[-1].size == running.session.results[-1].end


@pytest.mark.parametrize("timing", [QUICK, IMPATIENT], ids=["patient", "impatient"])
def test_prompts_inside_an_answer_never_end_it(fake: Starter, chunk: int, timing: Timing) -> None:
    lines = ["help ps", "help bt", "p 1+1"]
    script = Script().command(lines[0], HELP).command(lines[1], HELP, "tail\r\n").command(lines[2], "$1 = 2\r\n")
    running = fake(script, timing=timing, CHUNK=chunk, PROMPT_PAUSE=0.04).ready()
    assert [running.answer(line) for line in lines] == [HELP.encode(), f"{HELP}tail\r\n".encode(), b"$1 = 2\r\n"]


@pytest.mark.parametrize("tail", ["", "x", "value (y)", "crash> ", "\x1b[0m", "^C\r\n", "a\r", "\r\ncrash> \r\n"])
def test_a_prompt_glued_to_the_output_is_not_part_of_it(fake: Starter, tail: str) -> None:
    running = fake(Script().command("!printf it", f"it {tail}").command("p 1", "$1 = 1\r\n"), CHUNK=1).ready()
    expected = "it " if tail == "\x1b[0m" else f"it {tail}"
    assert running.answer("!printf it") == expected.encode()
    assert running.answer("p 1") == b"$1 = 1\r\n"


def test_an_answer_that_quotes_the_next_command_is_not_confused_with_it(fake: Starter, chunk: int) -> None:
    first = "crash> ps\r\n" + PS + "crash> p 1+1\r\n$1 = 2\r\ncrash> \r\n"
    running = fake(Script().command("help", first).command("ps", PS).command("p 1+1", "$1 = 2\r\n"), CHUNK=chunk)
    running.ready()
    assert [running.answer(line) for line in ("help", "ps", "p 1+1")] == [first.encode(), PS.encode(), b"$1 = 2\r\n"]


def test_commands_submitted_at_once_are_answered_in_order(fake: Starter, chunk: int) -> None:
    script = Script()
    for number in range(8):
        script.command(f"p {number}", f"${number} = {number}\r\n" * number)
    running = fake(script, CHUNK=chunk)
    numbers = [running.session.submit(f"p {number}") for number in range(8)]
    running.session.start()
    results = [running.result(number) for number in numbers]
    assert [running.output(result) for result in results] == [
        f"${number} = {number}\r\n".encode() * number for number in range(8)
    ]
    assert [event.id for event in running.all(CommandStarted)] == numbers
    assert [event.result.id for event in running.all(CommandFinished)] == numbers


def test_bytes_that_are_no_utf8_stay_as_they_are(fake: Starter, chunk: int) -> None:
    comm = b"COMM: \xff\xfe\x80 \xc3\x28 \xe2\x82\r\n" + bytes(range(0x80, 0x100)) + b"\r\n\xf0\x9f\x92\xa5\r\n\xe2"
    running = fake(Script().command("ps", comm), CHUNK=chunk).ready()
    result = running.session.run("ps")
    assert running.output(result) == comm
    assert running.session.text(result.start, result.end).startswith("COMM: \ufffd\ufffd\ufffd \ufffd(")


def test_control_bytes_in_the_output_do_not_disturb(fake: Starter) -> None:
    odd = "a\x00b\x07\x1b[31mred\x1b[0m\x1b]0;title\x07\x9b\x7f\r\n"
    running = fake(Script().command("ps", odd)).ready()
    assert running.answer("ps") == odd.encode()


def test_bracketed_paste_around_the_prompt_is_not_output(fake: Starter, chunk: int) -> None:
    script = Script(prompt="\x1b[?2004hcrash> ").command("sys", "CPUS: 2\r\n").command("p 1").command("ps", PS)
    running = fake(script, CHUNK=chunk, ENTER="\x1b[?2004l\r").ready()
    off = b"\x1b[?2004l\r"
    assert [running.answer(line) for line in ("sys", "p 1", "ps")] == [off + b"CPUS: 2\r\n", off, off + PS.encode()]
    assert running.session.startup_text() == STARTUP.replace("\r\n", "\n")
    result = running.session.results[0]
    assert running.session.text(result.start, result.end).strip() == "CPUS: 2"


@pytest.mark.parametrize("prompt", ["crash-9.0.2> ", "crash32> ", "%crash> ", "(ins)crash> ", "x> "])
def test_other_prompts_are_learned(fake: Starter, prompt: str, chunk: int) -> None:
    script = Script(prompt=prompt).command("sys", f"(a)\r\n{prompt}\r\n").command("!printf", "(b)")
    running = fake(script, CHUNK=chunk).ready()
    assert running.answer("sys") == f"(a)\r\n{prompt}\r\n".encode()
    assert running.answer("!printf").startswith(b"(b)" if "ins" not in prompt else b"")
    assert running.session.startup_text() == STARTUP.replace("\r\n", "\n")


def test_an_answer_that_seems_another_prompt_ends_nothing(fake: Starter) -> None:
    text = "gdb> \r\nfoo> "
    running = fake(Script().command("echo", text).command("p 1", "1\r\n"), CHUNK=1).ready()
    assert running.answer("echo") == text.encode()
    assert running.answer("p 1") == b"1\r\n"


def test_a_terminal_that_echoes_does_not_put_handshakes_into_answers(fake: Starter) -> None:
    running = fake(Script().command("ps", PS).command("p 1", "$1 = 1\r\n"), ECHO=1, STRICT=0).ready()
    for line, answer in (("ps", PS), ("p 1", "$1 = 1\r\n")):
        assert running.answer(line).endswith(answer.encode())
        assert b"xcrash-" not in running.output(running.session.results[-1])


def test_an_unknown_command_is_an_error(fake: Starter) -> None:
    running = fake(Script(), STRICT=0).ready()
    result = running.session.run("nonsense 1")
    assert result.exit == "error"
    assert running.output(result) == b"crash: command not found: nonsense\r\n"


@pytest.mark.parametrize("line", ["q", "quit", "exit", " Q ", "quit now"])
def test_quitting_is_refused_by_run_and_ends_the_session_when_submitted(fake: Starter, line: str) -> None:
    running = fake(Script()).ready()
    with pytest.raises(UsageError, match="end the session"):
        running.session.run(line)
    running.session.submit(line)
    gone = running.event(SessionGone)
    assert (gone.error, gone.exit_status, gone.signal) == (None, 0, None)


def test_the_longest_command_reaches_crash_whole(fake: Starter) -> None:
    line = "p " + "1+" * 698 + "11"
    running = fake(Script().command(line, "$1 = 709\r\n")).ready()
    assert len(line) == 1400
    assert running.answer(line) == b"$1 = 709\r\n"
