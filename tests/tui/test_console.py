# SPDX-License-Identifier: Apache-2.0
"""The console: answers that fold, are found, filtered, saved, pinned and asked for again; lines that lead somewhere."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot

from tests.pty.casts import PS, Script
from tests.tui.screens import app_on, grid, session_screen, until, until_ready
from xcrash.session import State
from xcrash.tui.app import XcrashApp
from xcrash.tui.messages import CommandEntered
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.views.console import ConsoleView
from xcrash.tui.widgets.command_choice import CommandChoice
from xcrash.tui.widgets.command_input import CommandInput
from xcrash.tui.widgets.line_detail import LineDetail
from xcrash.tui.widgets.save_dialog import SaveDialog

TASK, TEXT = "ffff8d1a40280000", "ffffffff8a4b5d59"
FRAME = f" #0 [ffffc90000473b00] schedule+25 at {TEXT} [ext4]\r\n"
HOSTILE = (
    "\x1b]0;TITLE\x07\x1b[31mred\x1b[0m [bold]x[/bold] [@click=app.quit]q\r\n"
    "宽字符 wide e\u0301 \u202e rtl\r\nnul\x00 c1\x9b32m end\r\n"
)
LONG = "x" * 1_000_000 + " end\r\nnext line\r\n"
SCRIPT = (
    Script()
    .command("ps", PS)
    .command("bt 1", f'PID: 1  TASK: {TASK}  CPU: 1  COMMAND: "systemd"\r\n', FRAME)
    .command("hostile [bold]", HOSTILE)
    .command("long", LONG)
    .command("foreach bt", *(f"PID: {number}  needle {number}\r\n" for number in range(300)))
    .command("help bt", "\r\nNAME\r\n  bt - backtrace\r\n", "line\r\n" * 200)
    .command("sys", "        CPUS: 2\r\n")
)


@asynccontextmanager
async def console(
    directory: Path, size: tuple[int, int] = (80, 24), seen: list[Message] | None = None
) -> AsyncIterator[tuple[XcrashApp, ConsoleView, Pilot[None]]]:
    """The console of a recording that was played, its lines focused, the cursor at their end."""
    app = app_on(SCRIPT.write(directory / "a.cast"))
    hook = seen.append if seen is not None else None
    try:
        async with app.run_test(size=size, notifications=True, message_hook=hook) as pilot:
            screen = await until_ready(pilot, app)
            await pilot.press("2", "escape")
            view = screen.query_one(ConsoleView)
            await until(pilot, lambda: view.lines.has_focus, "the lines")
            await pilot.press("G")
            await until(pilot, lambda: view.lines.following and view.lines.below == 0, "the end")
            yield app, view, pilot
    finally:
        app.opened.close()


def number_of(view: ConsoleView, command: str) -> int:
    """The block of a command, the first of its name."""
    return next(at for at, block in enumerate(view.text.blocks) if block.command == command)


async def go_to(pilot: Pilot[None], view: ConsoleView, command: str, inside: int | None = None) -> None:
    """The cursor on the title of an answer, or on a line of it."""
    begin = view.text.begin_of(number_of(view, command))
    view.lines.show_at_top(begin if inside is None else begin + 1 + inside)
    await pilot.pause()


def titles(app: XcrashApp) -> list[str]:
    return [row.split("crash> ")[1] for row in grid(app).splitlines() if row[1:2] in ("▾", "▸")]


async def test_titles_say_what_became_of_a_command_and_answers_fold(tmp_path: Path) -> None:
    async with console(tmp_path) as (app, view, pilot):
        folded = {block.command for block in view.text.blocks if block.folded}
        assert folded == {"foreach bt", "help bt"}
        await go_to(pilot, view, "bt 1")
        title = next(row for row in grid(app).splitlines() if row.startswith("›"))
        assert title.startswith("›▾ crash> bt 1 ")
        assert "2 lines" in title and title.endswith("bytes  ok")
        assert "hostile [bold]" in [title.split("  ")[0] for title in titles(app)]
        await pilot.press("o")
        await until(pilot, lambda: "›▸ crash> bt 1" in grid(app), "folded")
        assert FRAME.strip() not in grid(app)
        await pilot.press("enter")
        await until(pilot, lambda: FRAME.strip() in grid(app), "open again")
        await pilot.press("z")
        await until(pilot, lambda: not any(block.folded for block in view.text.blocks), "all open")
        await pilot.press("z")
        await until(pilot, lambda: len(titles(app)) == 7, "all folded")
        assert [block.folded for block in view.text.blocks] == [False, *[True] * 7]


async def test_brackets_go_from_command_to_command(tmp_path: Path) -> None:
    async with console(tmp_path) as (_, view, pilot):
        visited = []
        for _step in range(8):
            await pilot.press("left_square_bracket")
            visited.append(view.text.blocks[view.text.locate(view.lines.cursor)[0]].command)
        names = ["sys", "help bt", "foreach bt", "long", "hostile [bold]", "bt 1", "ps", "ps"]
        assert visited == names
        for command in reversed(names[:6]):
            await pilot.press("right_square_bracket")
            assert view.text.locate(view.lines.cursor) == (number_of(view, command), None)


async def test_an_answer_is_copied_saved_and_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with console(tmp_path) as (app, view, pilot):
        await go_to(pilot, view, "bt 1", 1)
        await pilot.press("y")
        assert app.clipboard == FRAME.rstrip()
        await pilot.press("Y")
        text = f'PID: 1  TASK: {TASK}  CPU: 1  COMMAND: "systemd"\n{FRAME.rstrip()}\n'
        assert app.clipboard == text
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the name")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, SaveDialog), "written")
        path = tmp_path / "bt-1.txt"
        assert path.read_text() == text and stat.S_IMODE(path.stat().st_mode) == 0o600
        path.write_text("precious")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the name")
        await pilot.press("enter")
        await until(pilot, lambda: "Enter again replaces it" in grid(app), "the refusal")
        assert path.read_text() == "precious"
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, SaveDialog), "replaced")
        assert path.read_text() == text
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, SaveDialog), "the name")
        await pilot.press(*"/no/", "escape")
        await until(pilot, lambda: not isinstance(app.screen, SaveDialog), "given up")
        results = app.opened.session.results
        before = len(results)
        await pilot.press("x")
        await until(pilot, lambda: len(results) > before, "the answer again")
        assert results[-1].command == "bt 1"
        assert view.text.blocks[-1].command == "bt 1"


async def test_a_pinned_answer_stays_in_sight_until_escape(tmp_path: Path) -> None:
    async with console(tmp_path) as (app, view, pilot):
        await go_to(pilot, view, "bt 1")
        await pilot.press("p", "G")
        await until(pilot, lambda: "CPUS: 2" in grid(app) and FRAME.strip() in grid(app), "the pin and the end")
        await until(pilot, lambda: "pinned, Esc lets it go" in grid(app), "the words")
        await go_to(pilot, view, "sys")
        await pilot.press("p")
        await until(pilot, lambda: grid(app).count("CPUS: 2") == 2, "another pin")
        await pilot.press("p")
        await until(pilot, lambda: view.pinned is None and "pinned" not in grid(app), "no pin")
        await pilot.press("p", "escape")
        await until(pilot, lambda: view.pinned is None, "let go")
        assert view.lines.has_focus


async def test_a_filter_shows_the_lines_of_one_answer_or_of_all(tmp_path: Path) -> None:
    async with console(tmp_path) as (app, view, pilot):
        at = number_of(view, "foreach bt")
        await go_to(pilot, view, "foreach bt")
        await pilot.press("ampersand", *"needle 12")
        await until(pilot, lambda: "11 of 300 lines" in grid(app), "the lines that match")
        assert list(view.text.blocks[at].kept or ()) == [12, *range(120, 130)]
        assert not view.text.blocks[at].folded
        await pilot.press("ctrl+e")
        view.filter_bar.input.value = "needle 1.$"
        await until(pilot, lambda: "10 of 300 lines" in grid(app), "an expression")
        view.filter_bar.input.value = "needle ("
        await until(pilot, lambda: "not so" in grid(app), "no expression")
        await pilot.press("ctrl+e")
        view.filter_bar.input.value = "cpu"
        await until(pilot, lambda: "0 of 300 lines" in grid(app), "nothing")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "of all answers" in grid(app), "all answers")
        await until(pilot, lambda: len(titles(app)) == 3, "only answers that have it")
        assert [title.split("  ")[0] for title in titles(app)] == ["ps", "bt 1", "sys"]
        await pilot.press("enter", "left_square_bracket")
        await until(pilot, lambda: view.lines.has_focus, "back in the lines")
        await pilot.press("escape")
        await until(pilot, lambda: all(block.kept is None for block in view.text.blocks), "all lines again")
        assert view.text.blocks[at].folded and not view.filter_bar.display


async def test_what_is_found_in_a_fold_is_shown(tmp_path: Path) -> None:
    async with console(tmp_path) as (app, view, pilot):
        await pilot.press("g", "slash", *"needle 250", "enter")
        await until(pilot, lambda: "hit 1 of 1" in grid(app), "the hit")
        at, inside = view.text.locate(view.lines.cursor)
        assert (view.text.blocks[at].command, inside) == ("foreach bt", 250)
        assert not view.text.blocks[at].folded
        head = grid(app).splitlines()[1]
        assert "in foreach bt" in head and "300 lines" in head
        await pilot.press("escape")
        assert not view.find_bar.display
        await pilot.press("slash", *"[BOLD]")
        await until(pilot, lambda: "not found" in grid(app), "letters as they are")
        await pilot.press("escape", "escape")
        assert view.lines.has_focus


async def test_a_line_leads_to_commands_by_key_and_by_mouse(tmp_path: Path) -> None:
    seen: list[Message] = []
    async with console(tmp_path, seen=seen) as (app, view, pilot):
        await go_to(pilot, view, "bt 1", 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CommandChoice), "the commands")
        choice = app.screen
        assert isinstance(choice, CommandChoice)
        assert choice.commands[:3] == (f"dis -rl {TEXT}", f"sym {TEXT}", "sym schedule")
        await until(pilot, lambda: f"1  crash> dis -rl {TEXT}" in grid(app), "the words")
        await pilot.press("down", "j", "k", "up", "up")
        assert choice.cursor == len(choice.commands) - 1
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, CommandChoice), "none")
        await pilot.press("enter", "2")
        await until(pilot, lambda: not isinstance(app.screen, CommandChoice), "the second")
        await go_to(pilot, view, "bt 1", 0)
        await pilot.click("#lines", offset=(1 + 14 + 8, view.lines.cursor - view.lines.scroll_offset.y))
        await until(pilot, lambda: isinstance(app.screen, CommandChoice), "the commands of a task")
        assert isinstance(app.screen, CommandChoice)
        assert app.screen.commands[:2] == (f"bt {TASK}", f"struct task_struct {TASK}")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, CommandChoice), "the first")
        sent = [message.command for message in seen if isinstance(message, CommandEntered)]
        assert list(dict.fromkeys(sent)) == [f"sym {TEXT}", f"bt {TASK}"]
        await until(pilot, lambda: app.opened.session.results[-1].command == f"bt {TASK}", "its end")


async def test_hostile_and_endless_lines_are_shown_as_they_are(tmp_path: Path) -> None:
    async with console(tmp_path) as (app, view, pilot):
        await go_to(pilot, view, "hostile [bold]")
        text = grid(app)
        assert "crash> hostile [bold]" in text
        assert "red [bold]x[/bold] [@click=app.quit]q" in text
        assert "宽字符 wide e\u0301 \ufffd rtl" in text
        assert "\x1b" not in text and "\x9b" not in text
        await go_to(pilot, view, "sys", 0)
        await pilot.press("enter")
        await until(pilot, lambda: "nothing in this line leads further" in grid(app), "the remark")
        await go_to(pilot, view, "long", 0)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LineDetail), "the line")
        await until(pilot, lambda: "the first 64 KB of the line; w" in grid(app), "that it is cut")
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, LineDetail), "back")
        await pilot.press("j")
        await until(pilot, lambda: view.copied() == "next line", "the line behind it")


async def test_a_help_page_is_shown_from_its_top(tmp_path: Path) -> None:
    async with console(tmp_path) as (app, _, pilot):
        results = app.opened.session.results
        before = len(results)
        session_screen(app).post_message(CommandEntered("help bt"))
        await until(pilot, lambda: len(results) > before, "the page")
        await until(pilot, lambda: grid(app).splitlines()[2].startswith("›▾ crash> help bt"), "its top")
        await until(pilot, lambda: "bt - backtrace" in grid(app), "the words")
        await until(pilot, lambda: "G follows the end" in grid(app), "that there is more")


@asynccontextmanager
async def streaming(directory: Path) -> AsyncIterator[tuple[XcrashApp, SessionScreen, Pilot[None]]]:
    """A recording as slow as it was: 8 MB at once, then more for a minute."""
    piece = "".join(f"PID: {number}  {'x' * 10_000}\r\n" for number in range(10))
    script = Script().asked("foreach bt")
    for number in range(680):
        script.says(piece, 0.1 if number >= 80 else 0.0)
    script.says(script.prompt).command("p 1", "$1 = 1\r\n").command("p 2", "$2 = 2\r\n")
    app = app_on(script.write(directory / "slow.cast"), speed=1.0)
    try:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await until(pilot, lambda: app.session_screen is not None, "the screen")
            screen = session_screen(app)
            await until(pilot, lambda: app.opened.session.state is State.BUSY, "the first command")
            yield app, screen, pilot
    finally:
        app.opened.close()


async def test_keys_work_while_megabytes_stream_and_others_wait(tmp_path: Path) -> None:
    async with streaming(tmp_path) as (app, screen, pilot):
        view, session = screen.query_one(ConsoleView), app.opened.session
        await pilot.press("2")
        await until(pilot, lambda: session.spool.size > 4 << 20, "megabytes")
        await until(pilot, lambda: "in foreach bt   running " in grid(app), "what runs")
        await until(pilot, lambda: view.lines.following and view.lines.below == 0, "its end")
        prompt = screen.query_one(CommandInput)
        for command in ("p 1", "p 2"):
            prompt.value = command
            await pilot.press("enter")
        await until(pilot, lambda: "2 waiting" in grid(app).splitlines()[-2], "both are counted")
        await until(pilot, lambda: "waiting: p 1, p 2" in grid(app), "and named")
        await pilot.press("escape", "g", "right_square_bracket")
        await until(pilot, lambda: "▾ crash> foreach bt" in grid(app), "its title")
        top, size = view.lines.scroll_offset.y, session.spool.size
        title = next(row for row in grid(app).splitlines() if "▾ crash> foreach bt" in row)
        assert "running" in title and "MB" in title
        await until(pilot, lambda: session.spool.size > size + (1 << 18), "more")
        assert view.lines.scroll_offset.y == top and session.state is State.BUSY
        await pilot.press("G")
        await until(pilot, lambda: view.lines.following, "the end again")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: len(session.results) >= 1, "the end of it")
        assert (session.results[0].command, session.results[0].exit) == ("foreach bt", "interrupted")
        await until(pilot, lambda: len(session.results) >= 3, "those that waited")
        await until(pilot, lambda: "waiting" not in grid(app), "nothing waits")
        assert "interrupted" in view.text.title(number_of(view, "foreach bt")).right
        assert prompt.value == ""


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 40)])
async def test_the_footer_has_room(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size) as (app, _, pilot):
        footer = grid(app).splitlines()[-1]
        assert "^q Quit" in footer
        if size[0] >= 80:
            assert "o Fold" in footer and "w Save" in footer and "/ Find" in footer
        await pilot.press("colon")
        await until(pilot, lambda: "^r History" in grid(app).splitlines()[-1], "the keys of the prompt")
        if size[0] >= 80:
            assert "^q Quit" in grid(app).splitlines()[-1]
