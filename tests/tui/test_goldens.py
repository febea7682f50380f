# SPDX-License-Identifier: Apache-2.0
"""Every view as text at two sizes, readable in a diff; ``pytest tests/tui/test_goldens.py --update-golden``."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher

from tests.tui.openings import Place, fake_crash, go_to, place, until_surveyed
from tests.tui.screens import DEMO, grid, session_screen, until, until_ready
from xcrash.target import Choices, Target
from xcrash.transcript.recording import read_recording
from xcrash.tui.app import XcrashApp
from xcrash.tui.crash_screens import CrashScreens
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.views_screen import VIEWS

VIEWS_CAST = Path(__file__).parents[2] / "transcripts" / "xen4.17-dump-dom0-panic.cast"
GOLDENS = Path(__file__).parent / "goldens"
SIZES = ((80, 24), (160, 48))
_RESTS = 20
_CHANGING = re.compile(r"\d+(?:\.\d+)?(?= (?:s|ms)\b)|\d+(?:\.\d+)?(?=s\b)")


def steady(screen: str) -> str:
    """The screen without what differs from run to run: how long something took."""
    return "\n".join(_CHANGING.sub(lambda found: "#" * len(found[0]), line) for line in screen.splitlines()) + "\n"


@asynccontextmanager
async def demo(size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    """The demo, everything in it read."""
    app = XcrashApp(Target(kind="recording", path="demo.cast", recording=read_recording(DEMO)), Choices())
    async with app.run_test(size=size) as pilot:
        await until_ready(pilot, app)
        yield pilot
    app.opened.close()


async def show(pilot: Pilot[None], number: int, name: str) -> None:
    """Show a view."""
    assert isinstance(pilot.app, XcrashApp)
    switcher = session_screen(pilot.app).query_one(ContentSwitcher)
    await pilot.press(f"f{number + 1}")
    await until(pilot, lambda: switcher.current == name, name)
    await pilot.press("escape")


async def settled(pilot: Pilot[None]) -> str:
    """The screen once nothing has changed on it for a while: only for a new golden, whoever approves it looks at it."""
    last, since = "", 0
    while since < _RESTS:
        await pilot.pause(0.1)
        shown = steady(grid(pilot.app))
        last, since = shown, since + 1 if shown == last else 0
    return last


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_view_looks_as_it_was_approved(size: tuple[int, int], update_golden: bool) -> None:
    async with demo(size) as pilot:
        for number, view in enumerate(VIEWS, 1):
            await show(pilot, number, view.NAME)
            path = GOLDENS / f"{view.NAME}-{size[0]}x{size[1]}.txt"
            if update_golden:
                path.write_text(await settled(pilot), encoding="utf-8")
                continue
            wanted = path.read_text(encoding="utf-8")
            await until(pilot, partial(_looks, pilot, wanted), f"{path.name}, which is\n{wanted}\nand not")


@asynccontextmanager
async def both_views(size: tuple[int, int]) -> AsyncIterator[tuple[Pilot[None], CrashScreens]]:
    """The recording of both views of a crash, everything in it read."""
    app = XcrashApp(Target(kind="recording", path="dom0-panic.cast", recording=read_recording(VIEWS_CAST)), Choices())
    async with app.run_test(size=size) as pilot:
        await until_ready(pilot, app)
        crash = app.crash
        assert crash is not None
        await until(pilot, lambda: all(played(one) for one in crash.screens.values()), "both views played")
        yield pilot, crash
    app.close()


def played(screen: SessionScreen) -> bool:
    """Is everything of its recording on the screen?"""
    play = screen.bench.play
    return play is not None and play.over and not play.running


def around(number: int, *more: str) -> tuple[str, ...]:
    """The keys to a view and to a place in it."""
    return (f"f{number + 1}", "escape", *more)


LOOKS = (
    ("dom0", "overview", around(1)),
    ("dom0", "log", around(4, "m", "p")),
    ("xen", "overview", around(1)),
    ("xen", "vcpus", around(3, *"jjj")),
    ("xen", "log", around(4)),
    ("xen", "domains", around(5)),
    ("xen", "cpus", around(6)),
)
"""Which view of the crash, what of it, and the keys that lead there."""


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_both_views_of_a_crash_look_as_they_were_approved(size: tuple[int, int], update_golden: bool) -> None:
    async with both_views(size) as (pilot, crash):
        for view, name, keys in LOOKS:
            if pilot.app.screen is not crash.screens[view]:
                await pilot.press("X")
            for key in keys:
                await pilot.press(key)
                await settled_on(pilot, crash.screens[view], name if key == keys[1] else "")
            path = GOLDENS / f"{view}-{name}-{size[0]}x{size[1]}.txt"
            if update_golden:
                path.write_text(await settled(pilot), encoding="utf-8")
                continue
            wanted = path.read_text(encoding="utf-8")
            await until(pilot, partial(_looks, pilot, wanted), f"{path.name}, which is\n{wanted}\nand not")


async def settled_on(pilot: Pilot[None], screen: SessionScreen, name: str) -> None:
    """Wait for the screen, and for its view of this name."""
    await until(pilot, lambda: pilot.app.screen is screen, "the view of the crash")
    if name:
        await until(pilot, lambda: screen.view is not None and name == screen.view.NAME, name)
    await pilot.app.workers.wait_for_complete()


def _looks(pilot: Pilot[None], wanted: str) -> bool:
    return steady(grid(pilot.app)) == wanted


@pytest.fixture
def somewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A place whose name has the same length in every run."""
    with tempfile.TemporaryDirectory(prefix="xcrash-look-", dir="/tmp") as directory:
        made = place(Path(directory))
        monkeypatch.chdir(made.here)
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
        yield made
    monkeypatch.delenv("TZ")
    time.tzset()


def without_name(text: str, name: str) -> str:
    """The screen without the random name of a directory, whole or cut from the left, and without who looks at it."""
    text = text.replace(name, "#" * len(name)).replace("/root · root\n", "/root\n")
    for at in range(1, len(name)):
        text = text.replace(f"…{name[at:]}/", f"…{'#' * (len(name) - at)}/")
    return text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_can_be_opened_looks_as_it_was_approved(
    somewhere: Place, size: tuple[int, int], update_golden: bool
) -> None:
    somewhere.dump("a/vmcore")
    somewhere.dump("b/vmcore", vmlinux=False)
    somewhere.recording("old.cast")
    for made in somewhere.here.rglob("*"):
        os.utime(made, (0, 0))
    app = somewhere.app(crash=fake_crash(somewhere.root.parent))
    async with app.run_test(size=size) as pilot:
        screen = await until_surveyed(pilot, app)
        await go_to(pilot, screen, "a/vmcore")
        path, name = GOLDENS / f"opening-{size[0]}x{size[1]}.txt", somewhere.root.parent.name
        if update_golden:
            path.write_text(without_name(await settled(pilot), name), encoding="utf-8")
            return
        wanted = path.read_text(encoding="utf-8")
        await until(pilot, lambda: without_name(steady(grid(app)), name) == wanted, f"{path.name}:\n{wanted}\nand not")


async def test_no_view_needs_more_than_a_small_terminal() -> None:
    async with demo((60, 20)) as pilot:
        for number, view in enumerate(VIEWS, 1):
            await show(pilot, number, view.NAME)
            await until(pilot, lambda: "^q Quit" in grid(pilot.app).splitlines()[-1], "the keys in the last line")
            lines = grid(pilot.app).splitlines()
            assert len(lines) == 20 and f"›{number} {view.TITLE}" in lines[0], view.NAME
