# SPDX-License-Identifier: Apache-2.0
"""A directory with things to open, and the app that shows them."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import NamedTuple

from textual.pilot import Pilot
from textual.widgets import Static

from tests.pty.casts import PS, Script
from tests.tui.screens import DEMO, grid, until
from tests.unit.images import builders
from xcrash.target import Choices
from xcrash.transcript import fakecrash
from xcrash.tui.app import XcrashApp
from xcrash.tui.opening_screen import OpeningScreen
from xcrash.tui.widgets.opening_list import OpeningList


class Place(NamedTuple):
    """The current directory and the root of a test."""

    here: Path
    root: Path

    def app(self, **choices: object) -> XcrashApp:
        """The app on what can be opened here."""
        wanted = Choices(root=str(self.root), **choices)  # type: ignore[arg-type]
        return XcrashApp(None, wanted, picks=True)

    def dump(self, name: str = "vmcore", vmlinux: bool = True) -> Path:
        """A dump, with its vmlinux beside it."""
        made = self.here / name
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(builders.core().build())
        if vmlinux:
            (made.parent / "vmlinux").write_bytes(builders.vmlinux().build())
        return made

    def recording(self, name: str = "a.cast", answer: str = "$1 = 1") -> Path:
        """A recording of two commands."""
        return Script().command("ps", PS).command("p 1", f"{answer}\r\n").write(self.here / name)


def place(directory: Path) -> Place:
    """An empty place; the caller goes there."""
    made = Place(directory / "here", directory / "root")
    made.here.mkdir()
    (made.root / "etc").mkdir(parents=True)
    return made


def fake_crash(directory: Path, recording: Path = DEMO) -> str:
    """A program that plays ``recording`` as crash."""
    program = directory / "crash"
    command = shlex.join([sys.executable, "-I", "-S", str(fakecrash.__file__), str(recording)])
    program.write_text(f"#!/bin/sh\nexec {command}\n")
    program.chmod(0o755)
    return str(program)


def picker(app: XcrashApp) -> OpeningScreen:
    """The screen of what can be opened, which is shown."""
    assert isinstance(app.screen, OpeningScreen)
    return app.screen


async def until_surveyed(pilot: Pilot[None], app: XcrashApp) -> OpeningScreen:
    """Wait until everything was looked at, and the plan of the first thing is there."""
    await until(pilot, lambda: isinstance(app.screen, OpeningScreen), "the list")
    screen = picker(app)
    await until(pilot, lambda: screen.surveyed_all and screen.preview is not None, "the end of the survey")
    return screen


async def go_to(pilot: Pilot[None], screen: OpeningScreen, name: str) -> None:
    """Put the cursor on what is called so, and wait for its plan."""
    found = screen.query_one(OpeningList)
    await pilot.press("g")
    for _ in found.shown:
        if found.current and found.current.name.endswith(name):
            break
        await pilot.press("down")
    assert found.current and found.current.name.endswith(name), grid(pilot.app)
    title = screen.query_one("#plan-title", Static)
    await until(pilot, lambda: name in str(title.render()) and "xcrash plan" in str(title.render()), "its plan")
