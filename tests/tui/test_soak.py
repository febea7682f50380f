# SPDX-License-Identifier: Apache-2.0
"""Two thousand keys, whichever come: the program goes on, and takes no more threads, descriptors and memory."""

from __future__ import annotations

import gc
import random
import shutil
import threading
from pathlib import Path

import pytest

from tests.tui.screens import DEMO, app_on, until, until_ready
from xcrash.tui.actions.registry import GROUPS
from xcrash.tui.app import XcrashApp

KEYS = 2000
SEED = 20261124
_NEVER = ("ctrl+q",)


def every_key() -> list[str]:
    """The keys of all actions, and some that only a prompt takes."""
    keys = {key.strip() for group in GROUPS for action in group.actions for key in action.keys.split(",")}
    return sorted((keys | set("abxq0 -'[]") | {"tab", "shift+tab", "backspace", "delete", "ctrl+p"}) - set(_NEVER))


def resident() -> int:
    """Bytes of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def descriptors() -> int:
    """Open file descriptors of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def _stays(_: XcrashApp) -> None:
    """Nobody leaves before the last key."""


async def test_two_thousand_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(XcrashApp, "action_quit", _stays)  # the palette offers it, and keys find the palette
    chance = random.Random(SEED)  # noqa: S311 - the same keys each time
    keys = every_key()
    app = app_on(Path(shutil.copy(DEMO, tmp_path / "demo.cast")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_ready(pilot, app)
        measured = []
        for number in range(KEYS):
            await pilot._wait_for_screen(timeout=60)
            app.simulate_key(chance.choice(keys))
            if number % 10 == 0:
                await pilot.pause()
            if number in (KEYS // 2, KEYS - 1):
                gc.collect()
                measured.append((threading.active_count(), descriptors(), resident()))
            assert app.is_running, f"it ended at key {number}"
        (threads, files, memory), (threads_after, files_after, memory_after) = measured
        assert threads_after <= threads + 8
        assert files_after <= files + 8
        assert memory_after <= memory + (64 << 20)
        await until(pilot, lambda: app.is_running, "it still runs")
    if app.has_session:
        app.opened.close()
