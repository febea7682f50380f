# SPDX-License-Identifier: Apache-2.0
"""Nothing reaches crash that its user has not agreed to, whichever way it is sent."""

from __future__ import annotations

import pytest

from tests.pty.casts import PS, Script
from tests.pty.running import Running, Starter
from xcrash.errors import UsageError
from xcrash.session import CommandStarted, State
from xcrash.session.guard import Guard


def live(running: Running) -> Running:
    """Pretend that the memory is that of a running system."""
    running.session.guard = Guard(live=True)
    return running


def sent(running: Running) -> list[str]:
    return [event.command for event in running.all(CommandStarted)]


@pytest.mark.parametrize(
    "line", ["wr ffff 1", "!id", "extend x.so", "gdb set var a=1", 'p $_shell("id")', "ps | sh -x y"]
)
def test_a_refused_line_is_never_typed_and_the_session_goes_on(fake: Starter, line: str) -> None:
    running = live(fake(Script().command("ps", PS))).ready()
    for send in (running.session.submit, running.session.run):
        with pytest.raises(UsageError) as caught:
            send(line)
        assert caught.value.code == "consent-needed"
    assert running.answer("ps") == PS.encode()
    assert sent(running) == ["ps"]
    assert running.session.state is State.READY


def test_a_granted_line_is_typed_once(fake: Starter) -> None:
    running = live(fake(Script().command("wr ffff 1").command("ps", PS))).ready()
    guard = running.session.guard
    guard.grant("wr ffff 1", guard.questions("wr ffff 1"))
    running.session.run("wr ffff 1")
    with pytest.raises(UsageError):
        running.session.submit("wr ffff 1")
    running.session.run("ps")
    assert sent(running) == ["wr ffff 1", "ps"]


def test_a_session_remembers_the_names_it_was_given(fake: Starter) -> None:
    script = Script().command("alias poke wr", "runtime  poke     wr \r\n").command("ps", PS)
    running = live(fake(script)).ready()
    running.session.run("alias poke wr")
    with pytest.raises(UsageError, match="running system"):
        running.session.run("poke ffff 1")
    assert running.answer("ps") == PS.encode()


def test_a_setting_behind_an_alias_cannot_change_the_prompt(fake: Starter) -> None:
    running = fake(Script().command("alias x set", "").command("ps", PS)).ready()
    running.session.run("alias x set")
    with pytest.raises(UsageError) as caught:
        running.session.run("x gdb on")
    assert caught.value.code == "command-setting"
    assert running.answer("ps") == PS.encode()


def test_on_a_dump_what_a_user_sends_is_sent(fake: Starter) -> None:
    script = Script().command("!id", "uid=0\r\n").command("wr ffff 1", "wr: not allowed on dumpfiles\r\n")
    running = fake(script).ready()
    assert running.answer("!id") == b"uid=0\r\n"
    assert running.session.run("wr ffff 1").exit == "error"


@pytest.mark.parametrize(
    "line", ["ps\rwr f 1", "ps\nwr f 1", "ps\x85x", "ps\u2028wr f 1", "p \ud800", "ps\x00", "x" * 1401]
)
def test_a_line_that_is_not_one_line_is_never_typed(fake: Starter, line: str) -> None:
    running = fake(Script().command("ps", PS)).ready()
    with pytest.raises(UsageError):
        running.session.submit(line)
    assert running.answer("ps") == PS.encode()
    assert sent(running) == ["ps"]


def test_an_answer_is_no_way_around_the_guard(fake: Starter) -> None:
    running = live(fake(Script().command("ps", PS))).ready()
    with pytest.raises(UsageError) as caught:
        running.session.answer("wr ffff 1")
    assert caught.value.code == "consent-needed"
    assert running.answer("ps") == PS.encode()
