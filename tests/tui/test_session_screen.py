# SPDX-License-Identifier: Apache-2.0
"""The session screen on the demo recording: overview, console, tasks, keys."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input
from textual.worker import Worker

from tests.pty.casts import PS, Script
from tests.tui.screens import app_on, grid, session_screen, until, until_ready
from xcrash.session import CommandFinished
from xcrash.tui.app import XcrashApp
from xcrash.tui.help_screen import HelpScreen
from xcrash.tui.messages import CommandEntered, SessionSpoke
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.views.view import View
from xcrash.tui.widgets.command_input import CommandInput
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.status_bar import StatusBar
from xcrash.tui.widgets.task_pane import TaskPane
from xcrash.tui.widgets.task_table import TaskTable

SIZES = [(80, 24), (120, 40), (160, 48), (60, 20)]


@asynccontextmanager
async def shown(
    size: tuple[int, int] = (120, 40), seen: list[Message] | None = None
) -> AsyncIterator[tuple[XcrashApp, SessionScreen, Pilot[None]]]:
    app = app_on()
    hook = seen.append if seen is not None else None
    try:
        async with app.run_test(size=size, notifications=True, message_hook=hook) as pilot:
            yield app, await until_ready(pilot, app), pilot
    finally:
        app.opened.close()


async def send(pilot: Pilot[None], screen: SessionScreen, command: str) -> None:
    """Type a command at the prompt and wait for its end."""
    session = screen.opened.session
    before = len(session.results)
    await pilot.press("2")
    prompt = screen.query_one(CommandInput)
    await until(pilot, lambda: prompt.has_focus, "the prompt has the focus")
    prompt.value = command
    await pilot.press("enter")
    await until(pilot, lambda: len(session.results) > before, f"the end of {command}")


@pytest.mark.parametrize("size", SIZES)
async def test_the_overview_says_who_died_of_what(size: tuple[int, int]) -> None:
    async with shown(size) as (app, screen, pilot):
        assert screen.query_one(ContentSwitcher).current == "overview"
        for words in ("sysrq triggered crash", "2 [OFFLINE: 1]", "demo.cast · ready"):
            await until(pilot, lambda words=words: words in " ".join(grid(app).split()), words)  # type: ignore[misc]


async def test_the_overview_counts_tasks_by_state() -> None:
    async with shown((160, 48)) as (app, screen, pilot):
        banner, tasks = screen.bench.banner, screen.bench.tasks
        assert banner is not None and tasks is not None
        assert banner.tasks == len(tasks.tasks) == len(screen.query_one(TaskTable).rows)
        waiting = sum(task.st == "UN" for task in tasks.tasks)
        assert waiting >= 1
        await until(pilot, lambda: f"{waiting} UN" in grid(app), "their count")


async def test_a_command_answers_in_the_console_and_the_view_follows_its_end() -> None:
    async with shown() as (app, screen, pilot):
        await send(pilot, screen, "log")
        await until(pilot, lambda: "---[ end Kernel panic" in grid(app), "the last line of the log")
        await send(pilot, screen, "bt 99999")
        await until(pilot, lambda: "no answer to 'bt 99999'" in grid(app), "the error line")
        await until(
            pilot,
            lambda: any("crash> bt 99999" in line and "error" in line for line in grid(app).splitlines()),
            "the words",
        )


async def test_scrolling_up_stays_where_the_user_is() -> None:
    async with shown() as (app, screen, pilot):
        await send(pilot, screen, "log")
        await pilot.press("escape")
        await until(pilot, lambda: screen.query_one("#lines", LineView).has_focus, "the lines have the focus")
        await pilot.press("g")
        lines = screen.query_one("#lines", LineView)
        await until(pilot, lambda: lines.scroll_offset.y == 0, "the top")
        screen.opened.session.submit("bt")
        await until(pilot, lambda: screen.opened.session.results[-1].command == "bt", "the end of bt")
        assert lines.scroll_offset.y == 0
        await until(pilot, lambda: "crash 9.0.2" in grid(app), "the words")


async def test_a_dangerous_line_is_refused_with_its_reason_and_kept() -> None:
    async with shown() as (app, screen, pilot):
        await pilot.press("2")
        prompt = screen.query_one(CommandInput)
        prompt.value = "!!"
        await pilot.press("enter")
        await until(pilot, lambda: "Not sent" in grid(app), "the refusal")
        assert prompt.value == "!!"
        assert "!!" not in [result.command for result in screen.opened.session.results]


async def test_older_commands_come_back() -> None:
    async with shown() as (_, screen, pilot):
        await send(pilot, screen, "sys")
        await send(pilot, screen, "bt")
        prompt = screen.query_one(CommandInput)
        await pilot.press("up", "up")
        assert prompt.value == "sys"
        await pilot.press("down", "down")
        assert prompt.value == ""


async def test_tasks_are_filtered_sorted_and_lead_to_their_stack() -> None:
    async with shown() as (app, screen, pilot):
        await pilot.press("3")
        table = screen.query_one(TaskTable)
        await until(pilot, lambda: table.has_focus, "the table has the focus")
        total = len(table.rows)
        await pilot.press("s", "S")
        assert [task.pid for task in table.rows[:2]] == sorted((t.pid or 0 for t in table.rows), reverse=True)[:2]
        await pilot.press("slash")
        line = screen.query_one("#tasks").query_one(Input)
        await until(pilot, lambda: line.has_focus, "the filter has the focus")
        line.value = "un"
        await until(pilot, lambda: 0 < len(table.rows) < total, "fewer rows")
        await pilot.press("enter")
        await until(pilot, lambda: table.has_focus, "back in the table")
        assert table.rows[table.cursor].pid == 218
        await pilot.press("enter")
        pane = screen.query_one(TaskPane)
        await until(pilot, lambda: "PID 218 " in grid(app) and pane.table.has_focus, "the task beside it")
        await until(pilot, lambda: bool(pane.table.rows), "its frames")
        await pilot.press("e")
        printed = re.compile(r"^› #0 .*__schedule.*\n.*\n.*percpu_rwsem_wait", re.MULTILINE)
        await until(pilot, lambda: printed.search(grid(app)) is not None, "what crash printed of it")


async def test_kernel_threads_keep_their_brackets() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "[kthreadd]" in grid(app), "the brackets of a kernel thread")


async def test_events_arrive_as_messages() -> None:
    seen: list[Message] = []
    async with shown(seen=seen) as (_, screen, pilot):
        await send(pilot, screen, "sys")
    ends = [
        m.event.result.command for m in seen if isinstance(m, SessionSpoke) and isinstance(m.event, CommandFinished)
    ]
    assert ends[:2] == ["ps", "sys"] or ends.count("sys") >= 1


async def test_ctrl_c_at_the_prompt_never_quits() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "crash is not busy" in grid(app), "the remark")
        assert app.is_running


async def test_ctrl_q_ends_crash_and_the_program() -> None:
    app = app_on()
    async with app.run_test() as pilot:
        await until_ready(pilot, app)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.opened.session.gone is not None, "crash is gone")
    assert app.opened.session.gone is not None and app.opened.session.gone.error is None
    app.opened.close()


async def test_q_at_the_prompt_ends_crash_and_leaves_the_screen_to_read() -> None:
    async with shown() as (app, screen, pilot):
        screen.post_message(CommandEntered("q"))
        await until(pilot, lambda: screen.opened.session.gone is not None, "crash is gone")
        await until(pilot, lambda: "gone: crash was ended" in grid(app), "the status")
        await until(pilot, lambda: "waiting" not in grid(app), "nothing waits")
        screen.post_message(CommandEntered("bt"))
        await until(pilot, lambda: "crash has ended" in grid(app), "the refusal")
        assert app.is_running


async def test_help_shows_the_keys_and_hides_again() -> None:
    async with shown() as (app, _, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the page of keys")
        await until(pilot, lambda: "Show the very lines of crash behind the marked value" in grid(app), "its lines")
        await pilot.press("question_mark")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen), "the page closed")


async def test_a_start_that_failed_says_what_why_and_what_to_try() -> None:
    recording = Path(__file__).parents[2] / "transcripts" / "debian13-6.12-kdump-truncated.cast"
    app = app_on(recording)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.failure is not None, "the failure")
        text = grid(app)
        assert "crash could not open this session" in text
        assert "without a message" in text
        assert "truncated or damaged dump" in text
        await until(pilot, lambda: 'Type "apropos word"' in grid(app), "what crash printed")
        assert session_screen(app).query_one(ContentSwitcher).current == "start"
    app.opened.close()
    assert app.failure is not None and app.failure.exit_status == 5


@pytest.mark.parametrize(
    ("width", "there", "not_there"),
    [(80, "RSS KB COMM", "TASK  "), (60, "COMM", "VSZ"), (132, "PPID", "TASK"), (160, "VSZ KB", "?")],
)
async def test_the_name_of_a_task_has_room_in_every_window(width: int, there: str, not_there: str) -> None:
    async with shown((width, 24)) as (app, _, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "[kthreadd]" in grid(app), "names")
        heading = next(line for line in grid(app).splitlines() if "PPID" in line)
        assert there in heading
        assert not_there not in heading


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_footer_says_how_to_leave(size: tuple[int, int]) -> None:
    async with shown(size) as (app, _, pilot):
        for key in ("1", "3"):
            await pilot.press(key)
            await until(pilot, lambda: "Quit" in grid(app).splitlines()[-1], f"the quit key in view {key}")


async def test_commands_that_wait_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    monkeypatch.setattr(StatusBar, "waiting", lambda _, count: counts.append(count))
    async with shown() as (_, screen, pilot):
        for command in ("foreach bt", "log", "sys"):
            screen.post_message(CommandEntered(command))
        results = screen.opened.session.results
        await until(pilot, lambda: results[-1].command == "sys", "the end of all three")
        await until(pilot, lambda: counts[-1] == 0, "nothing waits")
    assert max(counts) >= 1


async def test_the_start_is_painted_before_the_views_are_made() -> None:
    app, painted = app_on(), []
    display = app._display

    def paints(screen: Any, renderable: Any) -> None:
        display(screen, renderable)
        if renderable is not None and isinstance(screen, SessionScreen):
            painted.append((grid(app), len(screen.query(View))))

    app._display = paints  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_ready(pilot, app)
        first, views = painted[0]
        assert "1 Overview" in first
        assert "demo" in first
        assert views == 0
        assert [view.NAME for view in screen.query(View)] == [view.NAME for view in screen.views]
    app.opened.close()


async def test_many_tasks_are_rows_once_and_workers_do_not_spell_them_out(tmp_path: Path) -> None:
    header, *rows = PS.splitlines()
    many = "\r\n".join((header, *(rows[1].replace("        1", f"{pid:9}") for pid in range(1, 15001)), ""))
    app = app_on(Script().command("ps", many).write(tmp_path / "a.cast"))
    described: list[str] = []
    app.workers.add_worker = partial(_noted, described, app.workers.add_worker)  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_ready(pilot, app)
        await until(pilot, lambda: len(screen.query_one(TaskTable).rows) == 15000, "the table")
        assert screen.bench.tasks is not None
        assert screen.query_one(TaskTable).rows[-1] is screen.bench.tasks.tasks[-1]
    app.opened.close()
    assert "read the tasks" in described
    assert max(map(len, described)) < 1000


def _noted(described: list[str], add: Callable[..., None], worker: Worker[Any], *rest: Any, **named: Any) -> None:
    described.append(worker.description)
    add(worker, *rest, **named)
