# SPDX-License-Identifier: Apache-2.0
"""The terminal UI on the demo, and an empty app to compare it with."""

from __future__ import annotations

from textual.app import App

from tests.tui.screens import app_on, until_ready


async def overview_app() -> None:
    """From nothing to the overview with its tasks read, and out again."""
    app = app_on()
    async with app.run_test(size=(120, 40)) as pilot:
        await until_ready(pilot, app)
    app.opened.close()


async def empty_app() -> None:
    """An app without widgets, shown and left."""
    app: App[None] = App()
    async with app.run_test(size=(120, 40)):
        pass
