# SPDX-License-Identifier: Apache-2.0
"""The overview on recordings: what stands where, the cursor, the evidence behind a value, what is copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher

from tests.pty.casts import GDB, GPL, PS, STARTUP, Script
from tests.tui.screens import app_on, grid, until, until_ready
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.panel import SectionPanel


def panel(screen: SessionScreen, name: str) -> SectionPanel:
    return next(one for one in screen.query(SectionPanel) if one.section.name == name)


def focused(screen: SessionScreen) -> str:
    return screen.focused.section.name if isinstance(screen.focused, SectionPanel) else ""


@pytest.mark.parametrize("size", [(120, 40), (120, 20)])
async def test_the_keys_go_through_the_values_and_to_their_evidence(size: tuple[int, int]) -> None:
    app = app_on()
    async with app.run_test(size=(size[0], 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await until(pilot, lambda: "First findings  3" in grid(app), "the findings")
        await until(pilot, lambda: "panic < sysrq_handle_crash < __handle_sysrq" in grid(app), "the words")
        await until(pilot, lambda: "the crash was triggered by hand" in grid(app), "the words")
        assert focused(screen) == "panic"
        await pilot.resize_terminal(*size)
        await pilot.press("down", "down", "j")
        row = panel(screen, "panic").row
        assert row is not None and row.label == "STACK"
        await pilot.press("down")
        await until(pilot, lambda: focused(screen) == "system", "the next panel")
        await pilot.press("up")
        await until(pilot, lambda: focused(screen) == "panic", "the panel before")
        await pilot.press("tab")
        await until(pilot, lambda: focused(screen) == "system", "tab")
        await pilot.press("shift+tab", "y")
        assert app.clipboard.startswith("panic < sysrq")
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one(ContentSwitcher).current == "console", "the console")
        lines = screen.query_one("#lines", LineView)
        await until(pilot, lambda: " panic at ffff" in lines.source.line(lines.cursor).text, "the very frame")
        await pilot.press("1")
        await until(pilot, lambda: focused(screen) != "", "a panel")
        await pilot.press("g", "enter")
        await until(pilot, lambda: "PANIC: " in lines.source.line(lines.cursor).text, "the line of the banner")
        await pilot.press("1", "G", "enter")
        await until(pilot, lambda: "does not come from a command" in grid(app), "the remark")
    app.opened.close()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
async def test_every_size_has_its_columns_and_the_last_row_is_reached(size: tuple[int, int]) -> None:
    app = app_on()
    async with app.run_test(size=size) as pilot:
        screen = await until_ready(pilot, app)
        await until(pilot, lambda: bool(panel(screen, "findings").section.rows), "the findings")
        beside = panel(screen, "findings").region.y == panel(screen, "system").region.y
        assert beside is (size[0] >= 120)
        await pilot.press("G")
        last = [one for one in screen.query(SectionPanel) if one.display][-1]
        await until(pilot, lambda: screen.focused is last, "the last panel")
        await until(pilot, lambda: "› " in grid(app), "its mark on the screen")
    app.opened.close()


async def test_what_the_recording_does_not_hold_is_said_so(tmp_path: Path) -> None:
    silent = Script(f"{GPL}{GDB}").command("ps", PS).write(tmp_path / "silent.cast")
    app = app_on(silent)
    async with app.run_test(size=(80, 40)) as pilot:
        await until_ready(pilot, app)
        await until(pilot, lambda: "— (crash printed none)" in grid(app), "no banner")
        await until(pilot, lambda: "this recording has no answer to it" in " ".join(grid(app).split()), "the reason")
    app.opened.close()


async def test_values_that_crash_could_not_know_are_unknown(tmp_path: Path) -> None:
    startup = STARTUP.replace('PANIC: "Kernel panic - not syncing: sysrq triggered crash"', 'PANIC: ""')
    startup = startup.replace("Sat Oct  8 17:39:28 UTC 2022", "Thu Jan  1 00:00:00 UTC 1970")
    app = app_on(Script(startup).command("ps", PS).write(tmp_path / "unknown.cast"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_ready(pilot, app)
        text = grid(app)
        assert "— (crash found no panic message)" in text
        assert "— (crash printed Thu Jan  1" in text
    app.opened.close()
