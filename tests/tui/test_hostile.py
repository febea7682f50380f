# SPDX-License-Identifier: Apache-2.0
"""A dump whose every name is markup, control sequences, wide and combining characters, through every view."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui import hypervisors
from tests.tui.screens import DEMO, app_on, grid, until, until_ready
from tests.tui.test_crash_views import CHOICES, targets
from tests.unit import hypervisor_samples as samples
from xcrash.tui.app import XcrashApp
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.views.paged import PagedView

NAMES = re.compile(
    r"(?<![\w/.-])(?:init|kthreadd|virtio_blk|bridge|qemu_fw_cfg|Normal|dentry|tmpfs|proc|loop0|dummy0|eth0|timer"
    r"|sysrq_handle_crash|hrtimer_wakeup|detected|capacity|dom0lab|Debian|inode_cache|rcu_sched)(?![\w/.-])"
)
HOSTILE = (
    "[red]R[/]",
    "[@click=app.quit]Q",
    "\x1b]0;TITLE\x07t",
    "\x1b[31mc\x9b2Jd",
    "\u202eRTL\u2066",
    "\u6f22\u5b57\U0001f525",
    "e\u0301\u0302\u0303" * 3,
    "\u200bz\ufeffw",
    "$(reboot)",
    "';!reboot;#",
    "../../etc/x",
    "{0}%s%n",
)
FORBIDDEN = set(map(chr, [*range(10), *range(11, 32), 127, *range(128, 160), 0x202E, 0x2066]))
LONG = "x[b]" * 25_000


def hostile(directory: Path) -> Path:
    """The demo with every well-known name replaced, and one line of 100,000 characters."""
    at = iter(range(1 << 30))
    lines = []
    for line in DEMO.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if isinstance(event, list) and event[1] == "o":
            event[2] = NAMES.sub(lambda _: HOSTILE[next(at) % len(HOSTILE)], event[2])
            event[2] = event[2].replace("Hardware name: ", f"Hardware name: {LONG}")
        lines.append(json.dumps(event))
    path = directory / "hostile.cast"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def clean(app: XcrashApp, where: str) -> None:
    """Nothing that a terminal would obey is on the screen."""
    text = grid(app)
    found = set(text) & FORBIDDEN
    assert not found, f"{where}: {found!r}"
    assert all("title" not in node.tooltip for node in app.screen.query("*") if isinstance(node.tooltip, str)), where


async def through(pilot: Pilot[None], app: XcrashApp, screen: SessionScreen) -> str:
    """Look at every page of every view, at its end, and at what Enter leads to; gives all that was seen."""
    seen = []
    for number, view in enumerate(screen.views, 1):
        kind = type(view)
        await pilot.press(f"f{number + 1}", "escape")
        await until(pilot, lambda name=kind.NAME: screen.view is not None and name == screen.view.NAME, kind.TITLE)  # type: ignore[misc]
        pages = len(kind.TABLES) + 1 if issubclass(kind, PagedView) else 1
        for page in range(pages):
            for key in ("home", "down", "end", "up"):
                await pilot.press(key)
                clean(app, f"{kind.TITLE} {page} {key}")
                seen.append(grid(app))
            if issubclass(kind, PagedView):
                await pilot.press("right_square_bracket")
    return "\n".join(seen)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_hostile_names_stay_text_in_every_view(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(hostile(tmp_path))
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        seen = await through(pilot, app, screen)
        assert "[red]R[/]" in seen
        assert "[@click=app.quit]Q" in seen
        assert "$(reboot)" in seen
        assert app.is_running and not app._exception
        assert "TITLE" not in (app.title + app.sub_title)
    app.opened.close()


async def test_enter_on_a_hostile_row_sends_no_name_of_it(tmp_path: Path) -> None:
    app = app_on(hostile(tmp_path))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        before = len(screen.opened.session.results)
        for view in ("f4", "f6", "f7"):
            for _ in range(13):
                await pilot.press(view, "escape", "right_square_bracket", "down", "enter")
                clean(app, view)
                await pilot.press("escape")
        await app.workers.wait_for_complete()
        sent = [result.command for result in screen.opened.session.results[before:]]
        assert all(re.fullmatch(r"[A-Za-z0-9_+.\- ]*", command) for command in sent), sent
        assert app.is_running
    app.opened.close()


def hostile_hypervisor(directory: Path) -> Path:
    """A hypervisor whose console, scheduler and structures are full of such names, and which panicked with one."""
    said = "".join(f"(XEN) [  100.00000{at % 10}] {text} ERROR\n" for at, text in enumerate((*HOSTILE, LONG)))
    panic = f"(XEN) [  189.000000] Panic on CPU 1:\n(XEN) {HOSTILE[0]}{HOSTILE[1]}{HOSTILE[3]}\n(d1) {HOSTILE[2]}\n"
    domain = (
        samples.DOMS + f"      7 ffff83004ff7d000 {HOSTILE[0]} U   8100     8000     1  ffff83004ff7c000       12965\n"
    )
    struct = hypervisors.STRUCT.replace("vcpu_singleshot_timer_fn", "[@click=app.quit]Q").replace(
        "state = 0", f'name = "{HOSTILE[0]}{HOSTILE[3]}"'
    )
    made = hypervisors.script(
        samples.LOG + said + panic, doms=domain, sched=f"Scheduler name : {HOSTILE[0]}{HOSTILE[1]}{HOSTILE[3]}\n"
    )
    made.command("vcpu ffff83004fcb5000", hypervisors.terminal(struct))
    return made.write(directory / "xen.cast")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_hostile_hypervisor_stays_text_in_its_views_and_in_those_of_dom0(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = XcrashApp(targets(hypervisors.dom0_recording(tmp_path), hostile_hypervisor(tmp_path)), CHOICES)
    async with app.run_test(size=size, notifications=True) as pilot:
        dom0 = await until_ready(pilot, app)
        assert app.crash is not None
        xen = app.crash.screens["xen"]
        await until(pilot, lambda: xen.bench.answers.value("log") is not None, "the console")
        await pilot.press("4", "m")
        await until(pilot, lambda: "(XEN)" in grid(app), "both logs")
        for key in ("home", "end", "up", "i", "escape", "pageup", "y"):
            await pilot.press(key)
            clean(app, f"both logs {key}")
        seen = [await through(pilot, app, dom0)]
        await pilot.press("X")
        await until(pilot, lambda: app.screen is xen, "the hypervisor")
        seen.append(await through(pilot, app, xen))
        await pilot.press("3", "home", "down", "down", "v", "tab", "end", "tab")
        clean(app, "a vcpu")
        text = "\n".join(seen)
        assert "[red]R[/]" in text and "[@click=app.quit]Q" in text
        assert app.is_running and not app._exception
        assert "TITLE" not in (app.title + app.sub_title)
    app.close()
