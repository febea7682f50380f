# SPDX-License-Identifier: Apache-2.0
"""Both views of one crash: Dom0 and its hypervisor side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec.structs import replace
from textual.pilot import Pilot

from tests.pty.casts import Script
from tests.tui import hypervisors
from tests.tui.screens import grid, until, until_ready
from tests.unit import hypervisor_samples as samples
from xcrash.session import State
from xcrash.target import Choices, Target, look_at
from xcrash.tui.app import XcrashApp
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.views.log import LogView
from xcrash.tui.views.tasks import TasksView
from xcrash.tui.widgets.panel import SectionPanel

CHOICES = Choices(speed=0.0)


def targets(dom0: Path, xen: Path) -> list[Target]:
    """Both recordings as views of one crash."""
    found = (look_at(Choices(target=str(path))) for path in (dom0, xen))
    return [replace(target, view=view) for target, view in zip(found, ("dom0", "xen"), strict=True)]


def xen_panel(screen: SessionScreen) -> SectionPanel:
    """The panel of the hypervisor in an overview."""
    return next(one for one in screen.query(SectionPanel) if one.section.name == "xen")


@asynccontextmanager
async def both(
    directory: Path, size: tuple[int, int] = (160, 48), log: str = samples.SICK_LOG, offset: str = hypervisors.OFFSET
) -> AsyncIterator[tuple[Pilot[None], XcrashApp, SessionScreen, SessionScreen]]:
    """The app on both views, everything in them read."""
    app = XcrashApp(
        targets(hypervisors.dom0_recording(directory, offset), hypervisors.recording(directory, log)), CHOICES
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        assert app.crash is not None
        xen = app.crash.screens["xen"]

        def settled() -> bool:
            play = xen.bench.play
            return xen.opened.session.state is State.READY and play is not None and play.over and not play.running

        await until(pilot, settled, "the hypervisor's view ready")
        yield pilot, app, screen, xen
        assert app._exception is None
    app.close()


async def test_one_key_goes_from_view_to_view_and_back(tmp_path: Path) -> None:
    async with both(tmp_path) as (pilot, app, screen, xen):
        assert app.screen is screen
        assert grid(app).splitlines()[0].endswith("›Dom0  Xen")
        await pilot.press("X")
        await until(pilot, lambda: app.screen is xen and "›Xen" in grid(app), "the hypervisor's view")
        assert "3 Vcpus" in grid(app).splitlines()[0]
        await pilot.press("4")
        await until(pilot, lambda: "(XEN) d1v0 Over-allocation" in grid(app), "its own log")
        await pilot.press("f9")
        await until(pilot, lambda: app.screen is screen and "›Dom0" in grid(app), "back")
        await pilot.press("2", "escape")
        await until(pilot, lambda: "›2 Console" in grid(app), "the console of Dom0")
        await pilot.press("X")
        await until(pilot, lambda: "›4 Xen log" in grid(app), "where it was left")
        line = grid(app).splitlines()[0]
        await pilot.click("#tabs", offset=(line.index("Dom0"), 0))
        await until(pilot, lambda: app.screen is screen, "a click on its name")


async def test_the_overview_of_dom0_has_the_picture_of_the_hypervisor(tmp_path: Path) -> None:
    async with both(tmp_path) as (pilot, app, screen, xen):
        await until(pilot, lambda: "Dom0 vcpu 1   crashed here" in grid(app), "the picture")
        await until(pilot, lambda: "Dom0 ended on the hypervisor's console" in grid(app), "its finding")
        panel = xen_panel(screen)
        panel.focus()
        labels = [row.label for row in panel.section.rows]
        panel.cursor = labels.index("DomU 1")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is xen and "›2 Console" in grid(app), "its evidence in Xen's console")
        await until(pilot, lambda: "ffff83004ff7d000" in grid(app), "the line of doms")


async def test_a_vcpu_of_dom0_leads_to_the_task_that_ran_on_it(tmp_path: Path) -> None:
    async with both(tmp_path) as (pilot, app, screen, xen):
        panel = xen_panel(screen)
        await until(pilot, lambda: any(row.label == "PCPU 0" for row in panel.section.rows), "the picture")
        panel.focus()
        panel.cursor = [row.label for row in panel.section.rows].index("PCPU 0")
        await pilot.press("enter")
        view = screen.query_one(TasksView)
        await until(pilot, lambda: "›3 Tasks" in grid(app) and view.pane.has_focus_within, "the tasks")
        await until(pilot, lambda: "sysrq_handle_crash" in grid(app), "its stack")
        assert 'PID 228 "sh"' in grid(app)
        assert "active on CPU 1, which is vcpu 1 of Dom0" in grid(app)
        await pilot.press("X", "3")
        await until(pilot, lambda: app.screen is xen and "›3 Vcpus" in grid(app), "the vcpus")
        await until(pilot, lambda: "0xffff83004fcb1000" in grid(app), "their table")
        await pilot.press("home", "down", "down", "enter")
        await until(pilot, lambda: app.screen is screen and "swapper/0" in grid(app), "the task of the other one")
        await until(pilot, lambda: "active on CPU 0, which is vcpu 0 of Dom0" in grid(app), "why it is this one")
        await pilot.press("escape", "X")
        await until(pilot, lambda: app.screen is xen, "the vcpus again")
        await pilot.press("end", "enter")
        await until(pilot, lambda: xen.focused is not None and xen.focused.id == "vcpu-vcpu", "one of a DomU: itself")


async def test_one_key_puts_the_console_of_xen_into_the_log_of_dom0(tmp_path: Path) -> None:
    async with both(tmp_path) as (pilot, app, screen, xen):
        await pilot.press("4")
        view = screen.query_one(LogView)
        await until(pilot, lambda: view.source.lines is not None and view.text.size.height > 0, "the log")
        await until(pilot, lambda: "Kernel panic" in (view.copied() or ""), "at the panic")
        await pilot.press("m")
        await until(pilot, lambda: "52.572221 err?   (XEN) d1v0 Over-allocation" in grid(app), "both")
        await until(pilot, lambda: "up to 0.68 s off" in grid(app), "what to know of the times")
        assert "Kernel panic" in (view.copied() or ""), "the cursor stays on its line"
        await pilot.press("g")
        await until(pilot, lambda: "-0.194391        (XEN) Freed 668kB" in grid(app), "seconds before Dom0 began")
        await pilot.press("end")
        await until(pilot, lambda: "line 28 of Xen's console" in grid(app), "whose line it is")
        assert "136.597684 crit?  (XEN) Hardware Dom0 crashed" in grid(app)
        await pilot.press("e")
        await until(pilot, lambda: app.screen is xen and "Shot down all CPUs" in grid(app), "its evidence")
        await pilot.press("X")
        await until(pilot, lambda: app.screen is screen, "back")
        await pilot.press("m")
        await until(pilot, lambda: "(XEN)" not in grid(app), "Dom0 alone")
        assert "Kernel Offset" in (view.copied() or ""), "the line before that of Xen"


async def test_without_the_offset_no_time_is_made_up(tmp_path: Path) -> None:
    refused = 'No symbol "xen_sched_clock_offset" in current context.\n'
    async with both(tmp_path, offset=refused) as (pilot, app, screen, _xen):
        await pilot.press("4", "m")
        view = screen.query_one(LogView)
        await until(pilot, lambda: "— (XEN) [" not in grid(app) and "(XEN) Xen version" in grid(app), "both")
        await pilot.press("end")
        await until(pilot, lambda: "(XEN) [  145.275463] Hardware Dom0 crashed" in grid(app), "Xen's own stamp is left")
        why = "by how much Xen's clock is ahead of Dom0's is not known"
        await until(pilot, lambda: why in grid(app).splitlines()[-3], "why")
        lines = view.source.lines
        assert lines is not None
        assert all(lines.line(at).seconds is None for at in range(len(lines)) if lines.line(at).xen)


async def test_a_view_that_could_not_be_opened_is_told_where_it_would_be(tmp_path: Path) -> None:
    dom0, xen = targets(hypervisors.dom0_recording(tmp_path), hypervisors.recording(tmp_path))
    # A dump without crash to open it: it is refused when the sessions are prepared.
    refused = Target(kind="dump", path=xen.path, view="xen")
    app = XcrashApp([dom0, refused], CHOICES)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await until(pilot, lambda: "Xen!" in grid(app).splitlines()[0], "the sign")
        panel = xen_panel(screen)
        await until(pilot, lambda: bool(panel.section.rows), "the reason")
        assert "the crash utility is not installed" in panel.section.rows[0].value
        why = "the crash utility is not installed"
        before = _told(app, why)
        await pilot.press("X")
        await until(pilot, lambda: _told(app, why) == before + 1, "why there is no other view")
        await pilot.press("4", "m")
        await until(pilot, lambda: _told(app, why) == before + 2, "why there is no console of Xen")
    app.close()


async def test_a_view_whose_crash_does_not_start_gives_way_to_the_other(tmp_path: Path) -> None:
    dying = Script("crash: cannot determine base kernel version\r\n", prompt="").exits(1).write(tmp_path / "dying.cast")
    dom0, xen = targets(dying, hypervisors.recording(tmp_path))
    app = XcrashApp([dom0, xen], CHOICES)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        assert app.crash is not None
        other, failed = app.crash.screens["xen"], app.crash.screens["dom0"]
        await until(pilot, lambda: app.screen is other and "›Xen" in grid(app), "the other view")
        assert "Dom0!" in grid(app).splitlines()[0]
        assert _told(app, "crash did not start on Dom0; its view (X)") == 1
        await pilot.press("X")
        await until(pilot, lambda: app.screen is failed, "the failure")
        await until(pilot, lambda: "what" in grid(app) and "cannot determine base kernel" in grid(app), "its reason")
        await pilot.press("f9")
        await until(pilot, lambda: app.screen is other, "the other again")
        assert app.failure is None, "one of them is open"
    app.close()


def _told(app: XcrashApp, words: str) -> int:
    """How many notifications have these words."""
    return sum(words in one.message for one in app._notifications)
