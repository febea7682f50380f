# SPDX-License-Identifier: Apache-2.0
"""A hundred thousand tasks in the view of the tasks, and in Textual's own table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from tests.bench.clock import Spent
from tests.bench.painted import Painted
from tests.bench.parsing import tasks
from tests.pty.casts import Script
from tests.tui.screens import app_on, until_ready
from xcrash.parse import ps
from xcrash.tui.widgets.task_table import COLUMNS, TaskTable

TASKS = 100_000
LOADS = 5
WORD = "kworker"


class Shown(NamedTuple):
    """What each load took from the end of the answer to the painted table, each sort, and each letter of a filter."""

    loads: list[Spent]
    sorts: list[Spent]
    filters: list[Spent]


async def _in_view(recording: Path) -> Shown:
    app = app_on(recording)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("3")
        table, answers = screen.query_one(TaskTable), screen.bench.answers
        painted = Painted(app, table)
        answer = next(one for one in app.opened.session.results if one.command == "ps")

        def changed() -> Callable[[], bool]:
            before = table.rows
            return lambda: table.rows is not before

        async def key(name: str) -> Spent:
            spent = await painted.key(name, changed())
            await pilot.pause()
            return spent

        loads = []
        for _ in range(LOADS):
            table.show(())
            await pilot.pause()
            loads.append(await painted.after(lambda: answers.finished(answer, True), lambda: len(table.rows) == TASKS))
            await pilot.pause()
        sorts = [await key("s") for column in COLUMNS if column.heading.strip()]
        await key("s")
        await pilot.press("slash")
        filters = [await key(letter) for letter in WORD]
    app.opened.close()
    return Shown(loads, sorts, filters)


def in_view(directory: Path) -> Shown:
    """In the real view, of a recording whose ``ps`` has so many."""
    recording = Script().command("ps", tasks(TASKS).replace("\n", "\r\n")).write(directory / "tasks.cast")
    return asyncio.run(_in_view(recording))


class _Tables(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable()


async def _in_data_table() -> Spent:
    text = tasks(TASKS)
    async with _Tables().run_test(size=(120, 40)) as pilot:
        table = pilot.app.query_one(DataTable)

        def load() -> None:
            table.add_columns(*(column.heading for column in COLUMNS))
            table.add_rows([column.text(task) for column in COLUMNS] for task in ps.parse(text).tasks)

        return await Painted(pilot.app, table).after(load, lambda: table.row_count == TASKS)


def in_data_table() -> Spent:
    """The same answer read into a DataTable."""
    return asyncio.run(_in_data_table())


def written(directory: Path) -> Path:
    """The answer as a file."""
    path = directory / "ps.txt"
    path.write_text(tasks(TASKS))
    return path
