# SPDX-License-Identifier: Apache-2.0
"""When what happened in the terminal UI was on the screen: the widget drawn, the screen written after that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual._compositor import CompositorUpdate
from textual.app import App
from textual.widget import Widget

from tests.bench.clock import Spent

DEADLINE = 120.0


def always() -> bool:
    """The next painting counts."""
    return True


def on_display(app: App[Any], written: Callable[[], None]) -> None:
    """Call ``written`` when the app has made what a terminal gets; Textual leaves that out where there is none."""
    display = app._display

    def painted(screen: Any, renderable: Any) -> None:
        display(screen, renderable)
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(app.console)
            written()

    app._display = painted  # type: ignore[method-assign]


class Painted:
    """The paintings of one widget of an app without a terminal."""

    def __init__(self, app: App[Any], widget: Widget) -> None:
        self._app = app
        self._at = asyncio.Event()
        self._drawn = False
        self._condition = always
        draw = widget.render_line

        def render_line(y: int) -> Any:
            self._drawn = self._drawn or self._condition()
            return draw(y)

        widget.render_line = render_line  # type: ignore[method-assign]
        on_display(app, self._written)

    def _written(self) -> None:
        if self._drawn:
            self._at.set()

    async def after(self, act: Callable[[], object], condition: Callable[[], bool] = always) -> Spent:
        """What it took from ``act`` until the widget was drawn while ``condition`` held, and that was written."""
        self._condition, self._drawn = condition, False
        self._at.clear()
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        await asyncio.wait_for(self._at.wait(), DEADLINE)
        return Spent(time.perf_counter() - wall, time.process_time() - cpu)

    async def key(self, name: str, condition: Callable[[], bool] = always) -> Spent:
        """The same from a key on."""
        return await self.after(lambda: self._app.simulate_key(name), condition)
