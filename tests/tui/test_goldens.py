# SPDX-License-Identifier: Apache-2.0
"""Every view as text at two sizes, readable in a diff; ``pytest tests/tui/test_goldens.py --update-golden``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher

from tests.tui.screens import DEMO, grid, session_screen, until, until_ready
from xcrash.target import Choices, Target
from xcrash.transcript.recording import read_recording
from xcrash.tui.app import XcrashApp
from xcrash.tui.session_screen import VIEWS

GOLDENS = Path(__file__).parent / "goldens"
SIZES = ((80, 24), (160, 48))
_CHANGING = re.compile(r"\d+(?:\.\d+)?(?= (?:s|ms)\b)|\d+(?:\.\d+)?(?=s\b)")


def steady(screen: str) -> str:
    """The screen without what differs from run to run: how long something took."""
    return "\n".join(_CHANGING.sub(lambda found: "#" * len(found[0]), line) for line in screen.splitlines()) + "\n"


async def views(size: tuple[int, int]) -> dict[str, str]:
    """Every view of the demo once everything in it is there."""
    found = {}
    app = XcrashApp(Target(kind="recording", path="demo.cast", recording=read_recording(DEMO)), Choices())
    async with app.run_test(size=size) as pilot:
        await until_ready(pilot, app)
        screen = session_screen(app)
        for number, view in enumerate(VIEWS, 1):
            await pilot.press(f"f{number + 1}")
            await until(pilot, lambda name=view.NAME: screen.query_one(ContentSwitcher).current == name, view.TITLE)  # type: ignore[misc]
            await pilot.press("escape")
            await app.workers.wait_for_complete()
            last = ""
            for _ in range(200):
                await pilot.pause(0.05)
                shown = steady(grid(app))
                if shown == last:
                    break
                last = shown
            found[view.NAME] = last
    app.opened.close()
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_view_looks_as_it_was_approved(size: tuple[int, int], update_golden: bool) -> None:
    shown = await views(size)
    different = []
    for name, text in shown.items():
        path = GOLDENS / f"{name}-{size[0]}x{size[1]}.txt"
        if update_golden:
            path.write_text(text, encoding="utf-8")
        elif text != path.read_text(encoding="utf-8"):
            different.append(f"{path.name}:\n{text}")
    assert not different, "\n\n".join(different)


async def test_no_view_is_wider_than_the_screen() -> None:
    for name, text in (await views((60, 20))).items():
        assert len(text.splitlines()) <= 20, name
