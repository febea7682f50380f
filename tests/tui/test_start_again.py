# SPDX-License-Identifier: Apache-2.0
"""The screen of a start that failed and of a crash that died: what it offers, and what its keys do."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import ContentSwitcher

from tests.pty.casts import GDB, GPL, PS, Script
from tests.pty.starts import choices, started
from tests.tui.screens import grid, session_screen, until, until_ready
from xcrash.session import State
from xcrash.target import look_at
from xcrash.tui.app import XcrashApp

SILENT = Script(None).says(GPL + GDB).exits(1)
WORDS = 'crash: read error: kernel virtual address: ffffffff8b1645a8  type: "page_offset_base"'
DEBUG = Script(None).says(f"{GPL}{GDB}{WORDS}\r\n").exits(1)
GOOD = Script().command("ps", PS).command("p 1", "$1 = 1\r\n")


def app_on(directory: Path, scripts: dict[str, Script], **more: object) -> XcrashApp:
    wanted = choices(directory, scripts, **more)
    return XcrashApp(look_at(wanted), wanted)


def failed(app: XcrashApp) -> bool:
    return app.failure is not None


async def test_a_failed_start_offers_its_rungs_and_a_number_takes_one(tmp_path: Path) -> None:
    app = app_on(tmp_path, {"": SILENT, "-d1": DEBUG, "--minimal": GOOD})
    async with app.run_test(size=(160, 60)) as pilot:
        await until(pilot, lambda: "[2] --minimal" in grid(app), "the choices")
        text = grid(app)
        assert "with -d1 the last line was: crash: read error" in text
        assert "[1] --zero_excluded: pages that are not in the dump read as zeros" in text
        assert "--rescue" not in text
        await pilot.press("3")
        assert session_screen(app).query_one(ContentSwitcher).current == "start"
        await pilot.press("1")
        await until(pilot, lambda: "tried without success: --zero_excluded" in grid(app), "the second failure")
        await until(pilot, lambda: "[1] --minimal" in grid(app), "the words")
        await pilot.press("1")
        await until_ready(pilot, app)
        await until(pilot, lambda: "rescued by" in grid(app), "the rung in the overview")
        assert app.failure is None
        await pilot.press("2")
        assert session_screen(app).query_one(ContentSwitcher).current == "console"
    app.opened.close()
    assert started(tmp_path) == ["", "-d1", "--zero_excluded", "--minimal"]


async def test_rescue_takes_the_rungs_by_itself(tmp_path: Path) -> None:
    app = app_on(tmp_path, {"": SILENT, "-d1": DEBUG, "--zero_excluded": GOOD}, rescue=True)
    async with app.run_test(size=(160, 60)) as pilot:
        await until_ready(pilot, app)
        await until(pilot, lambda: "rescued by" in grid(app), "the rung in the overview")
    app.opened.close()
    assert started(tmp_path) == ["", "-d1", "--zero_excluded"]


async def test_a_dead_crash_is_restarted_and_its_commands_run_again(tmp_path: Path) -> None:
    script = Script().command("ps", PS).command("p 1", "$1 = 1\r\n").asked("bt -a").exits(139)
    app = app_on(tmp_path, {"": script})
    async with app.run_test(size=(160, 60)) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("R", "h")
        assert app.opened.session.state is State.READY
        for command in ("p 1", "bt -a"):
            await pilot.press("escape", "colon", *command, "enter")
        await until(pilot, lambda: app.opened.session.gone is not None, "the death")
        await until(pilot, lambda: "crash has ended: " in grid(app), "the banner")
        assert failed(app) and "R starts crash again" in grid(app)
        await pilot.press("escape", "R")
        await until(pilot, lambda: app.opened.session.was_ready and screen.bench.tasks is not None, "another crash")
        await until(pilot, lambda: "h Run the commands again" in grid(app), "the offer")
        assert not failed(app) and "crash has ended" not in grid(app)
        await pilot.press("h")
        await until(pilot, lambda: len(app.opened.session.results) == 1, "the command of the user again")
        assert [result.command for result in app.opened.session.results] == ["p 1"]
        await pilot.press("2")
        await until(pilot, lambda: grid(app).count("$1 = 1") == 2, "both answers in the console")
    app.opened.close()
    assert started(tmp_path) == ["", ""]


async def test_leaving_while_the_reason_is_looked_for_does_not_wait_for_it(tmp_path: Path) -> None:
    app = app_on(tmp_path, {"": SILENT, "-d1": Script(None).says(GPL).says(GDB, after=1000.0)})
    program = tmp_path / "crash"
    program.write_text(program.read_text().replace("#!/bin/sh", "#!/bin/sh\nexport XC_REPLAY_SPEED=1"))
    async with app.run_test(size=(160, 60)) as pilot:
        await until(pilot, lambda: "looking for the reason: reading files" in grid(app), "the second start")
        await pilot.press("ctrl+q")
    app.opened.close()
    assert started(tmp_path) == ["", "-d1"]


async def test_a_crash_that_faults_comes_back_by_itself_in_the_view_that_was_shown(tmp_path: Path) -> None:
    app = app_on(
        tmp_path, {"": Script().command("ps", PS).command("p 1", "$1 = 1\r\n").command("bt -a", "PID: 4711\r\n")}
    )
    program = tmp_path / "crash"
    program.write_text(program.read_text().replace("#!/bin/sh", "#!/bin/sh\nexport XC_REPLAY_FAULT_AFTER='PID: 4711'"))
    async with app.run_test(size=(160, 60)) as pilot:
        screen = await until_ready(pilot, app)
        first = app.opened.session
        await pilot.press("2", *"bt -a", "enter")
        await until(pilot, lambda: app.opened.session is not first and app.opened.session.was_ready, "another crash")
        await until(pilot, lambda: screen.view is not None and screen.view.NAME == "console", "the console again")
        assert not failed(app) and "crash has ended" not in grid(app)
        await pilot.press(*"p 1", "enter")
        await until(pilot, lambda: "$1 = 1" in grid(app), "the answer")
        await pilot.press(*"bt -a", "enter")
        await until(pilot, lambda: "This command does more than read" in grid(app), "the question")
        assert "crash ended over it in this session" in grid(app)
        await pilot.press("n")
    app.opened.close()
    assert started(tmp_path) == ["", ""]
