# SPDX-License-Identifier: Apache-2.0
"""Driving the terminal UI in tests: an app on a recording, waiting for conditions, the screen as text."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from xcrash.session import State
from xcrash.target import Choices, look_at
from xcrash.tui.app import XcrashApp
from xcrash.tui.session_screen import SessionScreen

DEADLINE = 60.0
DEMO = Path(__file__).parents[2] / "xcrash" / "transcript" / "demo.cast"


def app_on(recording: Path = DEMO, speed: float = 0.0) -> XcrashApp:
    """The real app on a recording."""
    choices = Choices(target=str(recording), speed=speed)
    return XcrashApp(look_at(choices), choices)


def session_screen(app: XcrashApp) -> SessionScreen:
    """The screen of the session."""
    screen = app.session_screen
    assert screen is not None
    return screen


async def until(pilot: Pilot[None], condition: Callable[[], bool], what: str) -> None:
    """Let the app work until ``condition`` holds; fails with ``what`` after a generous deadline."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not reached: {what}\n{grid(pilot.app)}"
        await pilot.pause(0.01)


async def until_ready(pilot: Pilot[None], app: XcrashApp) -> SessionScreen:
    """Wait until the task list is read; of a recording without one, until the prompt is there."""
    await until(pilot, lambda: app.session_screen is not None, "the session screen")
    screen = session_screen(app)

    def settled() -> bool:
        recording, play = app.opened.target.recording, screen.bench.play
        listed = recording is None or recording.answer_to("ps") is not None
        played = play is None or (play.over and not play.running)
        return app.opened.session.state is State.READY and played and (screen.bench.tasks is not None or not listed)

    await until(pilot, settled, "the session ready, its tasks read, a recording played")
    return screen


def grid(app: App[None]) -> str:
    """The screen as text; the only place that touches the compositor, which is private."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def close(app: XcrashApp) -> None:
    """End the session of an app that is about to be dropped."""
    app.opened.close()
