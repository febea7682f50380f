# SPDX-License-Identifier: Apache-2.0
"""The view Recording: the timeline of what was asked, playing, jumping, and copies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.pty.casts import GDB, GPL, PS, Script
from tests.pty.starts import choices
from tests.tui.screens import DEMO, app_on, grid, session_screen, until, until_ready
from xcrash.target import look_at
from xcrash.timeline import of_recording
from xcrash.transcript.recording import read_recording
from xcrash.tui.app import XcrashApp
from xcrash.tui.views.recording import RecordingView
from xcrash.tui.widgets.save_dialog import SaveDialog


async def test_a_recording_plays_when_it_is_opened_and_its_timeline_leads_to_the_answers() -> None:
    app = app_on()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        recording, play = app.opened.target.recording, screen.bench.play
        assert recording is not None and play is not None
        await pilot.press("7")
        view = screen.query_one(RecordingView)
        await until(pilot, lambda: len(view.page.table.rows) == len(recording.exchanges), "the timeline")
        steps = view.page.table.rows
        assert [step.command for step in steps] == [one.command for one in recording.exchanges]
        assert {step.state for step in steps} == {"played"}
        times = [step.at for step in steps if step.at is not None]
        assert times == sorted(times) and len(times) == len(steps)
        await until(pilot, lambda: "all played" in grid(app), "that it is all")
        at = next(at for at, step in enumerate(steps) if step.command == "log")
        view.page.table.go(at)
        await pilot.press("enter")
        await until(pilot, lambda: screen.view is not None and screen.view.NAME == "console", "the console")
        await until(pilot, lambda: "Linux version" in grid(app), "the beginning of the log")
    app.opened.close()


async def test_a_paused_play_goes_on_and_jumps(tmp_path: Path) -> None:
    script = Script().command("p 1", "$1 = 1\r\n", pause=30.0)
    for number in range(2, 8):
        script.command(f"p {number}", f"${number} = {number}\r\n", pause=0.1)
    app = app_on(script.write(tmp_path / "slow.cast"), speed=1.0)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.session_screen is not None, "the screen")
        screen = session_screen(app)
        await until(pilot, lambda: screen.bench.play is not None and screen.bench.play.running, "the play")
        play = screen.bench.play
        assert play is not None
        await pilot.press("7", "p")
        await until(pilot, lambda: "paused, 1 of 7" in grid(app), "the pause")
        await pilot.press("plus", "plus")
        assert play.speed == 4.0
        await pilot.press("minus")
        assert play.speed == 2.0
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not play.running, "the first command interrupted")
        assert play.position == 1
        view = screen.query_one(RecordingView)
        view.page.table.go(3)
        await pilot.press("enter")
        await until(pilot, lambda: play.position == 4 and play.paused and not play.running, "played up to the fourth")
        recording = app.opened.target.recording
        assert recording is not None
        states = [step.state for step in of_recording(recording, play)]
        assert states == ["played"] * 4 + ["to come"] * 3
        await pilot.press("plus", "plus", "plus", "plus", "p")
        await until(pilot, lambda: play.over and not play.running, "the rest")
        assert [one.command for one in app.opened.session.results] == [f"p {number}" for number in range(1, 8)]
        await pilot.press("p")
        await until(pilot, lambda: len(app.opened.session.results) >= 8, "the play again")
    app.opened.close()


async def test_copies_are_written_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_on(Path(shutil.copy(DEMO, tmp_path / "mine.cast")))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until_ready(pilot, app)
        await pilot.press("7", "w")
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the question")
        assert app.screen.query_one(Input).value == "mine.cast"
        await pilot.press("enter")
        await until(pilot, lambda: "there already" in grid(app), "the refusal, and the question again")
        app.screen.query_one(Input).value = "copy.cast"
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "copy.cast").exists() and "Written" in grid(app), "the copy")
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the question")
        assert app.screen.query_one(Input).value == "mine-scrubbed.cast"
        await pilot.press("enter")
        await until(pilot, lambda: "places changed" in grid(app), "the scrubbed copy")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the question")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, SaveDialog), "no copy")
    app.opened.close()
    assert (tmp_path / "copy.cast").read_bytes() == DEMO.read_bytes()
    assert read_recording(tmp_path / "mine-scrubbed.cast").facts.scrubbed


async def test_a_running_session_has_a_timeline_too(tmp_path: Path) -> None:
    wanted = choices(tmp_path, {"": Script().command("ps", PS).command("p 1", "$1 = 1\r\n")})
    app = XcrashApp(look_at(wanted), wanted)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("2", *"p 1", "enter")
        await until(pilot, lambda: bool(app.opened.session.results), "the answer")
        await pilot.press("escape", "7")
        view = screen.query_one(RecordingView)
        await until(pilot, lambda: "p 1" in [step.command for step in view.page.table.rows], "the timeline")
        assert ("ps", True) in [(step.command, step.background) for step in view.page.table.rows]
        await pilot.press("b")
        await until(pilot, lambda: all(not step.background for step in view.page.table.rows), "only the user's")
        await pilot.press("p")
        await until(pilot, lambda: "being recorded" in grid(app), "nothing to play")
        assert app.opened.recording is not None and Path(app.opened.recording).name in "".join(grid(app).split())
    app.opened.close()


async def test_a_recording_of_a_start_that_failed_has_no_timeline(tmp_path: Path) -> None:
    app = app_on(Script(None).says(GPL + GDB).exits(1).write(tmp_path / "failed.cast"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.failure is not None, "the failure")
        await pilot.press("7")
        assert app.is_running
    app.opened.close()
