# SPDX-License-Identifier: Apache-2.0
"""Starts that fail: the reason is looked for, the fitting rung is named or taken, and never more than once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.pty.casts import BANNER, GDB, GPL, PS, STARTUP, Script, painted
from tests.pty.starts import choices, started
from xcrash import open_session, overview
from xcrash.cli.session_document import run_document
from xcrash.errors import SessionError, StartError
from xcrash.open_session import OpenSession
from xcrash.plan import LaunchPlan, Recipe
from xcrash.session import Event, Notice, PhaseChanged
from xcrash.target import Target, look_at, plan_for
from xcrash.transcript.recording import read_recording

SILENT = Script(None).says(GPL + GDB).exits(1)
WORDS = 'crash: read error: kernel virtual address: ffffffff8b1645a8  type: "page_offset_base"'
DEBUG = Script(None).says(f"{GPL}crash: pv_ops exists: ARCH_PVOPS\r\n{GDB}{WORDS}\r\n").exits(1)
GOOD = Script().command("ps", PS).command("p 1", "$1 = 1\r\n").command("sys", "        CPUS: 2\r\n")
AT_MODULES = Script(None).says(GPL + GDB + "\rplease wait... (gathering module symbol data)\r\n").exits(1)


@contextmanager
def prepared(directory: Path, scripts: dict[str, Script], **more: object) -> Iterator[tuple[OpenSession, list[Event]]]:
    """A session on a fake crash, and its events."""
    events: list[Event] = []
    wanted = choices(directory, scripts, **more)
    opened = OpenSession(look_at(wanted), wanted, events.append)
    try:
        yield opened, events
    finally:
        opened.close()


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Private directories, and nothing left in them."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("TMPDIR", str(work))
    yield
    assert list(work.iterdir()) == []


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


def test_a_silent_death_is_told_with_the_last_words_of_a_second_start(tmp_path: Path) -> None:
    with prepared(tmp_path, {"": SILENT, "-d1": DEBUG}) as (opened, events):
        with pytest.raises(StartError) as caught:
            opened.bring_up()
        assert caught.value.code == "start-silent"
        assert f"without a message; with -d1 the last line was: {WORDS}" in caught.value.message
        assert "or start with --zero_excluded, as --rescue does (pages that are not in" in caught.value.hint
        assert [offer.text for offer in opened.offers] == ["--zero_excluded", "--minimal"]
        assert WORDS in opened.session.text(0, opened.session.spool.size)
        assert "once more with -d1" in notices(events)[0]
        assert any(isinstance(event, PhaseChanged) and "looking for the reason" in event.phase for event in events)
    assert started(tmp_path) == ["", "-d1"]


def test_a_second_start_that_succeeds_or_is_silent_too_adds_nothing(tmp_path: Path) -> None:
    for directory, second in ((tmp_path / "good", GOOD), (tmp_path / "silent", SILENT)):
        directory.mkdir()
        with prepared(directory, {"": SILENT, "-d1": second}) as (opened, _), pytest.raises(StartError) as caught:
            opened.bring_up()
        assert "the last line" not in caught.value.message
        assert "--minimal" in caught.value.hint
        assert started(directory) == ["", "-d1"]


def test_a_failure_that_speaks_needs_no_second_start(tmp_path: Path) -> None:
    text = f"{GPL}{GDB}\r\ncrash: cannot determine thread return address\r\n"
    with prepared(tmp_path, {"": Script(None).says(text).exits(1)}) as (opened, _), pytest.raises(StartError) as caught:
        opened.bring_up()
    assert "or start with --minimal, as --rescue does (only log, dis" in caught.value.hint
    assert started(tmp_path) == [""]


def test_rescue_takes_the_fitting_rung_and_says_so(tmp_path: Path) -> None:
    scripts = {"": AT_MODULES, "-d1": AT_MODULES, "--no_modules": GOOD}
    with prepared(tmp_path, scripts, rescue=True) as (opened, events):
        opened.bring_up()
        assert opened.session.run("p 1").exit == "ok"
        assert opened.rung is not None
        assert opened.rung.text == "--no_modules"
        assert notices(events)[-1].startswith("start failed: crash ended with status 1")
        assert notices(events)[-1].endswith("trying --no_modules: " + opened.rung.rung.cost)
        assert opened.session.startup_text() == STARTUP.replace("\r\n", "\n")
        banner = overview.read_banner(opened)
        rows = {row.label: row.value for one in overview.sections(opened, banner, None) for row in one.rows}
        assert rows["RESCUED BY"] == f"--no_modules: {opened.rung.rung.cost}"
        assert "--no_modules" in rows["ARGV"]
        session = run_document(opened, banner, opened.session.results)["session"]
        rung = opened.rung.rung
        assert session["rung"] == {"options": ["--no_modules"], "when": rung.when, "cost": rung.cost}
        assert "--no_modules" in session["argv"]
        assert opened.recording is not None
        recording = read_recording(Path(opened.recording))
        assert recording.startup_text.startswith("\r\ncrash 8.0.2")
        assert "--no_modules" in recording.facts.argv
    assert started(tmp_path) == ["", "-d1", "--no_modules"]


def test_rescue_takes_rung_after_rung_each_once_and_gives_up_with_the_first_reason(tmp_path: Path) -> None:
    with prepared(tmp_path, {"": SILENT, "-d1": DEBUG}, rescue=True) as (opened, events):
        with pytest.raises(StartError) as caught:
            opened.bring_up()
        assert WORDS in caught.value.message
        assert "tried without success: --zero_excluded, --minimal" in caught.value.hint
        assert "or start with" not in caught.value.hint
        assert sum("trying" in text for text in notices(events)) == 2
    assert started(tmp_path) == ["", "-d1", "--zero_excluded", "--minimal"]


def test_another_reason_on_a_rung_is_told_with_the_rung(tmp_path: Path) -> None:
    other = Script(None).says(f"{GPL}{GDB}\r\ncrash: cannot resolve: something\r\n").exits(1)
    scripts = {"": SILENT, "-d1": DEBUG, "--zero_excluded": other, "--minimal": other}
    with prepared(tmp_path, scripts, rescue=True) as (opened, _), pytest.raises(StartError) as caught:
        opened.bring_up()
    assert caught.value.message.startswith("with --minimal: crash could not start: crash: cannot resolve")


def test_files_that_are_wrong_have_no_ladder(tmp_path: Path) -> None:
    text = f"{GPL}\r\ncrash: vmcore: not a supported file format\r\n"
    wrong = Script(None).says(text).exits(1)
    with prepared(tmp_path, {"": wrong}, rescue=True) as (opened, _), pytest.raises(StartError) as caught:
        opened.bring_up()
    assert "--rescue" not in caught.value.hint
    assert started(tmp_path) == [""]


def test_no_rung_ever_leaves_the_dump(tmp_path: Path) -> None:
    with prepared(tmp_path, {"": SILENT}, rescue=True) as (opened, _), pytest.raises(StartError):
        opened.bring_up()
    for line in (tmp_path / "started").read_text().splitlines():
        assert line.endswith(f"{tmp_path}/vmlinux {tmp_path}/vmcore")


def test_ending_it_while_the_reason_is_looked_for_is_quick(tmp_path: Path) -> None:
    hanging = Script(None).says(GPL).says(GDB, after=1000.0)
    play = {"": SILENT, "-d1": hanging}
    wanted = choices(tmp_path, play)
    program = Path(str(wanted.crash))
    program.write_text(program.read_text().replace("#!/bin/sh", "#!/bin/sh\nexport XC_REPLAY_SPEED=1"))

    def listen(event: Event) -> None:
        if isinstance(event, PhaseChanged) and "reason: reading files" in event.phase:
            opened.end()

    opened = OpenSession(look_at(wanted), wanted, listen)
    with pytest.raises(StartError):
        opened.bring_up()
    opened.close()
    assert started(tmp_path) == ["", "-d1"]


def test_a_dead_crash_is_started_again_with_its_history_on_offer(tmp_path: Path) -> None:
    script = Script().command("ps", PS).command("p 1", "$1 = 1\r\n").asked("bt -a").exits(139)
    with prepared(tmp_path, {"": script}) as (opened, _):
        opened.bring_up()
        assert opened.session.run("ps").exit == "ok"
        with pytest.raises(SessionError, match="no crash to start again"):
            opened.restart()
        assert opened.session.run("p 1").exit == "ok"
        with pytest.raises(SessionError, match="ended by itself during 'bt -a'"):
            opened.session.run("bt -a")
        first, size = opened.recording, opened.session.spool.size
        opened.restart()
        opened.bring_up()
        assert opened.history == ("ps", "p 1")
        assert opened.recording != first
        assert opened.session.startup_text() == STARTUP.replace("\r\n", "\n")
        assert opened.session.startup_end > size
        answers = [opened.session.run(command) for command in opened.history]
        assert [opened.session.spool.read(one.start, one.end) for one in answers] == [PS.encode(), b"$1 = 1\r\n"]
        assert first is not None and opened.recording is not None
        again = read_recording(Path(opened.recording))
        assert [one.command for one in read_recording(Path(first)).exchanges] == ["ps", "p 1", "bt -a"]
        assert again.startup_text == f"{STARTUP}crash> "
        assert [one.command for one in again.exchanges] == ["ps", "p 1"]


def test_what_is_over_is_not_started_again(tmp_path: Path) -> None:
    with prepared(tmp_path, {"": GOOD}) as (opened, _):
        opened.bring_up()
        opened.end()
        with pytest.raises(SessionError) as caught:
            opened.restart()
        assert caught.value.code == "no-restart"


def test_the_phase_of_a_hang_chooses_the_rung(tmp_path: Path) -> None:
    waiting = Script(None).says(GPL + GDB + painted("determining panic task") + "\r" + BANNER).exits(1)
    with prepared(tmp_path, {"": waiting, "-d1": waiting}) as (opened, _):
        with pytest.raises(StartError):
            opened.bring_up()
        assert [offer.text for offer in opened.offers] == ["--minimal"]


NO_LENS = ("sh", "-c", "echo 'lens: nothing to see; try: look elsewhere'; exit 4", "--")


def test_where_there_is_no_lens_minimal_is_started_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def behind_no_lens(target: Target, recipe: Recipe) -> LaunchPlan:
        return msgspec.structs.replace(plan_for(target, recipe), wrapper=NO_LENS)

    monkeypatch.setattr(open_session, "plan_for", behind_no_lens)
    with prepared(tmp_path, {"--minimal": GOOD}, rescue=True) as (opened, _):
        opened.bring_up()
        assert opened.plan is not None and opened.plan.wrapper == () and "--minimal" in opened.plan.argv
        assert opened.failed is not None and opened.failed.code == "lens-failed"
        assert opened.failed.message == "no view of this Dom0's memory: nothing to see"
        assert opened.failed.hint.startswith("look elsewhere; or start with --minimal")
    assert started(tmp_path) == ["--minimal"]
