# SPDX-License-Identifier: Apache-2.0
"""The terminal UI on the demo, and an empty app to compare it with.

``python3 -m tests.bench.screens NAME`` starts one of APPS and ends at its first painting: what a user waits for.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from textual.app import App

from tests.bench.clock import Spent
from tests.bench.painted import on_display


async def overview_app() -> None:
    """From nothing to the overview with its tasks read, and out again."""
    from tests.tui.screens import app_on, until_ready

    app = app_on()
    async with app.run_test(size=(120, 40)) as pilot:
        await until_ready(pilot, app)
    app.opened.close()


async def empty_app() -> None:
    """An app without widgets, shown and left."""
    app: App[None] = App()
    async with app.run_test(size=(120, 40)):
        pass


def _demo() -> App[Any]:
    # Here, so that the empty app does not pay for what it does not need.
    from tests.tui.screens import app_on

    return app_on()


APPS: dict[str, Callable[[], App[Any]]] = {"demo": _demo, "empty": App}


async def _painted(name: str, then: Callable[[], None]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    spent: list[Spent] = []
    painted = asyncio.Event()
    app = APPS[name]()

    def written() -> None:
        if not spent:
            spent.append(Spent(time.perf_counter() - wall, time.process_time() - cpu))
            then()
            painted.set()

    on_display(app, written)
    async with app.run_test(size=(120, 40)):
        await painted.wait()
    if name == "demo":
        app.opened.close()  # type: ignore[attr-defined]
    return spent[0]


def first_paint(name: str, then: Callable[[], None] = lambda: None) -> Spent:
    """What an app took from nothing to its first painting in this process, after which ``then`` is called."""
    return asyncio.run(_painted(name, then))


if __name__ == "__main__":
    first_paint(sys.argv[1], lambda: os._exit(0))
