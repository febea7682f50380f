# SPDX-License-Identifier: Apache-2.0
"""A program behind the lens: what it sees, how it ends, and that nothing is left whoever is killed first."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.lens.behind import ROOT, Place, Started, is_mounted, needs_fuse, nothing_is_left, place, processes_in
from tests.processes import children_of, named
from tests.pty.casts import Script
from tests.pty.running import QUICK, until
from tests.unit.lens.dom0 import DIRECT, PAGE
from xcrash.errors import StartError
from xcrash.lens.opening import open_lens
from xcrash.session import PtyTransport, Session, Spool
from xcrash.transcript import fakecrash

__all__ = ["place"]
pytestmark = needs_fuse


@pytest.fixture
def start(place: Place) -> Iterator[Callable[..., Started]]:
    """Start a program behind the lens; it is ended after the test."""
    made: list[Started] = []

    def started(*program: str) -> Started:
        made.append(Started((*place.wrapper(), *(program or place.reader())), place.home))
        return made[-1]

    yield started
    for one in made:
        one.close()


def namespace_of(started: Started) -> str:
    return started.says(r"namespace (\S+)\s")[1]


def program_of(started: Started) -> int:
    return int(started.says(r"namespace \S+ pid (\d+)\s")[1])


def lens_of(started: Started) -> int:
    """The process that serves: the watcher's other child."""
    program = program_of(started)
    (lens,) = [child for child in children_of(started.pid) if child != program]
    return lens


def test_the_program_sees_what_the_lens_shows_and_nobody_else_does(place: Place, start: Callable[..., Started]) -> None:
    before = hashlib.sha256(place.kcore.read_bytes()).hexdigest()
    started = start()
    digest = started.says(r"digest (\w{64})")[1]
    with place.kcore.open("rb") as file:
        lens = open_lens(file.fileno(), place.kallsyms)
        shown = b"".join(lens.read(1 << 17, at) for at in range(0, lens.size, 1 << 17))
    assert digest == hashlib.sha256(shown).hexdigest() != before
    assert hashlib.sha256(place.kcore.read_bytes()).hexdigest() == before
    assert not is_mounted(place)
    assert started.says(r"python (\w+)")[1] == "False"


def test_reads_of_any_place_are_those_of_the_lens(place: Place, start: Callable[..., Started]) -> None:
    started = start()
    started.says("digest")
    with place.kcore.open("rb") as file:
        lens = open_lens(file.fileno(), place.kallsyms)
        segment = lens.kcore.segment_of(DIRECT[4])
        assert segment is not None
        root = segment.offset + place.machine.root * PAGE
        for offset, size in ((0, 64), (root, 64), (root + 4093, 9), (lens.size - 3, 100)):
            started.text = ""
            started.transport.write(f"{offset} {size}\n".encode())
            assert started.says(r"read (\w+)\r\n")[1] == lens.read(size, offset).hex()
    started.text = ""
    started.transport.write(f"{1 << 50} 8\n".encode())
    started.says("read nothing")


def test_the_status_of_the_program_is_the_status(place: Place, start: Callable[..., Started]) -> None:
    started = start("sh", "-c", "echo namespace $(readlink /proc/self/ns/mnt); exit 7")
    namespace = namespace_of(started)
    started.ends()
    assert started.transport.close() == (7, None)
    nothing_is_left(place, namespace)


def test_ctrl_c_is_for_the_program(start: Callable[..., Started]) -> None:
    started = start()
    started.says("digest")
    started.transport.interrupt()
    started.says("interrupted")
    started.text = ""
    started.transport.write(b"0 4\n")
    started.says("read 7f454c46")


def test_a_request_to_exit_reaches_the_program(place: Place, start: Callable[..., Started]) -> None:
    started = start()
    namespace = namespace_of(started)
    started.says("digest")
    started.transport.request_exit()
    started.ends()
    assert started.transport.close() == (1, None)
    nothing_is_left(place, namespace)


def test_kill_9_of_the_program(place: Place, start: Callable[..., Started]) -> None:
    started = start()
    namespace = namespace_of(started)
    os.kill(program_of(started), signal.SIGKILL)
    started.ends()
    assert started.transport.close() == (None, signal.SIGKILL)
    nothing_is_left(place, namespace)


def test_kill_9_of_the_lens_ends_the_program_with_a_reason(place: Place, start: Callable[..., Started]) -> None:
    started = start()
    namespace = namespace_of(started)
    started.says("digest")
    os.kill(lens_of(started), signal.SIGKILL)
    started.says(r"lens: the lens has ended \(signal 9\)")
    started.ends()
    assert started.transport.close() == (1, None)
    nothing_is_left(place, namespace)


def test_kill_9_of_the_watcher(place: Place, start: Callable[..., Started]) -> None:
    started = start()
    namespace = namespace_of(started)
    started.says("digest")
    os.kill(started.pid, signal.SIGKILL)
    nothing_is_left(place, namespace)


def test_a_program_that_ends_for_no_signal_is_killed(place: Place, start: Callable[..., Started]) -> None:
    stubborn = "trap '' USR2 HUP INT TERM; echo namespace $(readlink /proc/self/ns/mnt); while :; do sleep 1; done"
    started = start("sh", "-c", stubborn)
    namespace = namespace_of(started)
    started.transport.request_exit()
    started.ends()
    assert started.transport.close() == (None, signal.SIGKILL)
    nothing_is_left(place, namespace)


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_the_death_of_xcrash(place: Place, by: signal.Signals) -> None:
    argv = [sys.executable, "-m", "tests.lens.holder", *place.wrapper(), *place.reader()]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=place.home, env=env) as holder:
        assert holder.stdout is not None
        namespace = ""
        for line in holder.stdout:
            if found := re.search(r"namespace (\S+)", line):
                namespace = found[1]
            if line.startswith("digest"):
                break
        assert len(processes_in(namespace)) == 3
        holder.send_signal(by)
    nothing_is_left(place, namespace)


def test_death_while_the_lens_is_being_made(place: Place, start: Callable[..., Started]) -> None:
    started = start()
    started.says("please wait")
    started.transport.kill()
    started.ends()
    until(lambda: not lens_processes(place), "the end of the lens")
    assert not is_mounted(place)


def lens_processes(place: Place) -> list[int]:
    return list(named(str(place.directory)))


def session_behind(place: Place, argv: tuple[str, ...]) -> Session:
    env = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "XC_REPLAY_STRICT": "1"}
    return Session(PtyTransport(argv, env, place.home), Spool.create(place.home / "spool"), timing=QUICK)


def test_a_session_behind_the_lens(place: Place) -> None:
    cast = Script().command("ps", "one\r\ntwo\r\n").write(place.home / "played.cast")
    played = (sys.executable, "-I", "-S", str(fakecrash.__file__), str(cast))
    session = session_behind(place, (*place.wrapper(), *played))
    try:
        session.start()
        session.wait_ready()
        result = session.run("ps")
        assert session.text(result.start, result.end) == "one\ntwo\n"
    finally:
        session.close()
        session.spool.close()
    until(lambda: not lens_processes(place), "the end of the lens")


def test_a_lens_that_cannot_be_is_told_with_the_next_step(place: Place) -> None:
    del place.machine.variables["xen_p2m_addr"]
    place.machine.write_kallsyms(place.kallsyms)
    session = session_behind(place, (*place.wrapper(), "true"))
    try:
        session.start()
        with pytest.raises(StartError) as refused:
            session.wait_ready()
    finally:
        session.close()
        session.spool.close()
    assert refused.value.code == "lens-failed"
    assert "no p2m list or tree that is known" in refused.value.message
    assert "--lens off" in refused.value.hint


def test_a_program_that_is_not_there_is_told(place: Place, start: Callable[..., Started]) -> None:
    started = start("/nonexistent/crash")
    started.ends()
    assert "lens: cannot start /nonexistent/crash: No such file or directory" in started.text
    assert started.transport.close() == (4, None)
