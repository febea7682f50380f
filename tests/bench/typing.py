# SPDX-License-Identifier: Apache-2.0
"""The time from a key at the prompt to the painted screen, while crash prints 50 MB after 50 MB, and while it rests."""

from __future__ import annotations

import asyncio
import shlex
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from textual.pilot import Pilot

from tests.bench import flood
from tests.bench.clock import Spent
from tests.tui.screens import until
from tests.unit.images import builders
from xcrash.session import Session, State
from xcrash.target import Choices, look_at
from xcrash.tui.app import XcrashApp
from xcrash.tui.widgets.command_input import CommandInput

KEYS = 60
MEGABYTES = 50
_GAP = 0.03
"""Seconds between two keys: a fast typist."""


class Typed(NamedTuple):
    """What each key took until it was on the screen: with crash at rest, and with crash printing."""

    idle: list[Spent]
    busy: list[Spent]


def flooded(directory: Path) -> Choices:
    """A dump whose crash is ``flood``."""
    dump, vmlinux, crash = directory / "vmcore", directory / "vmlinux", directory / "crash"
    dump.write_bytes(builders.Kdump().build())
    vmlinux.write_bytes(builders.vmlinux().build())
    play = shlex.join([sys.executable, "-I", "-S", flood.__file__])
    crash.write_text(f'#!/bin/sh\n[ "$*" = --version ] && echo crash 9.0.2 && exit\nexec {play}\n')
    crash.chmod(0o755)
    return Choices(target=str(dump), vmlinux=str(vmlinux), crash=str(crash))


class Painted:
    """Knows when what the prompt holds was painted: its line was drawn, and the screen written after that."""

    def __init__(self, app: XcrashApp, prompt: CommandInput) -> None:
        self.at = asyncio.Event()
        self._drawn = False
        draw, display = prompt.render_line, app._display

        def render_line(y: int) -> Any:
            self._drawn = True
            return draw(y)

        def painted(*args: Any) -> None:
            display(*args)
            if self._drawn:
                self.at.set()

        prompt.render_line = render_line  # type: ignore[method-assign]
        app._display = painted  # type: ignore[method-assign, assignment]

    def wait(self) -> None:
        """What is painted from now on counts."""
        self._drawn = False
        self.at.clear()


async def _key(app: XcrashApp, painted: Painted) -> Spent:
    await asyncio.sleep(_GAP)
    painted.wait()
    wall, cpu = time.perf_counter(), time.process_time()
    app.simulate_key("b")
    await painted.at.wait()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def _ended(session: Session, before: int) -> bool:
    return len(session.results) > before


async def _measured(pilot: Pilot[Any], app: XcrashApp, keys: int) -> Typed:
    await until(pilot, lambda: app.session_screen is not None and app.opened.session.was_ready, "the prompt")
    session = app.opened.session
    await until(pilot, lambda: session.state is State.READY, "crash at rest")
    await pilot.press("2")
    prompt = app.screen.query_one(CommandInput)
    await until(pilot, lambda: prompt.has_focus, "the focus in the prompt")
    painted = Painted(app, prompt)
    idle = [await _key(app, painted) for _ in range(keys)]
    prompt.value = ""
    busy: list[Spent] = []
    while len(busy) < keys:
        session.submit(f"log {MEGABYTES}")
        ended = partial(_ended, session, len(session.results))
        await until(pilot, lambda ended=ended: session.state is State.BUSY or ended(), "an answer")  # type: ignore[misc]
        while session.state is State.BUSY and len(busy) < keys:
            busy.append(await _key(app, painted))
        await until(pilot, ended, "its end")
    return Typed(idle, busy)


def typed(keys: int = KEYS) -> Typed:
    """Type into the real terminal UI on a real pty."""

    async def measured(directory: Path) -> Typed:
        choices = flooded(directory)
        app = XcrashApp(look_at(choices), choices)
        async with app.run_test(size=(120, 40)) as pilot:
            found = await _measured(pilot, app, keys)
        app.opened.close()
        return found

    with tempfile.TemporaryDirectory() as work:
        return asyncio.run(measured(Path(work)))


if __name__ == "__main__":
    found = typed()
    for name, keys in found._asdict().items():
        walls = sorted(one.wall * 1000 for one in keys)
        print(f"{name}: median {walls[len(walls) // 2]:.1f} ms, slowest {walls[-1]:.1f} ms")
