# SPDX-License-Identifier: Apache-2.0
"""A command that does more than read is asked for by name, and names are suggested while typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pty.casts import PS, Script
from tests.tui.screens import app_on, grid, until, until_ready
from xcrash.session.guard import Guard
from xcrash.tui.app import XcrashApp
from xcrash.tui.messages import CommandEntered
from xcrash.tui.widgets.command_input import CommandInput
from xcrash.tui.widgets.consent_dialog import ConsentDialog


def recording(directory: Path) -> Path:
    return Script().command("ps", PS).command("wr ffff 1", "").command("bt 1", "PID: 1\r\n").write(directory / "a.cast")


def count(app: XcrashApp, command: str) -> int:
    return [result.command for result in app.opened.session.results].count(command)


@pytest.mark.parametrize(("key", "sent"), [("y", True), ("n", False), ("escape", False)])
async def test_a_write_on_a_running_system_is_asked_for(tmp_path: Path, key: str, sent: bool) -> None:
    app = app_on(recording(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_ready(pilot, app)
        played = count(app, "wr ffff 1")
        guard = Guard(live=True)
        app.opened.guard = app.opened.session.guard = guard
        app.opened.questions = guard.questions  # type: ignore[method-assign]
        screen.post_message(CommandEntered("wr ffff 1"))
        await until(pilot, lambda: isinstance(app.screen, ConsentDialog) and "RUNNING" in grid(app), "the question")
        shown = grid(app)
        assert "crash> wr ffff 1" in shown
        assert "it writes into memory" in shown
        assert count(app, "wr ffff 1") == played
        await pilot.press(key)
        await until(pilot, lambda: app.screen is screen, "the session again")
        before = count(app, "bt 1")
        screen.post_message(CommandEntered("bt 1"))
        await until(pilot, lambda: count(app, "bt 1") > before, "the next answer")
        assert count(app, "wr ffff 1") - played == sent
    app.opened.close()


async def test_a_recording_asks_nothing(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_ready(pilot, app)
        played = count(app, "wr ffff 1")
        screen.post_message(CommandEntered("wr ffff 1"))
        await until(pilot, lambda: count(app, "wr ffff 1") > played, "the answer")
    app.opened.close()


async def test_a_task_of_the_last_ps_is_suggested(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_ready(pilot, app)
        screen.action_prompt()
        prompt = screen.query_one(CommandInput)
        await until(pilot, lambda: screen.bench.names is not None and bool(screen.bench.names.known.tasks), "the tasks")
        await pilot.press(*"forea")
        await until(pilot, lambda: prompt._suggestion == "foreach", "a suggestion")
        await pilot.press("right")
        assert prompt.value == "foreach"
    app.opened.close()
