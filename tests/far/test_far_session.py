# SPDX-License-Identifier: Apache-2.0
"""A session on another machine, the whole way: a real ssh, a real sshd, a terminal at either end."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.far.drops import DROPS, Drop
from tests.far.sessions import Far, FarSession, left, running_in
from tests.processes import directory_of, pids, words_of
from tests.pty.casts import Script, streaming
from tests.pty.running import until
from xcrash.errors import SessionError, StartError
from xcrash.session import State
from xcrash.transcript.fakecrash import generated
from xcrash.transcript.recording import read_recording


def ready(session: FarSession) -> FarSession:
    session.opened.bring_up()
    return session


def computing(script: Script) -> tuple[Script, int]:
    """``script`` with a command at its end that computes for ever, and the number of the event at which it does."""
    return script.asked("vm").says("never"), len(script) - 1


def crash_of(session: FarSession) -> int:
    """The process of the fake crash over there, which is a Python: the leader of its terminal is a shell."""
    for pid in pids():
        if directory_of(pid) == session.directory and words_of(pid)[:1] == [sys.executable.encode()]:
            return pid
    raise AssertionError(f"no crash in {session.directory}")


def test_a_session_over_there_is_like_one_here(far: Far) -> None:
    session = ready(far(Script().command("p 1+1", "$1 = 2\r\n")))
    result = session.opened.session.run("p 1+1")
    assert (session.output(result), result.exit) == (b"$1 = 2\r\n", "ok")
    assert session.opened.session.version == "8.0.2"
    session.opened.end()
    gone = session.gone()
    assert (gone.error, gone.exit_status, gone.signal) == (None, 0, None)
    assert session.opened.recording is not None
    assert read_recording(Path(session.opened.recording)).answer_to("p 1+1") == "$1 = 2\r\n"


def test_crash_gets_its_own_environment_terminal_and_directory_and_nothing_of_the_login(far: Far) -> None:
    session = ready(far(Script()))
    directory = Path(session.directory)
    plan = session.opened.plan
    assert plan is not None
    environment = dict(line.split("=", 1) for line in far.seen("env").splitlines())
    assert {name: text for name, text in environment.items() if name not in ("PWD", "_", "SHLVL", "OLDPWD")} == plan.env
    assert plan.env["HOME"] == plan.env["TMPDIR"] == session.directory == far.seen("pwd").strip()
    assert far.seen("argv").splitlines() == list(plan.argv[1:])
    assert "rows 50; columns 512;" in far.seen("stty") and "-echo" in far.seen("stty").split()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert (directory / "vm_linux").readlink().name == "vm linux"


@pytest.mark.parametrize("knobs", [{}, {"CHUNK": 1}, {"ECHO": 1}], ids=["plain", "bytes", "echo"])
def test_every_byte_that_can_come_comes(far: Far, knobs: dict[str, object]) -> None:
    bytes_ = bytes(range(1, 256)) * 3 + b"\r\n"
    session = ready(far(Script().command("rd", "x\r\n"), BYTES=bytes_.hex(), **knobs))
    answer = session.output(session.opened.session.run("rd"))
    assert answer.endswith(bytes_ + b"x\r\n")
    assert "ECHO" in knobs or answer == bytes_ + b"x\r\n"


def test_a_long_answer_comes_whole(far: Far) -> None:
    size = 8 << 20
    session = ready(far(Script().command("foreach bt", "end\r\n"), FLOOD=size))
    assert session.output(session.opened.session.run("foreach bt")) == b"".join(generated(size)) + b"end\r\n"


def test_ctrl_c_reaches_crash_and_only_its_command_ends(far: Far) -> None:
    session = ready(far(streaming(), SPEED=1))
    session.opened.session.submit("search -k deadbeef")
    session.streams(b"00000000: deadbeef\r\n")
    session.opened.session.interrupt()
    until(lambda: len(session.opened.session.results) == 1, "the end of the command")
    result = session.opened.session.results[0]
    assert result.exit == "interrupted" and session.output(result).endswith(b"^C\r\n")
    assert session.output(session.opened.session.run("p 1+1")) == b"$1 = 2\r\n"


def test_a_silent_crash_is_known_to_compute(far: Far) -> None:
    script, at = computing(Script())
    session = ready(far(script, BUSY_AT=at))
    session.opened.session.submit("vm")
    transport = session.opened.session._engine._transport
    until(lambda: session.opened.session.state is State.BUSY, "the command")
    first = transport.processor_ticks()
    assert first is not None
    until(lambda: (transport.processor_ticks() or 0) > first, "more processor time")


def test_a_crash_that_dies_is_told_with_its_signal_and_the_connection_lives(far: Far) -> None:
    session = ready(far(Script()))
    os.kill(crash_of(session), signal.SIGSEGV)
    gone = session.gone()
    assert gone.signal == signal.SIGSEGV and gone.error is not None and gone.error.code == "crash-died"
    session.opened.restart()
    session.opened.bring_up()
    assert session.opened.session.state is State.READY


def test_a_crash_that_does_not_start_says_why(far: Far) -> None:
    failing = "\r\ncrash: /x/vmlinux: not a supported file format\r\n\r\n"
    with pytest.raises(StartError) as caught:
        ready(far(Script(startup=None).says(failing).exits(1)))
    assert caught.value.code == "start-failed" and "not a supported file format" in caught.value.message


@DROPS
@pytest.mark.parametrize("stubborn", [0, 1], ids=["crash", "stubborn"])
def test_a_dropped_connection_is_told_everything_is_kept_and_crash_ends(far: Far, drop: Drop, stubborn: int) -> None:
    script, at = computing(Script().command("sys", "        CPUS: 2\r\n"))
    session = ready(far(script, BUSY_AT=at, STUBBORN=stubborn, TEMPORARY="unpacked"))
    opened = session.opened
    first = opened.session.run("sys")
    opened.session.submit("vm")
    until(lambda: opened.session.state is State.BUSY, "the command")
    assert running_in(session.directory)
    drop(session, far)
    gone = session.gone()
    assert isinstance(gone.error, SessionError) and gone.error.code == "connection-lost"
    assert far.daemon.address in gone.error.message and gone.error.exit_status == 6
    until(lambda: not running_in(session.directory), "the end of crash over there")
    assert session.output(first) == b"        CPUS: 2\r\n"
    assert [(one.command, one.exit) for one in opened.session.results] == [("sys", "ok"), ("vm", "died")]
    assert opened.recording is not None and read_recording(Path(opened.recording)).complete


@DROPS
def test_a_new_start_connects_anew(far: Far, drop: Drop) -> None:
    session = ready(far(Script().command("p 1+1", "$1 = 2\r\n")))
    drop(session, far)
    session.gone()
    session.opened.restart()
    session.opened.bring_up()
    assert session.output(session.opened.session.run("p 1+1")) == b"$1 = 2\r\n"
    assert (Path(session.directory) / "vm_linux").is_symlink()


def test_a_connection_that_drops_during_the_start_is_no_failure_of_crash(far: Far) -> None:
    session = far(Script(startup=None).says("\r\ncrash 8.0.2\r\n"), HANG_AT=1)
    session.opened.session.start()
    session.streams(b"crash 8.0.2")
    far.daemon.cut()
    with pytest.raises(SessionError) as caught:
        session.opened.session.wait_ready()
    assert session.opened.explain(caught.value).code == "connection-lost" and session.opened.offers == ()


@pytest.mark.parametrize("stubborn", [0, 1], ids=["crash", "stubborn"])
def test_ending_a_session_ends_a_crash_that_computes(far: Far, stubborn: int) -> None:
    script, at = computing(Script())
    session = ready(far(script, BUSY_AT=at, STUBBORN=stubborn, TEMPORARY="unpacked"))
    session.opened.session.submit("vm")
    until(lambda: session.opened.session.state is State.BUSY, "the command")
    session.opened.close()
    assert left(session.directory) == []


_CHILD = """
import sys
from pathlib import Path
from tests.far.sessions import Far
from tests.pty.casts import Script
class Daemon:
    address = sys.argv[1]
far = Far(Daemon, Path(sys.argv[2]))
session = far(Script(), STUBBORN=1, TEMPORARY="unpacked")
session.opened.bring_up()
print(session.directory, flush=True)
sys.stdin.read()
"""


def test_kill_9_of_xcrash_leaves_nothing_over_there(far: Far, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, far.daemon.address, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdin is not None
    directory = child.stdout.readline().decode().strip()
    assert running_in(directory)
    child.kill()
    child.wait()
    child.stdout.close()
    child.stdin.close()
    until(lambda: not left(directory), "nothing left over there")
