# SPDX-License-Identifier: Apache-2.0
"""Draw docs/pictures/ from the running program on the demo recording, and on that of a crash under Xen."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

from tests.tui.screens import DEMO, app_on, grid, until, until_ready
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.widgets.command_input import CommandInput
from xcrash.tui.widgets.task_pane import TaskPane

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
VIEWS = Path(__file__).parents[2] / "transcripts" / "xen4.17-dump-dom0-panic.cast"
SIZE = (132, 38)
_WEB_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def draw(recording: Path) -> None:
    """Overview, tasks, log, memory and console, one SVG each."""
    app = app_on(recording)
    async with app.run_test(size=SIZE) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.pause(0.5)
        _save(pilot, "overview")
        await _tasks(pilot, screen)
        for key, name, words in (("4", "log", "line 3"), ("5", "memory", "TOTAL MEM")):
            await pilot.press(key)
            await until(pilot, partial(_says, pilot, words), name)
            _save(pilot, name)
        await _console(pilot, screen)
    app.opened.close()


async def draw_views(recording: Path) -> None:
    """Both views of a crash under Xen: the overviews, and both logs as one."""
    app = app_on(recording)
    async with app.run_test(size=SIZE) as pilot:
        await until_ready(pilot, app)
        await pilot.press("4", "m")
        await until(pilot, partial(_says, pilot, "(XEN)"), "both logs")
        await pilot.press("end")
        await until(pilot, partial(_says, pilot, "of Xen's console"), "the end of both")
        await pilot.pause(0.5)
        _save(pilot, "xen-log")
        await pilot.press("X")
        await until(pilot, partial(_says, pilot, "dom_io 32753"), "the view of the hypervisor")
        await pilot.pause(0.5)
        _save(pilot, "xen-overview")
    app.close()


async def _tasks(pilot: Pilot[None], screen: SessionScreen) -> None:
    await pilot.press("3", *"jj")
    await until(pilot, lambda: bool(screen.query_one(TaskPane).table.rows), "a stack beside the list")
    await pilot.pause(0.5)
    _save(pilot, "tasks")


async def _console(pilot: Pilot[None], screen: SessionScreen) -> None:
    await pilot.press("2")
    for command in ("foreach UN bt", "kmem -i"):
        screen.query_one(CommandInput).value = command
        await pilot.press("enter")
        await until(pilot, partial(_is_done, screen, command), command)
    await pilot.pause(0.5)
    _save(pilot, "console")


def _says(pilot: Pilot[None], words: str) -> bool:
    return words in grid(pilot.app)


def _is_done(screen: SessionScreen, command: str) -> bool:
    return screen.opened.session.results[-1].command == command


def _save(pilot: Pilot[None], name: str) -> None:
    """Keep the picture without its links to web fonts: a page that shows it stays self-contained."""
    picture = _WEB_FONTS.sub("", pilot.app.export_screenshot(title="xcrash"))
    path = PICTURES / f"{name}.svg"
    path.write_text(picture, encoding="utf-8")
    print(f"{path.relative_to(PICTURES.parents[1])}: {path.stat().st_size:,} bytes")


def main() -> None:
    """Draw with a state directory that is thrown away."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="xcrash-") as state:
        os.environ["XDG_STATE_HOME"] = state
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        asyncio.run(draw(Path(shutil.copy(DEMO, Path(state) / "demo.cast"))))
        asyncio.run(draw_views(Path(shutil.copy(VIEWS, Path(state) / "dom0-panic.cast"))))


if __name__ == "__main__":
    main()
