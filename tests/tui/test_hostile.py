# SPDX-License-Identifier: Apache-2.0
"""A dump whose every name is markup, control sequences, wide and combining characters, through every view."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.screens import DEMO, app_on, grid, until, until_ready
from xcrash.tui.app import XcrashApp
from xcrash.tui.session_screen import VIEWS, SessionScreen
from xcrash.tui.views.paged import PagedView

NAMES = re.compile(
    r"(?<![\w/.-])(?:init|kthreadd|virtio_blk|bridge|qemu_fw_cfg|Normal|dentry|tmpfs|proc|loop0|dummy0|eth0|timer"
    r"|sysrq_handle_crash|hrtimer_wakeup|detected|capacity|dom0lab|Debian|inode_cache|rcu_sched)(?![\w/.-])"
)
HOSTILE = (
    "[red]R[/]",
    "[@click=app.quit]Q",
    "\x1b]0;TITLE\x07t",
    "\x1b[31mc\x9b2Jd",
    "\u202eRTL\u2066",
    "\u6f22\u5b57\U0001f525",
    "e\u0301\u0302\u0303" * 3,
    "\u200bz\ufeffw",
    "$(reboot)",
    "';!reboot;#",
    "../../etc/x",
    "{0}%s%n",
)
FORBIDDEN = set(map(chr, [*range(10), *range(11, 32), 127, *range(128, 160), 0x202E, 0x2066]))
LONG = "x[b]" * 25_000


def hostile(directory: Path) -> Path:
    """The demo with every well-known name replaced, and one line of 100,000 characters."""
    at = iter(range(1 << 30))
    lines = []
    for line in DEMO.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if isinstance(event, list) and event[1] == "o":
            event[2] = NAMES.sub(lambda _: HOSTILE[next(at) % len(HOSTILE)], event[2])
            event[2] = event[2].replace("Hardware name: ", f"Hardware name: {LONG}")
        lines.append(json.dumps(event))
    path = directory / "hostile.cast"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def clean(app: XcrashApp, where: str) -> None:
    """Nothing that a terminal would obey is on the screen."""
    text = grid(app)
    found = set(text) & FORBIDDEN
    assert not found, f"{where}: {found!r}"
    assert all("title" not in node.tooltip for node in app.screen.query("*") if isinstance(node.tooltip, str)), where


async def through(pilot: Pilot[None], app: XcrashApp, screen: SessionScreen) -> str:
    """Look at every page of every view, at its end, and at what Enter leads to; gives all that was seen."""
    seen = []
    for number, kind in enumerate(VIEWS, 1):
        await pilot.press(f"f{number + 1}", "escape")
        await until(pilot, lambda name=kind.NAME: screen.view is not None and name == screen.view.NAME, kind.TITLE)  # type: ignore[misc]
        pages = 14 if issubclass(kind, PagedView) else 1
        for page in range(pages):
            for key in ("home", "down", "end", "up"):
                await pilot.press(key)
                clean(app, f"{kind.TITLE} {page} {key}")
                seen.append(grid(app))
            if issubclass(kind, PagedView):
                await pilot.press("right_square_bracket")
    return "\n".join(seen)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_hostile_names_stay_text_in_every_view(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(hostile(tmp_path))
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        seen = await through(pilot, app, screen)
        assert "[red]R[/]" in seen
        assert "[@click=app.quit]Q" in seen
        assert "$(reboot)" in seen
        assert app.is_running and not app._exception
        assert "TITLE" not in (app.title + app.sub_title)
    app.opened.close()


async def test_enter_on_a_hostile_row_sends_no_name_of_it(tmp_path: Path) -> None:
    app = app_on(hostile(tmp_path))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        before = len(screen.opened.session.results)
        for view in ("f4", "f6", "f7"):
            for _ in range(13):
                await pilot.press(view, "escape", "right_square_bracket", "down", "enter")
                clean(app, view)
                await pilot.press("escape")
        await app.workers.wait_for_complete()
        sent = [result.command for result in screen.opened.session.results[before:]]
        assert all(re.fullmatch(r"[A-Za-z0-9_+.\- ]*", command) for command in sent), sent
        assert app.is_running
    app.opened.close()
