# SPDX-License-Identifier: Apache-2.0
"""Ctrl-P offers every action and every crash command, ``?`` shows every key, and the user's own keys are heard."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import ContentSwitcher, Input

from tests.tui.screens import app_on, grid, until, until_ready
from xcrash.config import read_config
from xcrash.tui.appearance import decide
from xcrash.tui.help_screen import HelpScreen
from xcrash.tui.widgets.command_input import CommandInput


async def test_the_palette_runs_an_action_and_types_a_crash_command() -> None:
    app = app_on()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "Type a crash command" in grid(app), "the actions with their explanations")
        await pilot.press(*"Tasks")
        await until(pilot, lambda: "The tasks with their stacks" in grid(app), "what matches")
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one(ContentSwitcher).current == "tasks", "the view of tasks")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette), "the palette")
        app.screen.query_one(Input).value = "foreach"
        await until(pilot, lambda: "crash> foreach" in grid(app), "the command of crash")
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one(CommandInput).value == "foreach ", "the prompt")
        assert screen.query_one(CommandInput).has_focus
    app.opened.close()


async def test_the_palette_is_opened_while_the_one_before_is_still_being_removed() -> None:
    app = app_on()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_ready(pilot, app)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette), "the palette")
        before = app.screen
        removed = app.pop_screen()
        app.action_command_palette()
        await removed
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen is not before, "a new one")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, CommandPalette), "the session")
    app.opened.close()


async def test_the_page_of_keys_begins_with_what_has_the_focus() -> None:
    app = app_on()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_ready(pilot, app)
        await pilot.press("3", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the page of keys")
        lines = [line.strip(" │▁▔") for line in grid(app).splitlines()]
        assert any("Sort by the next column" in line and "table.sort" in line for line in lines)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen), "the table again")
    app.opened.close()


async def test_keys_and_looks_are_taken_from_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "xcrash").mkdir()
    text = '[ui]\ntheme = "ansi"\nascii = true\nmouse = 3\n[keys]\n"view.tasks" = "f9"\n"no.such" = "x"\n'
    (tmp_path / "xcrash" / "config.toml").write_text(text)
    app, config = app_on(), read_config()
    app.wear(config, decide(config.looks))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        assert app.theme == "ansi-dark"
        await until(
            pilot, lambda: "there is no action 'no.such'" in grid(app) and "ui.mouse" in grid(app), "what is wrong"
        )
        await pilot.press("f4")
        assert screen.query_one(ContentSwitcher).current == "overview"
        await pilot.press("f9")
        assert screen.query_one(ContentSwitcher).current == "tasks"
        assert grid(app).isascii()
    app.opened.close()
