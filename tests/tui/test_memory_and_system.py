# SPDX-License-Identifier: Apache-2.0
"""Memory and System: every table shows what its command answered, says so when it did not, and leads on safely."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.screens import app_on, grid, until, until_ready
from xcrash import parse
from xcrash.session.command import check_command
from xcrash.session.guard import Guard
from xcrash.transcript.recording import read_recording
from xcrash.tui.messages import CommandEntered
from xcrash.tui.tables.memory import COUNTERS, MEMORY, SLABS, USAGE, ZONES, bar, watermark
from xcrash.tui.tables.page import Page
from xcrash.tui.tables.system import DISKS, MODULES, SYSTEM, TAINTS, taint_words
from xcrash.tui.views.memory import MemoryView
from xcrash.tui.views.system import SystemView
from xcrash.tui.widgets.row_table import RowTable

TRANSCRIPTS = Path(__file__).parents[2] / "transcripts"
OOM = TRANSCRIPTS / "debian13-6.12-kdump-oom.cast"
HUNG = TRANSCRIPTS / "debian13-6.12-kdump-hung-task.cast"
HOSTILE = "[/bold]\x1b[31m; rm -rf /"


def answers() -> dict[str, str]:
    """The longest recorded answer to each command of a table."""
    found: dict[str, str] = {}
    wanted = {page.command for page in (*MEMORY, *SYSTEM)}
    for path in sorted(TRANSCRIPTS.glob("*.cast")):
        recording = read_recording(path)
        for exchange in recording.exchanges:
            if exchange.command in wanted and len(exchange.output) > len(found.get(exchange.command, "")):
                found[exchange.command] = exchange.output.removesuffix(recording.prompt)
    return found


ANSWERS = answers()


@pytest.mark.parametrize("page", (*MEMORY, *SYSTEM), ids=lambda page: page.title)
def test_every_table_reads_its_command_and_every_lead_can_be_sent(page: Page[Any]) -> None:
    text = ANSWERS.get(page.command)
    if text is None:
        assert page.command == "net -a", "no recording has it"
        return
    rows = page.rows(parse.read(page.command, text))
    assert rows, page.command
    for row in rows:
        assert all(isinstance(column.text(row), str) for column in page.columns)
        command = page.lead(row) if page.lead else None
        if command:
            check_command(command)
            assert Guard(live=True).questions(command) == ()


def test_slabs_and_zones_are_read_with_what_follows_from_them() -> None:
    caches = SLABS.rows(parse.read("kmem -s", ANSWERS["kmem -s"]))
    assert caches
    total = next(column for column in SLABS.columns if column.heading == "TOTAL")
    assert total.key is not None
    largest = max(caches, key=total.key)
    assert (largest.slabs or 0) * (largest.ssize or 0) == total.key(largest) > 1 << 20
    zones = ZONES.rows(parse.read("kmem -z", ANSWERS["kmem -z"]))
    assert zones
    assert {watermark(zone) for zone in zones} <= {"below min", "below low", "enough free", "not populated", "—"}
    assert any(watermark(zone) != "—" for zone in zones)


def test_bars_and_taints_are_words_and_signs() -> None:
    assert bar(0) == f"[{' ' * 30}]"
    assert bar(50).count("=") == 15
    assert bar(250).endswith(">")
    assert bar(None) == ""
    assert taint_words("OE", True) == "out of tree, unsigned"
    assert taint_words("P(U)", True) == "proprietary, U, unsigned"
    assert USAGE.rows(None) is None and COUNTERS.rows(parse.read("ps", "")) is None


async def test_the_memory_view_shows_its_tables_one_after_the_other() -> None:
    app = app_on(OOM)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("5")
        view = screen.query_one(MemoryView)
        await until(pilot, lambda: "TOTAL MEM" in grid(app) and "[==" in grid(app), "the bars")
        await until(pilot, lambda: "kmem -i" in grid(app), "the words")
        await pilot.press("right", "right")
        assert view.page is SLABS
        await until(pilot, lambda: "OBJSIZE" in grid(app), "the slabs")
        rows = view.table.rows
        sizes = [(row.slabs or 0) * (row.ssize or 0) for row in rows if row.slabs is not None]
        assert sizes == sorted(sizes, reverse=True)
        await pilot.press("slash", *"dentry", "enter")
        await until(pilot, lambda: len(view.table.rows) < len(rows), "the filter")
        assert all("dentry" in row.name for row in view.table.rows)
        await pilot.press("e")
        await until(pilot, lambda: screen.view is not None and screen.view.NAME == "console", "the console")
        await until(
            pilot,
            lambda: any(line.startswith("›") and line.endswith(" dentry") for line in grid(app).splitlines()),
            "its line",
        )
    app.opened.close()


async def test_the_system_view_says_what_was_not_recorded_and_leads_on() -> None:
    app = app_on(HUNG)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("6")
        view = screen.query_one(SystemView)
        seen = []
        for page in SYSTEM:
            await until(pilot, lambda page=page: view.page is page and page.command in grid(app), page.title)  # type: ignore[misc]
            recorded = app.opened.target.recording is not None and app.opened.target.recording.answer_to(page.command)
            if recorded:
                await until(pilot, lambda: bool(view.table.rows), f"rows of {page.title}")
                seen.append(page)
            else:
                await until(pilot, lambda: "this recording has no answer" in grid(app), f"no {page.title}")
            await pilot.press("right")
        assert DISKS in seen and len(seen) >= 5
        assert view.page is MODULES, "it begins again behind the last"
        await pilot.press("left")
        assert view.page is SYSTEM[-1]
    app.opened.close()


async def test_enter_and_the_next_table_at_once_lead_to_what_was_under_the_cursor() -> None:
    """The key for the next table may be handled before what Enter has set off."""
    app = app_on(OOM)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("5")
        view = screen.query_one(MemoryView)
        view.choose(MEMORY.index(SLABS))
        await until(pilot, lambda: bool(view.table.rows), "the slabs")
        row = view.table.current
        assert row is not None and SLABS.lead is not None
        message = RowTable.Chosen(view.table, row)
        view.choose(MEMORY.index(ZONES))
        asked: list[object] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(view, "post_message", asked.append)
            view.row_chosen(message)
        assert [one.command for one in asked if isinstance(one, CommandEntered)] == [SLABS.lead(row)]
    app.opened.close()


async def test_a_hostile_name_is_shown_and_leads_nowhere(tmp_path: Path) -> None:
    row = f"ffffffffc0a1d000  ffffffffc0a0f000  {HOSTILE.replace(' ', '')}  69632  (not loaded)\r\n"
    mod = "     MODULE       BASE              NAME          SIZE  OBJECT FILE\r\n" + row
    path = tmp_path / "hostile.cast"
    events = [[0.0, "o", "\r\ncrash 9.0.2\r\n\r\ncrash> "], [0.1, "i", "mod\r"], [0.2, "o", f"{mod}crash> "]]
    lines = [json.dumps(one) for one in ({"version": 2, "width": 80, "height": 24}, *events)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    value = parse.read("mod", mod.replace("\r\n", "\n"))
    rows = MODULES.rows(value) or ()
    assert all(MODULES.lead is not None and MODULES.lead(row) is None for row in rows)
    app = app_on(path)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("6")
        view = screen.query_one(SystemView)
        await until(pilot, lambda: view.page is MODULES and "mod" in grid(app), "the modules")
        await pilot.press("enter", "y")
        assert "\x1b" not in grid(app)
        assert app.is_running
    app.opened.close()


def test_a_module_that_taints_says_why() -> None:
    rows = TAINTS.rows(parse.read("mod -t", ANSWERS["mod -t"]))
    assert rows
    meaning = next(column for column in TAINTS.columns if column.heading == "MEANING")
    assert all("out of tree" in meaning.text(row) or "unsigned" in meaning.text(row) for row in rows)
