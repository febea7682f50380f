# SPDX-License-Identifier: Apache-2.0
"""The view Log: where it opens, its times, levels, filters, folds and jumps, and what it does without an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher

from tests.pty.casts import Script
from tests.tui.screens import app_on, grid, session_screen, until, until_ready
from xcrash.tui.app import XcrashApp
from xcrash.tui.views.log import LogView

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
LOCKUP = TRANSCRIPTS / "debian12-6.1-kdump-soft-lockup.cast"
STACK = ("Call Trace:", " <TASK>", " kfree+0x1/0x2", " </TASK>")
TEXTS = (
    "<5>Linux version 6.1.0",
    "<6>[bold]\x1b]0;title\x07 \x1b[31mred[/bold] [@click=app.quit]x",
    "<4>WARNING: CPU: 1 PID: 7 at mm/slub.c:1",
    *(f"<4>{line}" for line in STACK),
    "<6>calm",
    "<6>calm here",
    "<6>calm still",
    *["<6>xenbr0: again"] * 40,
    "<3>sda: bad sector",
    "<2>Kernel panic - not syncing: test",
    *(f"<4>{line}" for line in STACK),
)
LOG = "".join(f"[    1.{number:06d}] {text}\r\n" for number, text in enumerate(TEXTS))
UNSTAMPED = "Linux version 6.1.0\r\nKernel panic - not syncing: test\r\n"


def log_view(app: XcrashApp) -> LogView:
    return session_screen(app).query_one(LogView)


async def at_log(pilot: Pilot[None], app: XcrashApp) -> LogView:
    """The view, its log read."""
    await until_ready(pilot, app)
    view = log_view(app)
    await pilot.press("4")
    await until(pilot, lambda: view.source.lines is not None and view.text.size.height > 0, "the log")
    return view


def under_cursor(view: LogView) -> str:
    return view.copied() or ""


async def test_it_opens_where_the_crash_begins() -> None:
    app = app_on(LOCKUP)
    async with app.run_test(size=(140, 40)) as pilot:
        view = await at_log(pilot, app)
        await until(
            pilot, lambda: "watchdog: BUG: soft lockup" in grid(app).splitlines()[2], "its first line at the top"
        )
        text = grid(app)
        assert "crit?" in text
        assert "# soft lockup: CPU#0 stuck" in text
        assert "computed from DATE and UPTIME" in text
        assert "s to the crash" in text
        await until(pilot, lambda: "level inferred" in grid(app), "how its level is known")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "Kernel panic - not syncing" in under_cursor(view), "the panic")
        await pilot.press("right_square_bracket", "left_square_bracket")
        await until(pilot, lambda: "soft lockup" in under_cursor(view), "the incident before")
        await pilot.press("i")
        await until(pilot, lambda: view.table.has_focus, "the list")
        await pilot.press("j", "enter")
        await until(pilot, lambda: view.text.has_focus and "Kernel panic" in under_cursor(view), "the chosen one")
        await pilot.press("i", "escape")
        await until(pilot, lambda: not view.table.display, "the list closed")
        await pilot.press("g", "p")
        await until(pilot, lambda: "soft lockup" in under_cursor(view), "p")
        await pilot.press("e")
        switcher = session_screen(app).query_one(ContentSwitcher)
        await until(pilot, lambda: switcher.current == "console", "the evidence")
        await until(pilot, lambda: "watchdog: BUG: soft lockup" in grid(app), "the line in what crash printed")
    app.opened.close()


async def test_times_levels_filters_folds_and_finding(tmp_path: Path) -> None:
    app = app_on(Script().command("log -m", LOG).write(tmp_path / "log.cast"))
    async with app.run_test(size=(80, 24)) as pilot:
        view = await at_log(pilot, app)
        assert view.command == "log -m"
        await until(pilot, lambda: "Kernel panic - not syncing: test" in under_cursor(view), "the panic")
        assert "1.051000" not in grid(app)
        rows = len(view.source.rows)
        for way in ("to the crash", "to the line before", "by the clock", "since boot"):
            await pilot.press("t")
            await until(pilot, lambda way=way: f"time {way}" in grid(app), way)  # type: ignore[misc]
        await pilot.press("g")
        await until(pilot, lambda: "again" in grid(app) and "39 times the same" in grid(app), "the repeats folded")
        text = grid(app)
        assert "3 more lines of it" in text or "4 more lines of it" in text
        assert "[bold]␛]0;title␇ ␛[31mred[/bold] [@click=app.quit]x" in text or "[bold]" in text
        assert "\x1b" not in text
        await pilot.press("l")
        await until(pilot, lambda: "warnings and worse" in grid(app), "warnings")
        assert not any(row >= 0 and "calm" in view.source.line(at).text for at, row in enumerate(view.source.rows))
        await pilot.press("l")
        await until(pilot, lambda: "errors and worse" in grid(app), "errors")
        await until(pilot, lambda: len(view.source.rows) == 2, "two errors")
        await pilot.press("l")
        await until(pilot, lambda: len(view.source.rows) == rows, "all again")
        await pilot.press("ampersand", *"calm", "enter")
        await until(pilot, lambda: len(view.source.rows) == 3, "the lines that are calm")
        assert view.text.has_focus
        await pilot.press("escape")
        await until(pilot, lambda: len(view.source.rows) == rows, "all lines")
        await pilot.press("g", "z")
        await until(pilot, lambda: len(view.source.rows) == len(TEXTS), "everything open")
        await pilot.press("z")
        await until(pilot, lambda: len(view.source.rows) < rows, "everything folded")
        await pilot.press("slash", *"kfree", "enter")
        await until(pilot, lambda: "kfree" in under_cursor(view), "found in a fold, which opened")
        await pilot.press("n")
        await until(pilot, lambda: view.text.cursor > 20 or "kfree" in under_cursor(view), "the next")
        await pilot.press("escape", "o")
        await until(pilot, lambda: "more lines of it" in grid(app), "folded at the cursor")
        await pilot.resize_terminal(60, 20)
        await pilot.press("i")
        await until(pilot, lambda: "INCIDENT" in grid(app) and "warning: " in grid(app), "the list over the lines")
        await pilot.press("y", "i", "y", "G", "enter")
    app.opened.close()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (Script().command("log -t", UNSTAMPED), ("Kernel panic - not syncing", "no times", "its time is not known")),
        (Script().command("log", ""), ()),
        (Script().command("p 1", "$1 = 1\r\n"), ("this recording has no answer to it",)),
        (Script().command("log", "log: invalid log_buf entry encountered\r\n"), ()),
    ],
    ids=("unstamped", "empty", "none", "refused"),
)
async def test_a_log_without_times_or_without_lines_or_none_at_all(
    script: Script, says: tuple[str, ...], tmp_path: Path
) -> None:
    app = app_on(script.write(tmp_path / "log.cast"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_ready(pilot, app)
        await pilot.press("4")
        view = log_view(app)
        await until(pilot, lambda: all(words in grid(app) for words in says), "what it says of it")
        keys = "t l p ] [ o z i e 4 n N g G j k pageup pagedown enter 4 y escape ampersand x enter escape"
        for key in keys.replace("]", "right_square_bracket").replace("[", "left_square_bracket").split():
            await pilot.press(key)
        view.reset()
        await until(pilot, lambda: view.source.lines is None, "forgotten")
    app.opened.close()
