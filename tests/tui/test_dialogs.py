# SPDX-License-Identifier: Apache-2.0
"""A screen that lies over another one closes itself only, and once."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.screen import ModalScreen

from tests.tui.screens import until
from xcrash.history import History
from xcrash.tui.widgets.command_choice import CommandChoice
from xcrash.tui.widgets.dialog import Dialog
from xcrash.tui.widgets.history_search import HistorySearch
from xcrash.tui.widgets.question_dialog import QuestionDialog


def dialogs(directory: Path) -> list[Dialog[str | None] | Dialog[bool]]:
    return [
        HistorySearch(History(directory / "history"), ""),
        CommandChoice("a row", ("ps", "bt")),
        QuestionDialog("Really?", "that", (), "does it"),
    ]


@pytest.mark.parametrize("number", range(3))
async def test_what_is_handled_late_closes_nothing_that_lies_over_it(tmp_path: Path, number: int) -> None:
    app: App[None] = App()
    given: list[object] = []
    async with app.run_test() as pilot:
        dialog = dialogs(tmp_path)[number]
        await app.push_screen(dialog, given.append)
        over = ModalScreen[None]()
        await app.push_screen(over)
        dialog.dismiss(None)
        await pilot.pause()
        assert app.screen is over and given == []
        over.dismiss()
        await until(pilot, lambda: app.screen is dialog, "the dialog again")
        await pilot.press("escape")
        await until(pilot, lambda: len(given) == 1, "its answer")
        assert len(app.screen_stack) == 1
        dialog.dismiss(None)
        assert len(app.screen_stack) == 1 and len(given) == 1
