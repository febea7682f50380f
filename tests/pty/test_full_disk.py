# SPDX-License-Identifier: Apache-2.0
"""Output without end and disks without room: the command ends, what was said is kept, the session goes on."""

from __future__ import annotations

import os
from pathlib import Path

from tests.pty.casts import PS, STARTUP, Script
from tests.pty.running import Starter
from xcrash.session import Spool, State

FLOOD = b"ffff8d1a00000000: deadbeef\r\n"


def flooding(lines: int) -> Script:
    script = Script().command("ps", PS).asked("search")
    for _ in range(lines):
        script.says(FLOOD * 100, after=0.02)
    return script.says("crash> ").command("p 1", "$1 = 1\r\n").command("p 2", "$2 = 2\r\n")


def test_a_command_that_reaches_the_quota_is_interrupted_and_the_session_goes_on(fake: Starter, tmp_path: Path) -> None:
    granted = 16 << 20
    spool = Spool.create(tmp_path / "spool", quota=len(STARTUP) + 100)
    running = fake(flooding(2000), SPEED=1, spool=spool).ready()
    assert running.answer("ps") == PS.encode()
    assert spool.quota > granted
    spool.grant = lambda: None  # type: ignore[method-assign]
    spool.quota = spool.size + 300
    result = running.session.run("search")
    assert result.exit == "error"
    answer = running.output(result)
    whole, _, _ = answer.partition(b"^C")
    assert len(whole) >= 300
    assert whole == (FLOOD * 100000)[: len(whole)]
    assert [text for text in running.notices() if "'search' is interrupted: output quota reached" in text]
    del spool.grant
    assert running.session.state is State.READY
    assert running.answer("p 1") == b"$1 = 1\r\n"
    assert spool.trouble is None
    assert running.session.results[-1].exit == "ok"


def test_a_disk_that_is_full_from_the_start_is_told_and_small_answers_go_on(fake: Starter) -> None:
    spool = Spool(os.open("/dev/full", os.O_RDWR))
    running = fake(Script().command("ps", PS).command("p 1", "1\r\n"), spool=spool).ready()
    assert "No space left on device" in running.notices()[0]
    assert running.session.startup_text() == STARTUP.replace("\r\n", "\n")
    assert running.answer("ps") == PS.encode()
    assert running.answer("p 1") == b"1\r\n"
    assert [result.exit for result in running.session.results] == ["ok", "ok"]


def test_a_disk_that_fills_up_interrupts_the_command_and_loses_nothing(fake: Starter) -> None:
    running = fake(flooding(2000), SPEED=1).ready()
    assert running.answer("ps") == PS.encode()
    spool = running.spool
    full, kept = os.open("/dev/full", os.O_RDWR), os.dup(spool._fd)
    os.dup2(full, spool._fd)
    number = running.session.submit("search")
    result = running.result(number)
    assert result.exit == "error"
    assert spool.held > 0
    os.dup2(kept, spool._fd)
    os.close(kept)
    os.close(full)
    assert running.answer("p 1") == b"$1 = 1\r\n"
    assert (spool.held, spool.lost, spool.trouble) == (0, 0, None)
    assert running.output(result).startswith(FLOOD)
    assert PS.encode() in spool.read(0, spool.size)


def test_an_answer_that_was_lost_is_told(fake: Starter) -> None:
    flood = FLOOD * (20 << 20 >> 4)
    script = Script().command("search", flood).command("p 1", "1\r\n")
    running = fake(script, spool=Spool(os.open("/dev/full", os.O_RDWR)), DEAF_PRESSES=1000).ready()
    assert running.session.run("search").exit == "error"
    assert [text for text in running.notices() if text.endswith("bytes of the answer were lost: the disk is full")]
    assert running.session.run("p 1").exit == "error"
    assert running.session.state is State.READY
