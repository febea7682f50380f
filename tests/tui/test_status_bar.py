# SPDX-License-Identifier: Apache-2.0
"""The status line: what it leaves out when there is no room, and that it never cuts the state."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tests.tui.screens import grid
from xcrash.session import State
from xcrash.tui.widgets.status_bar import StatusBar


class OneLine(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.age: float | None = None
        self.recorded = "recorded"

    def compose(self) -> ComposeResult:
        yield StatusBar("a-rather-long-name-of-a-vmcore-file", lambda: self.recorded, lambda: self.age)


@pytest.mark.parametrize("width", [40, 60, 80, 160])
async def test_the_state_is_always_there(width: int) -> None:
    app = OneLine()
    async with app.run_test(size=(width, 3)) as pilot:
        bar = app.query_one(StatusBar)
        bar.show(State.BUSY, "foreach bt [kworker/0:1] -f -l " + "x" * 200, 0)
        bar.grew(14 << 20)
        bar.waiting(3)
        bar.playing("12 of 139")
        await pilot.pause()
        line = grid(app).splitlines()[0]
        assert cell_len(line) <= width and "busy `foreach bt" in line and "14.0 MB" in line
        bar.show(State.GONE, "crash died of signal 11 " + "y" * 200)
        await pilot.pause()
        assert "gone: crash died of signal 11"[: width - 4] in grid(app)


async def test_a_command_of_a_view_is_not_the_users() -> None:
    app = OneLine()
    async with app.run_test(size=(120, 3)) as pilot:
        bar = app.query_one(StatusBar)
        bar.show(State.READY)
        bar.behind("ps")
        app.age, app.recorded = 200.0, "recording stopped"
        bar.playing("12 of 139")
        await pilot.pause()
        line = grid(app).splitlines()[0]
        for part in ("ready", "reading ps for panels", "3 min 20 s old", "12 of 139", "recording stopped"):
            assert part in line
        bar.show(State.READY)
        await pilot.resize_terminal(60, 3)
        await pilot.pause()
        assert "reading" not in grid(app) and "ready" in grid(app) and "recording stopped" in grid(app)


async def test_a_start_says_its_phase() -> None:
    app = OneLine()
    async with app.run_test(size=(80, 3)) as pilot:
        app.query_one(StatusBar).show(State.STARTING, "module symbol data")
        await pilot.pause()
        assert 'starting "module symbol data" ' in grid(app)
