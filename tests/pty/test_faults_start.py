# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong before the first prompt: the phase, the reason, all that was said, and nothing left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pty.casts import BANNER, GDB, GPL, STARTUP, WARNING, Script, painted
from tests.pty.leftovers import tidy
from tests.pty.running import QUICK, until
from tests.pty.starts import choices
from tests.pty.test_faults import stopped
from xcrash.errors import XcrashError
from xcrash.open_session import OpenSession
from xcrash.session import PhaseChanged, SessionGone, SessionReady, State
from xcrash.target import look_at
from xcrash.transcript.recording import read_recording

GDB_ENDS = 'related to "word"...\r\n\r\n'
TASKS = "gathering task table data"
UNTIL_GDB = GPL + GDB


class Fault(NamedTuple):
    """What goes wrong, the signal sent once ``said`` was printed, and what must come of it.

    ``ending`` is the exit status or, below zero, the signal.
    """

    knobs: Mapping[str, object]
    said: str
    code: str
    phase: str
    ending: int
    sent: signal.Signals | None = None


FATAL = {
    "exit without a word behind gdb's banner": Fault(
        {"DIE_AFTER": GDB_ENDS}, UNTIL_GDB, "start-silent", "reading debug info", 1
    ),
    "the same, one byte at a time": Fault(
        {"DIE_AFTER": GDB_ENDS, "CHUNK": 1}, UNTIL_GDB, "start-silent", "reading debug info", 1
    ),
    "hang in front of the prompt": Fault(
        {"HANG_AFTER": GDB_ENDS}, UNTIL_GDB, "start-timeout", "reading debug info", -signal.SIGKILL
    ),
    "hang behind the prompt": Fault(
        {"HANG_AT": 2}, f"{STARTUP}crash> ", "start-timeout", "printing the banner", -signal.SIGKILL
    ),
    "stopped": Fault(
        {"STOP_AFTER": GDB_ENDS}, UNTIL_GDB, "start-timeout", "reading debug info", -signal.SIGKILL
    ),
    "killed": Fault(
        {"STOP_AFTER": GDB_ENDS}, UNTIL_GDB, "start-silent", "reading debug info", -signal.SIGKILL, signal.SIGKILL
    ),
    "SIGTERM, which it obeys": Fault(
        {"HANG_AFTER": GDB_ENDS, "MORTAL": 1}, UNTIL_GDB, "start-silent", "reading debug info", -15, signal.SIGTERM
    ),
    "a terminal that it closes": Fault(
        {"CLOSE_AFTER": GDB_ENDS}, UNTIL_GDB, "start-silent", "reading debug info", -signal.SIGKILL
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FATAL)
def test_a_start_that_fails_is_told_and_costs_no_output(tmp_path: Path, name: str) -> None:
    fault = FATAL[name]
    with tidy(tmp_path) as fake:
        running = fake(Script().says("never"), knobs=fault.knobs)
        running.session.start()
        running.streams(fault.said.encode())
        if "STOP_AFTER" in fault.knobs:
            stopped(running)
        if fault.sent:
            os.kill(running.pid, fault.sent)
        if fault.code == "start-timeout":
            running.session._engine._began -= QUICK.start
        with pytest.raises(XcrashError) as caught:
            running.session.wait_ready()
        gone = running.event(SessionGone)
        assert caught.value.code == fault.code
        assert fault.phase in caught.value.message
        assert (gone.exit_status if gone.signal is None else -gone.signal) == fault.ending
        assert running.session.state is State.GONE
        said = running.spool.read(0, running.spool.size).decode()
        assert said == fault.said
        assert fake.recorded(running).startup_text == fault.said


def test_a_progress_line_painted_over_the_banner_is_a_phase_and_costs_no_output(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        script = Script(GPL + GDB + painted(TASKS) + WARNING + BANNER).command("p 1", "$1 = 1\r\n")
        running = fake(script, PAINT=1, CHUNK=7).ready()
        assert [event.phase for event in running.all(PhaseChanged)][-3:] == [
            TASKS,
            "determining panic task",
            "printing the banner",
        ]
        glued = f"{WARNING}{painted('determining panic task')}{BANNER}"
        assert running.session.startup_text().endswith(glued.replace("\r\n", "\n"))
        assert running.answer("p 1") == b"$1 = 1\r\n"


def test_a_crash_that_stops_while_it_starts_goes_on_where_it_was(tmp_path: Path) -> None:
    with tidy(tmp_path) as fake:
        running = fake(Script().command("p 1", "$1 = 1\r\n"), STOP_AFTER=GDB_ENDS)
        running.session.start()
        stopped(running)
        os.kill(running.pid, signal.SIGCONT)
        running.event(SessionReady)
        assert running.session.startup_text() == STARTUP.replace("\r\n", "\n")
        assert running.answer("p 1") == b"$1 = 1\r\n"


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_start_outlives_the_signals_that_crash_ignores(tmp_path: Path, sent: signal.Signals) -> None:
    with tidy(tmp_path) as fake:
        running = fake(Script(), STOP_AFTER=GDB_ENDS)
        running.session.start()
        stopped(running)
        for number in (sent, signal.SIGCONT):
            os.kill(running.pid, number)
        running.event(SessionReady)
        assert running.session.state is State.READY


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGUSR2, None], ids=["killed", "asked to go", "quit"])
def test_an_unpacked_kernel_is_removed_however_crash_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals | None
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("TMPDIR", str(work))
    wanted = choices(tmp_path, {"": Script()})
    crash = Path(str(wanted.crash))
    crash.write_text(crash.read_text().replace("exec ", "XC_REPLAY_TEMPORARY=vmlinux_Xy exec "))
    opened = OpenSession(look_at(wanted), wanted)
    opened.bring_up()
    (unpacked,) = work.glob("*/vmlinux_Xy")
    transport = opened.session._engine._transport
    if sent:
        os.kill(transport._pid, sent)  # type: ignore[attr-defined]
        until(lambda: opened.session.gone, "the end of crash")
        assert unpacked.exists() == (sent is signal.SIGKILL)
    opened.close()
    assert list(work.iterdir()) == []
    assert opened.recording is not None
    assert read_recording(Path(opened.recording)).complete
