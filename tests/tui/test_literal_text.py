# SPDX-License-Identifier: Apache-2.0
"""Whatever a dump holds appears on the screen as it is, and no control character reaches the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.screens import app_on, grid, until, until_ready
from xcrash.tui.widgets.command_input import CommandInput

MARKUP = [
    "[ffff88012345] machine_kexec",
    "[kworker/0:1]",
    "[TAINTED]",
    "[ext4]",
    "[last unloaded: ext4]",
    "[<ffffffff8107a2c5>]",
    "[/proc/kcore]",
    "[@click=app.quit]x",
    "a \\[b] c",
    "$warning [b]bold[/b] [/]",
]
CONTROL = "a\x1b]0;TITLE\x07b\x1b[31mc\x9b32md\x00e\x7ff\u202eg"


def recording(directory: Path, comm: str, panic: str) -> Path:
    banner = (
        f'\r\n      KERNEL: vmlinux  [TAINTED]\r\n        CPUS: 1\r\n       PANIC: "{panic}"\r\n         PID: 1\r\n'
    )
    head = "    PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM"
    ps = f"{head}\r\n>     1       0   0  ffff880123456780  RU   0.0        0        0  {comm}\r\n"
    events = [
        [0.0, "o", f"\r\ncrash 9.0.2\r\n{banner}\r\ncrash> "],
        [0.1, "i", "ps\r"],
        [0.2, "o", f"{ps}crash> "],
        [0.3, "i", "log\r"],
        [0.4, "o", f"{comm}\r\n{panic}\r\ncrash> "],
    ]
    path = directory / "hostile.cast"
    lines = [{"version": 2, "width": 80, "height": 24}, *events]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("text", MARKUP)
async def test_markup_is_text(tmp_path: Path, text: str) -> None:
    app = app_on(recording(tmp_path, text, text))
    async with app.run_test(size=(160, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await until(pilot, lambda: text in grid(app), "overview")
        await pilot.press("3")
        await until(pilot, lambda: "1 tasks" in grid(app), "the task view")
        await until(pilot, lambda: text in grid(app), "tasks")
        await pilot.press("2")
        screen.query_one(CommandInput).value = "log"
        await pilot.press("enter")
        await until(pilot, lambda: "crash> log" in grid(app) and grid(app).count(text) >= 2, "the console")
        screen.notify(text, markup=False)
        await pilot.pause()
        assert app.is_running
    app.opened.close()


async def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path, CONTROL, CONTROL))
    async with app.run_test(size=(160, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        for key in ("1", "3", "2"):
            await pilot.press(key)
            await pilot.pause()
            assert not set(grid(app)) & set(map(chr, [*range(10), *range(11, 32), 127, *range(128, 160), 0x202E]))
        screen.query_one(CommandInput).value = "log"
        await pilot.press("enter")
        await until(pilot, lambda: "crash> log" in grid(app), "the console")
        assert "\x1b" not in grid(app) and "\x9b" not in grid(app)
    app.opened.close()
