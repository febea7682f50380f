# SPDX-License-Identifier: Apache-2.0
"""The terminal UI on another machine: the start names it, a dropped connection is a state, and R connects anew."""

from __future__ import annotations

from pathlib import Path

from tests.far.sessions import Far, left
from tests.pty.casts import PS, Script
from tests.tui.screens import grid, until, until_ready
from xcrash.session import State
from xcrash.tui.app import XcrashApp


async def test_a_dropped_connection_is_told_and_another_start_connects_anew(far: Far, tmp_path: Path) -> None:
    script = Script().command("ps", PS).command("p 1", "$1 = 1\r\n")
    app = XcrashApp(far.target(script, STRICT=0), far.choices)
    async with app.run_test(size=(160, 60)) as pilot:
        await until_ready(pilot, app)
        await pilot.press("escape", "colon", *"p 1", "enter")
        await until(pilot, lambda: "p 1" in [one.command for one in app.opened.session.results], "the answer")
        plan = app.opened.plan
        assert plan is not None
        far.daemon.cut()
        await until(pilot, lambda: f"the connection to {far.daemon.address} is gone" in grid(app), "the banner")
        assert "everything crash said is kept" in grid(app) and app.opened.session.state is State.GONE
        await pilot.press("escape", "R")
        await until(pilot, lambda: app.opened.session.state is State.READY, "another crash")
        await pilot.press("2")
        await until(pilot, lambda: "$1 = 1" in grid(app), "the answer of before")
        assert "is gone" not in grid(app)
    app.opened.close()
    assert left(plan.cwd) == []
