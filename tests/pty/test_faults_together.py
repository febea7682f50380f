# SPDX-License-Identifier: Apache-2.0
"""Several sessions at once: each has its own output, its own end and its own recording."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.pty.casts import PS, STARTUP, Script
from tests.pty.leftovers import Kept, tidy
from tests.pty.running import Running
from xcrash.session import CommandFinished, CommandStarted, Session, SessionGone, Spool, State, Timing
from xcrash.transcript.recording import read_recording
from xcrash.transcript.replay import ReplayTransport

AT_ONCE = Timing(settle=0.0, settle_glued=0.0)


def log(name: str, lines: int = 400) -> str:
    return "".join(f"[    0.{number:06}] {name} says line {number}\r\n" for number in range(lines))


def script(name: str) -> Script:
    return Script().command("log", log(name)).command("ps", f"{name}\r\n{PS}").command("p 1", "$1 = 1\r\n")


def recorded(fake: Kept, running: Running) -> dict[str, str]:
    return {one.command: one.output for one in fake.recorded(running).exchanges}


def test_two_recordings_played_at_once_stay_apart(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        played = {name: fake(script(name), CHUNK=7) for name in ("one", "two")}
        for running in played.values():
            running.session.start()
        sent = {name: [running.session.submit(line) for line in ("log", "ps")] for name, running in played.items()}
        for name, running in played.items():
            answers = [running.output(running.result(number)).decode() for number in sent[name]]
            assert answers == [log(name), f"{name}\r\n{PS}"]
            assert [event.id for event in running.all(CommandStarted)] == sent[name]
            assert [event.result.id for event in running.all(CommandFinished)] == sent[name]
        for name, running in played.items():
            running.session.close()
            assert recorded(fake, running) == {
                "log": f"{log(name)}crash> ",
                "ps": f"{name}\r\n{PS}crash> ",
                "q": "",
            }


def test_one_recording_played_twice_at_once_gives_each_its_own_place(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        first, second = (fake(script("same"), CHUNK=7).ready() for _ in range(2))
        number = first.session.submit("log")
        first.result(number)
        assert first.answer("ps").decode() == f"same\r\n{PS}"
        assert second.session.results == []
        assert second.answer("log").decode() == log("same")
        assert first.answer("p 1") == b"$1 = 1\r\n"
        assert second.answer("ps").decode() == f"same\r\n{PS}"
        assert [first.pid == second.pid, len(first.session.results), len(second.session.results)] == [False, 3, 2]


def test_one_that_is_killed_does_not_disturb_the_other(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        doomed = fake(script("doomed"), HANG_AFTER="says line 200").ready()
        other = fake(script("other"), CHUNK=7).ready()
        numbers = doomed.session.submit("log"), other.session.submit("log")
        doomed.streams(b"says line 200")
        os.kill(doomed.pid, signal.SIGKILL)
        gone = doomed.event(SessionGone)
        assert (gone.exit_status, gone.signal) == (None, signal.SIGKILL)
        assert other.output(other.result(numbers[1])).decode() == log("other")
        assert other.session.state is State.READY
        assert other.answer("ps").decode() == f"other\r\n{PS}"
        died = doomed.result(numbers[0])
        assert died.exit == "died"
        assert doomed.output(died).decode() == log("doomed").partition("says line 200")[0] + "says line 200"
        assert other.all(SessionGone) == []


def test_an_interrupt_and_a_full_spool_concern_one_session_only(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        spool = Spool.create(tmp_path / "spool", quota=len(STARTUP) + 100)
        flooded = fake(script("flooded"), spool=spool, FLOOD=1 << 30).ready()
        hanging = fake(script("hanging"), HANG_AFTER="says line 200").ready()
        quiet = fake(script("quiet")).ready()
        numbers = [running.session.submit("log") for running in (flooded, hanging, quiet)]
        hanging.streams(b"says line 200")
        hanging.session.interrupt()
        ends = [one.result(number).exit for one, number in zip((flooded, hanging, quiet), numbers, strict=True)]
        assert ends == ["error", "interrupted", "ok"]
        assert quiet.output(quiet.result(numbers[2])).decode() == log("quiet")
        assert quiet.notices() == []
        for name, running in (("flooded", flooded), ("hanging", hanging), ("quiet", quiet)):
            assert running.answer("ps").decode() == f"{name}\r\n{PS}"


def test_one_recording_replayed_twice_without_a_pty_gives_each_its_own_place(tmp_path: Path) -> None:
    recording = read_recording(script("same").write(tmp_path / "played.cast"))
    with tidy(tmp_path):
        spools = [Spool.create(tmp_path / "spool") for _ in range(2)]
        first, second = (Session(ReplayTransport(recording), spool, timing=AT_ONCE) for spool in spools)
        for session in (first, second):
            session.start()
            session.wait_ready()
        ahead = [first.run("log"), first.run("ps")]
        behind = second.run("log")
        assert spools[0].read(ahead[0].start, ahead[0].end) == spools[1].read(behind.start, behind.end)
        first.close()
        assert second.state is State.READY
        answer = second.run("p 1")
        assert spools[1].read(answer.start, answer.end) == b"$1 = 1\r\n"
        second.close()
        for spool in spools:
            spool.close()
