# SPDX-License-Identifier: Apache-2.0
"""Names are gathered when nobody waits, and never keep a user waiting for more than one small command."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.pty.casts import PS, Script
from tests.pty.running import QUICK, Running, Starter, until
from xcrash.completion import Completions
from xcrash.session import CommandFinished, CommandStarted, State
from xcrash.transcript.asciicast import Facts
from xcrash.transcript.record import CastRecorder
from xcrash.transcript.recording import read_recording

SOON = msgspec.structs.replace(QUICK, spare=0.0)
NEVER = msgspec.structs.replace(QUICK, spare=3600.0)
HELP = "bt  ps  struct\n\ncrash version: 9.0.2\n"


def order(running: Running) -> list[str]:
    """The commands in the order in which they were typed."""
    return [event.command for event in running.all(CommandStarted)]


def test_a_user_waits_for_one_background_command_at_most(fake: Starter) -> None:
    script = Script().command("help", "one\r\n", "two\r\n", pause=0.2).command("ps", PS).command("mod", "none\r\n")
    running = fake(script, timing=SOON, SPEED=1).ready()
    first = running.session.submit("help", background=True)
    second = running.session.submit("mod", background=True)
    assert running.event(CommandStarted).command == "help"
    assert running.session.in_background
    asked = running.session.submit("ps")
    for number in (first, asked, second):
        running.result(number)
    assert order(running) == ["help", "ps", "mod"]
    assert [event.background for event in running.all(CommandStarted)] == [True, False, True]
    assert [result.command for result in running.session.results] == ["ps"]


def test_while_a_user_is_active_nothing_is_gathered(fake: Starter) -> None:
    script = Script()
    for number in range(5):
        script.command(f"p {number}", f"${number} = {number}\r\n")
    running = fake(script, timing=NEVER).ready()
    running.session.run("p 0")
    running.session.submit("help", background=True)
    for number in range(1, 5):
        running.session.run(f"p {number}")
    running.session.close()
    assert order(running) == [f"p {number}" for number in range(5)]
    assert running.session.gone is not None
    assert running.session.gone.error is None


def test_leaving_does_not_wait_for_the_background(fake: Starter) -> None:
    script = Script().command("help", "one\r\n", "two\r\n", pause=60.0)
    running = fake(script, timing=SOON, SPEED=1).ready()
    running.session.submit("help", background=True)
    running.event(CommandStarted)
    assert running.session.state is State.BUSY
    running.session.submit("q")
    until(lambda: running.session.gone, "the end of crash")
    assert running.session.gone is not None
    assert running.session.gone.error is None


def gathered(running: Running, names: Completions) -> None:
    """Hand every answer so far to the names, as a face does on a thread of its own."""
    for event in running.all(CommandFinished):
        names.finished(event.result)


def test_names_come_from_files_of_the_private_directory(fake: Starter, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    file = private / "names-1"
    running = fake(Script().command(f"help > {file}").command("ps", PS), timing=SOON).ready()
    names = Completions(running.session, private)
    file.write_text(HELP)
    names.want_for("b", 1)
    names.want_for("bt", 2)
    running.event(CommandFinished)
    gathered(running, names)
    assert names.known.commands == ("bt", "ps", "struct")
    assert not file.exists()
    assert [one.text for one in names.complete("b", 1)] == ["bt"]
    assert order(running) == [f"help > {file}"]
    running.session.run("ps")
    gathered(running, names)
    assert [one.detail for one in names.complete("bt 1", 4)] == ["systemd"]


def test_a_refused_or_failed_gathering_leaves_what_was_known(fake: Starter, tmp_path: Path) -> None:
    script = Script().command(f"sym -l > {tmp_path / 'names-1'}", "sym: no such thing\r\n")
    running = fake(script, timing=SOON).ready()
    names = Completions(running.session, tmp_path)
    names.want("type")
    running.event(CommandFinished)
    gathered(running, names)
    assert names.known.symbols == ()
    assert names.complete("sym i", 5) == []
    names.want("symbol")
    assert order(running) == [f"sym -l > {tmp_path / 'names-1'}"]


def test_a_recording_is_never_asked_for_names(fake: Starter) -> None:
    running = fake(Script().command("ps", PS), timing=SOON).ready()
    names = Completions(running.session, None)
    for kind in ("command", "symbol", "type", "task", "module"):
        names.want(kind)
    running.session.run("ps")
    assert order(running) == ["ps"]
    assert "foreach" in [one.text for one in names.complete("fo", 2)]


def test_a_long_background_command_gives_way_to_its_user(fake: Starter) -> None:
    script = Script().command("kmem -s", "one\r\n", "two\r\n", pause=600.0).command("ps", PS)
    running = fake(script, timing=SOON, SPEED=1).ready()
    behind = running.session.submit("kmem -s", background=True)
    running.event(CommandStarted)
    asked = running.session.submit("ps")
    assert running.result(behind).exit == "interrupted"
    assert running.result(asked).exit == "ok"


def test_a_command_can_be_taken_back_before_and_while_it_runs(fake: Starter) -> None:
    script = Script().command("kmem -s", "one\r\n", "two\r\n", pause=600.0).command("ps", PS).command("ps", PS)
    running = fake(script, timing=SOON, SPEED=1).ready()
    first = running.session.submit("kmem -s", background=True)
    running.event(CommandStarted)
    second = running.session.submit("mod", background=True)
    running.session.cancel(second)
    taken_back = running.result(second)
    assert (taken_back.exit, taken_back.bytes) == ("interrupted", 0)
    running.session.cancel(first)
    assert running.result(first).exit == "interrupted"
    assert running.session.run("ps").exit == "ok"
    running.session.cancel(first)
    assert running.session.run("ps").exit == "ok"
    assert order(running) == ["kmem -s", "ps", "ps"]


def test_a_background_command_is_in_the_recording_only_when_it_belongs_there(fake: Starter, tmp_path: Path) -> None:
    path = tmp_path / "session.cast"
    recorder = CastRecorder(path, Facts(kind="vmcore"))
    running = fake(Script().command("ps", PS).command("mod", "none\r\n"), timing=SOON, recorder=recorder).ready()
    kept = running.session.submit("ps", background=True, recorded=True)
    running.result(kept)
    running.result(running.session.submit("mod", background=True))
    running.session.close()
    assert [(one.command, "systemd" in one.output) for one in read_recording(path).exchanges] == [
        ("ps", True),
        ("q", False),
    ]
