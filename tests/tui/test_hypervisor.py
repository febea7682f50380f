# SPDX-License-Identifier: Apache-2.0
"""A session on a hypervisor: every view makes sense of it, with the keys that a kernel's views have."""

from __future__ import annotations

from pathlib import Path

from tests.tui.hypervisors import recording, script
from tests.tui.screens import app_on, grid, session_screen, until, until_ready
from tests.unit import hypervisor_samples as samples
from xcrash.tui.views.hypervisor import ConsoleLogView, VcpusView
from xcrash.tui.views_screen import HYPERVISOR_VIEWS


async def test_the_overview_has_the_picture_and_where_it_crashed(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path))
    async with app.run_test(size=(160, 48)) as pilot:
        await until_ready(pilot, app)
        await until(pilot, lambda: "Dom0 vcpu 1   crashed here" in grid(app), "the picture")
        await until(pilot, lambda: "Dom0 ended on the hypervisor's console" in grid(app), "its finding")
        text = grid(app)
        assert "PCPU 0, which ran Dom0 vcpu 1" in text
        assert "Xen 4.17.5" in text
        assert "vcpu 0 offline · vcpu 1 running on PCPU 0" in text
        assert "dom_io 32753, dom_xen 32754, idle 32767" in text
        assert "no answer from" not in text
        await pilot.press("enter")
        await until(pilot, lambda: "›2 Console" in grid(app), "the evidence in the console")
        await until(pilot, lambda: "Executing kexec image on cpu0" in grid(app), "the line of Xen")
    app.opened.close()


async def test_the_keys_of_a_kernels_views_show_those_of_a_hypervisor(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path))
    async with app.run_test(size=(160, 48)) as pilot:
        screen = await until_ready(pilot, app)
        for number, view in enumerate(HYPERVISOR_VIEWS, 1):
            await pilot.press(f"f{number + 1}", "escape")
            await until(pilot, lambda view=view: isinstance(screen.view, view), view.TITLE)  # type: ignore[misc]
            assert f"›{number} {view.TITLE}" in grid(app).splitlines()[0]
        await pilot.press("f6")
        await until(pilot, lambda: "129 MB" in grid(app) and "640 MB" in grid(app), "the domains")
        await pilot.press("f7")
        await until(pilot, lambda: "0xffff83004fcb1000" in grid(app), "the physical CPUs")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "SMP Credit Scheduler rev2" in grid(app), "the scheduler")
    app.opened.close()


async def test_the_vcpus_have_their_structures_beside_them(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path))
    async with app.run_test(size=(160, 48)) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("3")
        view = screen.query_one(VcpusView)
        await until(pilot, lambda: len(view.shown_list.table.rows) == 5, "the list")
        await pilot.press("end", "up")
        await until(pilot, lambda: "Dom0 vcpu 1  0xffff83004fcb1000  PCPU 0  running" in grid(app), "the headline")
        await until(pilot, lambda: "singleshot_timer" in grid(app), "its structure")
        assert "0xffff82d04024c3f0 <vcpu_singleshot_timer_fn>" in grid(app)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: view.pane.command == "domain ffff83004fdd2000", "that of its domain")
        await pilot.press("tab")
        await until(pilot, lambda: view.pane.has_focus_within, "in it")
        await pilot.press("escape", "slash", *"domu", "enter")
        await until(pilot, lambda: len(view.shown_list.table.rows) == 1, "those of DomUs")
        await pilot.press("escape")
        await pilot.press("e")
        await until(pilot, lambda: "›2 Console" in grid(app), "the evidence")
    app.opened.close()


async def test_enter_opens_the_pane_on_a_small_terminal(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("3")
        view = screen.query_one(VcpusView)
        await until(pilot, lambda: len(view.shown_list.table.rows) == 5, "the list")
        assert not view.pane.display
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: view.pane.has_focus_within and "processor" in grid(app), "its structure")
        await pilot.press("v")
        await until(pilot, lambda: not view.pane.display, "closed")
    app.opened.close()


async def test_its_log_is_the_console_with_the_stamps_of_xen(tmp_path: Path) -> None:
    app = app_on(recording(tmp_path, samples.SICK_LOG))
    async with app.run_test(size=(160, 48)) as pilot:
        screen = await until_ready(pilot, app)
        await pilot.press("4")
        view = screen.query_one(ConsoleLogView)
        await until(pilot, lambda: view.source.lines is not None and view.text.size.height > 0, "the log")
        await until(pilot, lambda: "(XEN) d1v0 Over-allocation" in grid(app), "its lines")
        text = grid(app)
        assert "145.275463 crit?  (XEN) Hardware Dom0 crashed" in text
        await until(pilot, lambda: "! Xen out of memory" in grid(app), "the list of what happened")
        assert "—" in text, "a line without a time is said to have none"
        await pilot.press("l", "l")
        await until(pilot, lambda: len(view.source.rows) == 2, "errors and worse")
    app.opened.close()


async def test_a_recording_without_answers_says_so(tmp_path: Path) -> None:
    made = script()
    del made._events[2:]
    app = app_on(made.write(tmp_path / "bare.cast"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        for number in range(1, 8):
            await pilot.press(f"f{number + 1}", "escape", "enter", "e", "down", "r", "y", "escape")
        await pilot.press("1")
        await until(pilot, lambda: "no answer from log of Xen" in grid(app), "what is not known")
        screen.reset_views()
        assert app.is_running and app._exception is None
    assert session_screen(app) is screen
    app.opened.close()
