# SPDX-License-Identifier: Apache-2.0
"""What is said when crash dies, hangs or does not start: at 80x24 nothing important is cut."""

from __future__ import annotations

from pathlib import Path

from tests.pty.casts import GDB, GPL, PS, Script
from tests.pty.starts import choices, started
from tests.tui.screens import app_on, grid, until, until_ready
from xcrash.session import ActivityChanged
from xcrash.session.activity import NO_SIGN
from xcrash.target import look_at
from xcrash.tui.app import XcrashApp
from xcrash.tui.messages import CommandEntered, SessionSpoke
from xcrash.tui.start_text import index_state
from xcrash.tui.widgets.banner import TroubleBanner

SILENT = Script(None).says(GPL + GDB).exits(1)
WORDS = 'crash: read error: kernel virtual address: ffffffff8b1645a8  type: "page_offset_base"'
DEBUG = Script(None).says(f"{GPL}{GDB}{WORDS}\r\n").exits(1)


async def test_a_death_stays_on_the_screen_over_every_view(tmp_path: Path) -> None:
    wanted = choices(tmp_path, {"": Script().command("ps", PS).asked("bt -a").exits(139)})
    app = XcrashApp(look_at(wanted), wanted)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_ready(pilot, app)
        screen.post_message(CommandEntered("bt -a"))
        await until(pilot, lambda: "crash has ended: " in grid(app), "the banner")
        words = ("crashhasended:", "Rstartscrashagain", "recordingkept:/", "-vmcore.cast")
        for key in ("3", "2", "1"):
            await pilot.press("escape", key)
            await until(
                pilot, lambda: all(one in "".join(grid(app).split()) for one in words), "the banner in each view"
            )
        await until(pilot, lambda: "sysrq triggered crash" in " ".join(grid(app).split()), "the words")
    app.opened.close()
    assert started(tmp_path) == [""]


async def test_a_hang_is_told_as_long_as_it_lasts() -> None:
    app = app_on()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_ready(pilot, app)
        screen.post_message(SessionSpoke(ActivityChanged(f"{NO_SIGN} for 60 s")))
        await until(pilot, lambda: "crash may hang: no output and no CPU for 60 s" in grid(app), "the banner")
        await until(pilot, lambda: "ctrl+c interrupts" in grid(app), "the words")
        screen.post_message(SessionSpoke(ActivityChanged("")))
        await until(pilot, lambda: not screen.query_one(TroubleBanner).display, "no banner")
    app.opened.close()


async def test_a_failed_start_has_everything_at_80x24(tmp_path: Path) -> None:
    wanted = choices(tmp_path, {"": SILENT, "-d1": DEBUG})
    app = XcrashApp(look_at(wanted), wanted)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "[2] --minimal" in grid(app), "the choices")
        text = grid(app)
        for part in ("crash could not open this session", "what", "try", "[1] --zero_excluded", "kept", "last"):
            assert part in text, part
        assert "For help, type" in text or "apropos" in text
        assert index_state(app.opened) in ("", "cold")
    app.opened.close()
