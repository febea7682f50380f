# SPDX-License-Identifier: Apache-2.0
"""The real crash over a real ssh: a dump is its memory, as no machine that tests run on shows its own."""

from __future__ import annotations

import pytest

from tests.far.drops import DROPS, Drop
from tests.far.sessions import Far, FarSession, running_in, target_there
from tests.lab.paths import load_lab
from tests.pty.running import until
from xcrash.errors import SessionError
from xcrash.session import State

pytestmark = [pytest.mark.real, pytest.mark.parametrize("version", ["8.0.6", "9.0.2"])]


def opened(far: Far, version: str) -> FarSession:
    lab = load_lab()
    assert lab is not None, "the lab is not there: make lab"
    dump = lab.dump("panic")
    crash = lab.crash_version(version).path
    session = far.on(target_there(far.daemon.address, dump.vmlinux, crash, str(dump.path)))
    session.opened.bring_up()
    return session


def test_commands_are_answered_and_ctrl_c_ends_one(far: Far, version: str) -> None:
    session = opened(far, version)
    assert session.opened.session.version == version
    assert b"RELEASE: " in session.output(session.opened.session.run("sys"))
    session.opened.session.submit("repeat p 1")
    session.streams(b"$3 = 1")
    session.opened.session.interrupt()
    until(lambda: len(session.opened.session.results) == 2, "the end of the command")
    assert session.opened.session.results[1].exit == "interrupted"
    assert session.output(session.opened.session.run("eval 1 + 1")).startswith(b"hexadecimal: 2")
    session.opened.end()
    assert session.gone().error is None


@DROPS
def test_a_connection_that_drops_ends_crash(far: Far, version: str, drop: Drop) -> None:
    session = opened(far, version)
    session.opened.session.submit("repeat p 1")
    until(lambda: session.opened.session.state is State.BUSY, "the command")
    drop(session, far)
    gone = session.gone()
    assert isinstance(gone.error, SessionError) and gone.error.code == "connection-lost"
    until(lambda: not running_in(session.directory), "the end of crash over there")
