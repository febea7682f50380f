# SPDX-License-Identifier: Apache-2.0
"""The dialog that saves: what was written is told, whatever lies over it by then."""

from __future__ import annotations

import threading

from textual.app import App
from textual.screen import ModalScreen

from tests.tui.screens import until
from xcrash.tui.widgets.save_dialog import SaveDialog


class Saver(App[None]):
    """Opens the dialog, whose writing waits until it may end; keeps what the dialog gave back."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.may_end = threading.Event(), threading.Event()
        self.given: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(SaveDialog("Save it as", "name", self._write), self.given.append)

    def _write(self, name: str, replace: bool) -> str:
        self.began.set()
        assert self.may_end.wait(60)
        return f"{name}: 2 KB"


async def test_what_lies_over_it_stays_when_it_has_written() -> None:
    app = Saver()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the dialog")
        await pilot.press("enter")
        over = ModalScreen[None]()
        await app.push_screen(over)
        app.may_end.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.screen is over and app.given == []
        over.dismiss()
        await until(pilot, lambda: app.given == ["name: 2 KB"], "the words")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the end of it")


async def test_what_was_written_after_it_was_left_is_told() -> None:
    app = Saver()
    async with app.run_test(notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the dialog")
        await pilot.press("enter")
        await until(pilot, app.began.is_set, "the writing")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the end of it")
        app.may_end.set()
        await until(pilot, lambda: bool(app._notifications), "the words")
        assert [one.message for one in app._notifications] == ["name: 2 KB"]
        assert app.given == [None] and len(app.screen_stack) == 1
