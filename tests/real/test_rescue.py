# SPDX-License-Identifier: Apache-2.0
"""Starts that fail, and commands that do not end, on real dumps with the real crash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.contract.command_line import xcrash
from tests.lab.paths import Lab
from tests.real.processes import running_on
from tests.real.test_run import options
from xcrash.errors import SessionError, StartError
from xcrash.open_session import OpenSession
from xcrash.session import Event, Notice, State
from xcrash.target import Choices, look_at

pytestmark = pytest.mark.real

WORDS = 'type: "page_offset_base"'


@pytest.fixture
def cut(lab: Lab, tmp_path: Path) -> Path:
    """The first half of a dump."""
    whole = lab.dump("panic").path
    half = tmp_path / "vmcore"
    shutil.copyfile(whole, half)
    with half.open("r+b") as handle:
        handle.truncate(whole.stat().st_size // 2)
    return half


def test_a_silent_death_is_told_with_the_read_that_failed(lab: Lab, workdir: Path, cut: Path) -> None:
    events: list[Event] = []
    wanted = Choices(target=str(cut), vmlinux=str(lab.vmlinux), crash=str(lab.default_crash))
    opened = OpenSession(look_at(wanted), wanted, events.append)
    try:
        with pytest.raises(StartError) as caught:
            opened.bring_up()
    finally:
        opened.close()
    assert caught.value.code == "start-silent"
    assert f"{WORDS}" in caught.value.message
    assert "or start with --zero_excluded" in caught.value.hint
    assert [offer.text for offer in opened.offers] == ["--zero_excluded", "--minimal"]
    assert any("once more with -d1" in event.text for event in events if isinstance(event, Notice))
    assert running_on(str(cut)) == []
    assert list(workdir.iterdir()) == []


def test_rescue_on_a_dump_that_nothing_opens_says_what_was_tried(lab: Lab, workdir: Path, cut: Path) -> None:
    done = xcrash("run", cut, *options(lab), "--rescue", "-c", "log", "--json")
    assert done.status == 5
    error = done.document["error"]
    assert WORDS in error["message"]
    assert "tried without success: --zero_excluded, --minimal" in error["hint"]
    assert "trying --zero_excluded: pages that are not in the dump read as zeros" in done.err
    assert list(workdir.iterdir()) == []


def test_limits_and_a_new_crash_on_a_real_dump(lab: Lab, workdir: Path) -> None:
    wanted = Choices(target=str(lab.dump("panic").path), vmlinux=str(lab.vmlinux), crash=str(lab.default_crash))
    opened = OpenSession(look_at(wanted), wanted)
    try:
        opened.bring_up()
        idle = opened.session.run("!sleep 30", idle=2.0)
        assert idle.exit == "timeout"
        busy = opened.session.run("!timeout 4 sh -c 'while :; do :; done'", idle=2.0)
        assert busy.exit in ("ok", "error")
        assert busy.seconds >= 3.5
        assert opened.session.run("sys").exit == "ok"
        opened.session.submit("!kill -9 $PPID")
        with pytest.raises(SessionError, match=r"ended by itself|has ended"):
            opened.session.run("sys")
        opened.restart()
        opened.bring_up()
        assert "sys" in opened.history
        assert opened.session.run("sys").exit == "ok"
        assert opened.session.state is State.READY
    finally:
        opened.close()
    assert list(workdir.iterdir()) == []
