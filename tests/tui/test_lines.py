# SPDX-License-Identifier: Apache-2.0
"""Text of many lines: moving, following its end, finding, long and hostile lines, the mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from tests.tui.screens import grid, until
from xcrash.tui.widgets.find_bar import FindBar
from xcrash.tui.widgets.line_detail import LineDetail
from xcrash.tui.widgets.line_strip import WIDEST
from xcrash.tui.widgets.line_view import LineView, ShownLine


class Numbers:
    """``count`` lines with their numbers, some of them others."""

    def __init__(self, count: int, **others: str) -> None:
        self.count = count
        self.others = {int(number[1:]): text for number, text in others.items()}
        self.read: set[int] = set()

    def line_count(self) -> int:
        return self.count

    def line(self, number: int) -> ShownLine:
        assert 0 <= number < self.count
        self.read.add(number)
        return ShownLine(self.others.get(number, f"line {number}"))


class Lines(App[None]):
    """Lines with a find bar."""

    def __init__(self, source: Numbers, cursor: bool = True) -> None:
        super().__init__()
        self.source = source
        self.lines = LineView(source, cursor=cursor, id="lines")
        self.bar = FindBar(self.lines)
        self.chosen: list[tuple[int, int | None]] = []

    def compose(self) -> ComposeResult:
        self.lines.styles.height = "1fr"
        yield self.lines
        yield self.bar

    def on_line_view_chosen(self, message: LineView.Chosen) -> None:
        self.chosen.append((message.line, message.column))

    def on_line_view_find_wanted(self) -> None:
        self.bar.open()


@asynccontextmanager
async def shown(
    source: Numbers, cursor: bool = True, size: tuple[int, int] = (60, 20)
) -> AsyncIterator[tuple[Lines, LineView, Pilot[None]]]:
    app = Lines(source, cursor)
    async with app.run_test(size=size) as pilot:
        app.lines.grown()
        app.lines.focus()
        await until(pilot, lambda: app.lines.has_focus and app.lines.page > 1, "the lines")
        yield app, app.lines, pilot


def following(lines: LineView) -> bool:
    return lines.following


def rows(app: Lines) -> list[str]:
    return grid(app).splitlines()


async def test_keys_move_the_cursor_and_only_what_is_seen_is_read() -> None:
    source = Numbers(1_000_000)
    async with shown(source) as (app, lines, pilot):
        await until(pilot, lambda: lines.cursor == 999_999 and lines.following, "the end at first")
        await pilot.press("g")
        assert (lines.cursor, lines.scroll_offset.y, following(lines)) == (0, 0, False)
        await pilot.press("j", "down", "k", "down")
        assert lines.cursor == 2
        await pilot.press("pagedown")
        assert (lines.scroll_offset.y, lines.cursor) == (19, 21)
        await pilot.press("space", "pageup")
        assert (lines.scroll_offset.y, lines.cursor) == (19, 21)
        await pilot.press("pageup", "pageup", "pageup")
        assert lines.cursor == 0
        await pilot.press("end")
        await until(pilot, lambda: lines.cursor == 999_999, "the last line")
        assert following(lines) and lines.below == 0
        await pilot.press("up")
        assert lines.cursor == 999_998 and not following(lines)
        await pilot.press("down")
        assert following(lines)
        await pilot.press("home", "pagedown", "end", "pagedown")
        assert lines.cursor == 999_999
        assert rows(app)[-1].startswith("›line 999999")
    assert len(source.read) < 1000


async def test_it_follows_what_is_added_until_one_looks_elsewhere() -> None:
    source = Numbers(5)
    async with shown(source) as (app, lines, pilot):
        for count in (10, 30, 31, 5000):
            source.count = count
            lines.grown()
            await until(pilot, lambda: any(f"line {source.count - 1}" in row for row in rows(app)), "the new end")
            assert lines.cursor == count - 1
        await pilot.press("g")
        source.count = 6000
        lines.grown()
        await pilot.pause()
        assert (lines.cursor, lines.scroll_offset.y, lines.below) == (0, 0, 6000 - lines.page)
        await pilot.press("G")
        await until(pilot, lambda: lines.cursor == 5999, "the end again")
        source.count = 7
        lines.grown()
        await until(pilot, lambda: rows(app)[6].startswith("›line 6"), "fewer lines than before")
        source.count = 0
        lines.grown()
        await until(pilot, lambda: not grid(app).strip(), "no lines")
        await pilot.press("j", "k", "G", "g", "pagedown", "pageup", "enter", "n", "N")
        assert app.is_running and not app.chosen


async def test_without_a_cursor_the_text_moves() -> None:
    async with shown(Numbers(100), cursor=False) as (app, lines, pilot):
        await until(pilot, lambda: lines.scroll_offset.y == 80, "the end")
        await pilot.press("k", "up", "j")
        assert lines.scroll_offset.y == 79
        await pilot.press("pageup")
        assert lines.scroll_offset.y == 60
        await pilot.press("g", "enter")
        assert lines.scroll_offset.y == 0 and not app.chosen
        assert rows(app)[0] == "line 0"
        lines.find("line 50")
        await until(pilot, lambda: lines.find_state.words == "hit 1 of 1", "the hit")
        assert any("line 50" in row for row in rows(app))


async def test_finding_counts_goes_on_wraps_and_ends() -> None:
    source = Numbers(5000, n7="a Needle", n4000="needle two", n4500="NEEDLE three")
    async with shown(source) as (app, lines, pilot):
        await pilot.press("n")
        await until(pilot, lambda: lines.find_state.words == "nothing is looked for", "nothing yet")
        await pilot.press("g", "slash", *"needle")
        await until(pilot, lambda: "hit 1 of 3" in rows(app)[-1], "the first while one types")
        assert lines.cursor == 7
        await pilot.press("down")
        await until(pilot, lambda: lines.cursor == 4000, "the second, still typing")
        await pilot.press("up")
        await until(pilot, lambda: lines.cursor == 7, "the first again")
        await pilot.press("enter")
        await until(pilot, lambda: lines.has_focus, "back in the lines")
        await pilot.press("n", "n")
        await until(pilot, lambda: lines.cursor == 4500 and "hit 3 of 3" in rows(app)[-1], "the third")
        await pilot.press("n")
        await until(pilot, lambda: "hit 1 of 3 · from the top again" in rows(app)[-1], "the first again")
        await pilot.press("N")
        await until(pilot, lambda: "hit 3 of 3 · from the end again" in rows(app)[-1], "the last again")
        source.count = 5001
        source.others[5000] = "a needle that came later"
        lines.grown()
        await pilot.press("n")
        await until(pilot, lambda: lines.cursor == 5000 and "hit 4 of 4" in rows(app)[-1], "what was added")
        app.bar.back()
        await until(pilot, lambda: not app.bar.display, "the bar closed")
        assert lines.finder.hits is None and lines.find_state.words == ""


async def test_a_wrong_expression_is_said_and_a_right_one_found() -> None:
    async with shown(Numbers(100)) as (app, lines, pilot):
        await pilot.press("g", "slash", *"re:(")
        await until(pilot, lambda: "not so: not a regular expression" in rows(app)[-1], "the reason")
        app.bar.input.value = "re:^line 4[23]$"
        await until(pilot, lambda: "hit 1 of 2" in rows(app)[-1], "the first of two")
        app.bar.input.value = "line 4.$"
        await until(pilot, lambda: "not found" in rows(app)[-1], "no such text")
        await pilot.press("ctrl+e")
        await until(pilot, lambda: "hit 1 of 10" in rows(app)[-1] and "/re" in rows(app)[-1], "as an expression")
        app.bar.input.value = ""
        await pilot.press("enter")
        await until(pilot, lambda: not app.bar.display and lines.has_focus, "closed with nothing to look for")


async def test_a_line_of_a_megabyte_and_hostile_ones_are_drawn() -> None:
    source = Numbers(
        8,
        n0="x" * 1_000_000,
        n1="[bold]a[/bold] [@click=app.quit]b[/] \\[c]",
        n2="宽字符宽字符" * 50,
        n3="e\u0301" * 100,
        n4="\u200b\u200d zero",
        n5="",
    )
    async with shown(source, size=(40, 12)) as (app, lines, pilot):
        await pilot.press("g")
        text = rows(app)
        assert text[0].startswith("›" + "x" * 38)
        assert text[1] == " [bold]a[/bold] [@click=app.quit]b[/] \\["
        assert text[2].startswith(" 宽字符")
        await until(pilot, lambda: lines.max_scroll_x > 1900, "its width is known")
        lines.scroll_to(x=lines.max_scroll_x, animate=False, immediate=True)
        await until(pilot, lambda: rows(app)[0].endswith("…"), "the end of what is drawn of it")
        assert lines.virtual_size.width <= WIDEST + 2
        assert lines.cursor == 0


async def test_a_click_chooses_a_line_and_a_column_and_enter_a_line() -> None:
    async with shown(Numbers(100)) as (app, lines, pilot):
        await pilot.press("g", "enter")
        await pilot.click(LineView, offset=(6, 3))
        await until(pilot, lambda: len(app.chosen) == 2, "both")
        assert app.chosen == [(0, None), (3, 5)]
        assert lines.cursor == 3
        await pilot.hover(LineView, offset=(2, 4))
        assert lines.hovered == 4
        source = Numbers(2)
        lines.show(source)
        await pilot.click(LineView, offset=(2, 10))
        await pilot.pause()
        assert len(app.chosen) == 2


@pytest.mark.parametrize("text", ["short", "wide 宽 " * 3000, "[red]" * 10, ""])
async def test_a_line_in_full_is_shown_and_copied(text: str) -> None:
    seen: list[Message] = []
    app = Lines(Numbers(1))
    async with app.run_test(size=(60, 20), message_hook=seen.append) as pilot:
        app.push_screen(LineDetail(text, "the whole line"))
        await until(pilot, lambda: "the whole line" in grid(app), "the line")
        await until(pilot, lambda: text[:20].strip() in grid(app), "the words")
        await pilot.press("y")
        assert app.clipboard == text
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, LineDetail), "the lines again")
