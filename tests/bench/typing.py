# SPDX-License-Identifier: Apache-2.0
"""The time from a key at the prompt to the painted screen, while crash prints 50 MB after 50 MB, and while it rests."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.bench.clock import Spent
from tests.bench.flooded import opened
from tests.bench.painted import Painted
from tests.tui.screens import until
from xcrash.session import Session, State
from xcrash.tui.widgets.command_input import CommandInput

KEYS = 60
MEGABYTES = 50
_GAP = 0.03
"""Seconds between two keys: a fast typist."""


class Typed(NamedTuple):
    """What each key took until it was on the screen: with crash at rest, and with crash printing."""

    idle: list[Spent]
    busy: list[Spent]


async def _key(painted: Painted) -> Spent:
    await asyncio.sleep(_GAP)
    return await painted.key("b")


def _ended(session: Session, before: int) -> bool:
    return len(session.results) > before


async def _typed(directory: Path, keys: int) -> Typed:
    async with opened(directory) as (pilot, app):
        session = app.opened.session
        await pilot.press("2")
        prompt = app.screen.query_one(CommandInput)
        await until(pilot, lambda: prompt.has_focus, "the focus in the prompt")
        painted = Painted(app, prompt)
        idle = [await _key(painted) for _ in range(keys)]
        prompt.value = ""
        busy: list[Spent] = []
        while len(busy) < keys:
            session.submit(f"log {MEGABYTES}")
            ended = partial(_ended, session, len(session.results))
            await until(pilot, lambda ended=ended: session.state is State.BUSY or ended(), "an answer")  # type: ignore[misc]
            while session.state is State.BUSY and len(busy) < keys:
                busy.append(await _key(painted))
            await until(pilot, ended, "its end")
        return Typed(idle, busy)


def typed(keys: int = KEYS) -> Typed:
    """Type into the console."""
    with tempfile.TemporaryDirectory() as work:
        return asyncio.run(_typed(Path(work), keys))
