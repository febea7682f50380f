# SPDX-License-Identifier: Apache-2.0
"""Whatever crash does in the middle of an answer: the right state, all that it said, and nothing left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from tests.processes import exists, state_of
from tests.pty.casts import Script
from tests.pty.leftovers import Kept, tidy
from tests.pty.running import QUICK, Running, until
from xcrash.errors import SessionError
from xcrash.session import CommandFinished, CommandStarted, Event, InputNeeded, Notice, SessionGone, State, Timing
from xcrash.session.values import Exit
from xcrash.transcript.fakecrash import MORE

LINES = [b"[    0.%06d] line %d of the log\r\n" % (number, number) for number in range(40)]
LOG = b"".join(LINES)
SEEN = b"line 20"
CUT = LOG[: LOG.index(SEEN) + len(SEEN)]
PROMPT = b"crash> "
QUESTION = b"Reinitialize source path to empty? (y or n) "
PAGE = MORE.encode()
ERASED = b"\r\x1b[K"
ODD = b"\xff\xfe\x80\xc3\x28\xe2\x82\x00\x00"
COLOURS = b"\x1b[31m\x1b[?2004h\x1b]0;title\x07\x1b[0m"
LIMIT = 600.0
IMPATIENT = msgspec.structs.replace(QUICK, interrupt=0.1, give_up=0.1, quit=0.1)

Act = Callable[[Running, int], None]


class Fault(NamedTuple):
    """What goes wrong with the answer to ``log``, and what must come of it.

    ``act`` is done once ``seen`` has been printed. ``code`` is that of the error which ends the session, None when the
    user ends it; ``ending`` the exit status or, below zero, the signal.
    ``hidden`` is printed behind the answer and counts as part of the prompt, as escape sequences do.
    """

    knobs: Mapping[str, object] = {}
    seen: bytes = b""
    act: Act | None = None
    answer: bytes = LOG
    exit: Exit = "ok"
    code: str | None = None
    ending: int = 0
    timing: Timing = QUICK
    hidden: bytes = b""


def stopped(running: Running) -> None:
    """Wait until crash has stopped itself."""
    until(lambda: running.pid and state_of(running.pid) == "T", "crash has stopped")


def sends(*numbers: signal.Signals) -> Act:
    """Signals sent to crash."""

    def act(running: Running, _number: int) -> None:
        for number in numbers:
            os.kill(running.pid, number)

    return act


def answers(*lines: str) -> Act:
    """Lines typed at the questions of crash, one after the other."""

    def act(running: Running, _number: int) -> None:
        for at, line in enumerate(lines):
            running.event(InputNeeded, at)
            assert running.session.state is State.NEEDS_INPUT
            running.session.answer(line)

    return act


def interrupts(running: Running, _number: int) -> None:
    running.session.interrupt()


def overdue(running: Running, _number: int) -> None:
    """The command passes its limit, as it would after a long time."""
    command = running.session._engine._running
    assert command is not None
    command.began -= LIMIT


def resizes(running: Running, _number: int) -> None:
    """The terminal of crash, and the one xcrash runs in."""
    previous = signal.signal(signal.SIGWINCH, lambda *_: None)
    for rows, columns in ((5, 20), (200, 1000)):
        child: Any = running.transport._live()
        child.setwinsize(rows, columns)
        os.kill(os.getpid(), signal.SIGWINCH)
    signal.signal(signal.SIGWINCH, previous)


def paged(lines: int) -> bytes:
    """The log with a pager's prompt behind every so-manieth line."""
    return b"".join(line + (PAGE + ERASED) * (not number % lines) for number, line in enumerate(LINES, 1))


PASSING = {
    "one byte at a time": Fault({"CHUNK": 1}),
    "seven bytes at a time": Fault({"CHUNK": 7}),
    "as much as a terminal holds": Fault({"CHUNK": 4095}),
    "a slow drip": Fault({"CHUNK": 9, "DRIP": 0.001}),
    "its prompt inside the answer": Fault(
        {"PROMPT_EVERY": 9, "PROMPT_PAUSE": 0.03},
        answer=b"".join(PROMPT * (not number % 9) + line for number, line in enumerate(LINES, 1)),
    ),
    "colours and a title": Fault({"BYTES": COLOURS.hex()}, answer=COLOURS + LOG),
    "bracketed paste": Fault({"ENTER": "\x1b[?2004l\r"}, answer=b"\x1b[?2004l\r" + LOG),
    "no UTF-8, and NULs": Fault({"BYTES": ODD.hex(), "CHUNK": 1}, answer=ODD + LOG),
    "SIGTERM and SIGHUP, which it ignores": Fault(
        {"CHUNK": 9, "DRIP": 0.001}, SEEN, sends(signal.SIGTERM, signal.SIGHUP)
    ),
    "stopped for a while": Fault({"STOP_AFTER": SEEN.decode()}, SEEN, sends(signal.SIGCONT)),
    "a window that changes its size": Fault({"CHUNK": 9, "DRIP": 0.001}, SEEN, resizes),
    "hanging in front of its prompt, interrupted": Fault(
        {"HANG_AFTER": SEEN.decode()}, SEEN, interrupts, CUT + b"^C\r\n", "interrupted"
    ),
    "hanging in front of its prompt, past its limit": Fault(
        {"HANG_AFTER": SEEN.decode()}, SEEN, overdue, CUT + b"^C\r\n", "timeout"
    ),
    "deaf to Ctrl-C for a while": Fault(
        {"HANG_AFTER": SEEN.decode(), "DEAF": 0.3},
        SEEN,
        interrupts,
        CUT + b"^C\r\n",
        "interrupted",
        timing=msgspec.structs.replace(QUICK, interrupt=2.0),
    ),
    "a question, answered with y": Fault({"ASK": QUESTION.decode()}, b"(y or n) ", answers("y"), QUESTION + LOG),
    "a question, answered wrongly and then with n": Fault(
        {"ASK": QUESTION.decode()},
        act=answers("what", "n"),
        answer=QUESTION + b"Please answer y or n.\r\n" + QUESTION,
    ),
    "a pager, read to the end": Fault({"PAGER": 15}, act=answers("", ""), answer=paged(15)),
    "a pager, left": Fault(
        {"PAGER": 15}, act=answers("q"), answer=b"".join(LINES[:15]) + PAGE + b"\r", hidden=b"\x1b[K"
    ),
}

FATAL = {
    "killed": Fault(
        {"HANG_AFTER": SEEN.decode()}, SEEN, sends(signal.SIGKILL), CUT, "died", "crash-died", -signal.SIGKILL
    ),
    "killed while it was stopped": Fault(
        {"STOP_AFTER": SEEN.decode()}, SEEN, sends(signal.SIGKILL), CUT, "died", "crash-died", -signal.SIGKILL
    ),
    "a segmentation violation": Fault(
        {"HANG_AFTER": SEEN.decode()}, SEEN, sends(signal.SIGSEGV), CUT, "died", "crash-died", -signal.SIGSEGV
    ),
    "SIGTERM, which it obeys": Fault(
        {"HANG_AFTER": SEEN.decode(), "MORTAL": 1}, SEEN, sends(signal.SIGTERM), CUT, "died", "crash-died", -15
    ),
    "SIGHUP, which it obeys": Fault(
        {"HANG_AFTER": SEEN.decode(), "MORTAL": 1}, SEEN, sends(signal.SIGHUP), CUT, "died", "crash-died", -1
    ),
    "an exit": Fault({"DIE_AFTER": SEEN.decode()}, answer=CUT, exit="died", code="crash-died", ending=1),
    "an exit, one byte at a time": Fault(
        {"DIE_AFTER": SEEN.decode(), "CHUNK": 1}, answer=CUT, exit="died", code="crash-died", ending=1
    ),
    "a terminal that it closes": Fault(
        {"CLOSE_AFTER": SEEN.decode()}, answer=CUT, exit="died", code="crash-died", ending=-signal.SIGKILL
    ),
    "stopped for good, past its limit": Fault(
        {"STOP_AFTER": SEEN.decode()}, SEEN, overdue, CUT, "died", "command-stuck", -signal.SIGKILL, IMPATIENT
    ),
    "stopped for good, ended by its user": Fault(
        {"STOP_AFTER": SEEN.decode()},
        SEEN,
        lambda running, _: running.session.close(),
        CUT,
        "interrupted",
        ending=-signal.SIGKILL,
        timing=IMPATIENT,
    ),
    "deaf to Ctrl-C, past its limit": Fault(
        {"HANG_AFTER": SEEN.decode(), "DEAF": 1000},
        SEEN,
        overdue,
        CUT,
        "died",
        "command-stuck",
        -signal.SIGKILL,
        IMPATIENT,
    ),
}


def begun(fake: Kept, fault: Fault) -> tuple[Running, int]:
    """A session in which ``log`` was sent, and what is to happen has happened."""
    script = Script().command("log", LOG).command("p 1", "$1 = 1\r\n")
    running = fake(script, timing=fault.timing, knobs=fault.knobs).ready()
    number = running.session.submit("log", LIMIT)
    if fault.seen:
        running.streams(fault.seen)
    if "STOP_AFTER" in fault.knobs:
        stopped(running)
    if fault.act:
        fault.act(running, number)
    return running, number


def recorded(fake: Kept, running: Running) -> str:
    """The answer to ``log`` in the recording, which ends with the session."""
    running.session.close()
    (exchange,) = (one for one in fake.recorded(running).exchanges if one.command == "log")
    return exchange.output


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_costs_neither_output_nor_session(tmp_path: Path, name: str) -> None:
    fault = PASSING[name]
    with tidy(tmp_path) as fake:
        running, number = begun(fake, fault)
        result = running.result(number)
        assert (running.output(result), result.exit) == (fault.answer, fault.exit)
        assert running.session.state is State.READY
        assert running.answer("p 1").endswith(b"$1 = 1\r\n")
        assert recorded(fake, running) == (fault.answer + fault.hidden + PROMPT).decode("utf-8", "replace")
        assert running.event(SessionGone) == SessionGone(None, 0, None)


@pytest.mark.parametrize("name", FATAL)
def test_a_fault_that_ends_the_session_is_told_and_costs_no_output(tmp_path: Path, name: str) -> None:
    fault = FATAL[name]
    with tidy(tmp_path) as fake:
        running, number = begun(fake, fault)
        gone = running.event(SessionGone)
        result = running.result(number)
        assert (running.output(result), result.exit) == (fault.answer, fault.exit)
        assert (gone.error.code if gone.error else None) == fault.code
        assert (gone.exit_status if gone.signal is None else -gone.signal) == fault.ending
        assert running.session.state is State.GONE
        assert recorded(fake, running) == fault.answer.decode()
        with pytest.raises(SessionError, match="has ended"):
            running.session.submit("p 1")


def test_a_crash_that_hangs_behind_its_prompt_is_interrupted_and_goes_on(tmp_path: Path) -> None:
    script = Script().command("log", LOG)
    hang = len(script)
    with tidy(tmp_path) as fake:
        running = fake(script.says("never").command("p 1", "$1 = 1\r\n"), HANG_AT=hang).ready()
        number = running.session.submit("log", LIMIT)
        running.streams(LOG + PROMPT)
        overdue(running, number)
        result = running.result(number)
        assert result.exit == "timeout"
        assert running.output(result).startswith(LOG)
        assert b"never" not in running.output(result)
        assert running.answer("p 1") == b"$1 = 1\r\n"


def test_a_stopped_crash_is_told_to_be_silent(tmp_path: Path) -> None:
    timing = msgspec.structs.replace(IMPATIENT, silent=0.3, measure=0.05)
    with tidy(tmp_path) as fake:
        running, _ = begun(fake, Fault({"STOP_AFTER": SEEN.decode()}, timing=timing))
        assert running.event(Notice).text == "crash has printed nothing and used no CPU for 0.3 s ('log')"
        assert running.session.state is State.BUSY


def test_a_line_that_was_not_recorded_ends_the_play_with_a_diff(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        running = fake(Script().command("log", LOG)).ready()
        with pytest.raises(SessionError, match=r"'ps -k' \(status 97\)"):
            running.session.run("ps -k")
        result = running.event(CommandFinished).result
        assert running.output(result) == b"\r\n--- recorded\r\n+++ typed\r\n-log\r\n+ps -k\r\n"


@pytest.mark.parametrize("what", [ValueError, MemoryError, SystemExit])
@pytest.mark.parametrize("kind", [CommandStarted, CommandFinished], ids=["at its start", "at its end"])
def test_the_death_of_the_thread_that_owns_crash_is_told_to_who_waits(
    tmp_path: Path, kind: type[Event], what: type[BaseException]
) -> None:
    with tidy(tmp_path) as fake:
        running = fake(Script().command("log", LOG)).ready()
        heard = running._listen

        def listen(event: Event) -> None:
            heard(event)
            if isinstance(event, kind):
                raise what("the thread ends")

        running.session._listener = listen
        running.session.submit("log")
        error = running.event(SessionGone).error
        assert error is not None
        assert error.code == "internal"
        assert "the thread ends" in error.message
        with pytest.raises(SessionError):
            running.session.wait_ready()


def test_what_crash_started_and_left_holding_the_terminal_does_not_hide_its_death(tmp_path: Path) -> None:
    program = tmp_path / "crash"
    program.write_text("#!/bin/sh\ntrap '' HUP\nsleep 1000 &\necho $! > pid\nprintf 'crash> '\nwhile read _ word; do\n"
                       "printf '%s\\ncrash> ' \"$word\"\ndone\n")  # fmt: skip
    program.chmod(0o755)
    with tidy(tmp_path) as fake:
        running = fake(Script(), name=str(program)).ready()
        child = int((tmp_path / "pid").read_text())
        os.kill(running.pid, signal.SIGKILL)
        try:
            assert running.event(SessionGone).signal == signal.SIGKILL
            assert exists(child)
        finally:
            os.kill(child, signal.SIGKILL)
