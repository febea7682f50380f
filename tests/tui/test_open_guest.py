# SPDX-License-Identifier: Apache-2.0
"""From the domains of a hypervisor to a guest of it: the dump is opened again, with a view more."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.processes import exists
from tests.pty import test_guests as guests
from tests.pty import views as xen
from tests.pty.casts import PS, Script
from tests.tui import hypervisors
from tests.tui.screens import app_on, grid, until, until_ready
from xcrash.session import State
from xcrash.target import Choices, survey_views
from xcrash.tui.app import XcrashApp
from xcrash.tui.messages import CommandEntered
from xcrash.tui.sections_page import SectionsPage
from xcrash.tui.widgets.question_dialog import QuestionDialog

DOM0 = Script().command("ps", PS)


def on_dump(directory: Path, hypervisor: Script, dom0: Script = DOM0) -> tuple[XcrashApp, Choices]:
    choices = guests.choices(directory, hypervisor, dom0=dom0, view="auto")
    return XcrashApp(survey_views(choices), choices), choices


async def at_domains(pilot: Pilot[None], app: XcrashApp, row: str) -> None:
    """Both views are ready, the domains are shown, the cursor is on one of them."""
    await until_ready(pilot, app)
    assert app.crash is not None
    hypervisor = app.crash.screens["xen"]
    await until(pilot, lambda: hypervisor.opened.session.state is State.READY, "the hypervisor's view")
    await pilot.press("X")
    await until(pilot, lambda: app.screen is hypervisor, "it on the screen")
    await pilot.press("5")
    await until(pilot, lambda: row in grid(app) and "P2M_MFN" in grid(app), "the domains")
    await pilot.press("end" if row == "DomU 1" else "home")


async def test_a_guest_is_opened_beside_the_views_there_are(tmp_path: Path) -> None:
    app, _ = on_dump(tmp_path, Script(xen.XEN_STARTUP).command("doms", guests.DOMS))
    async with app.run_test(size=(150, 44), notifications=True) as pilot:
        await at_domains(pilot, app, "DomU 1")
        before = [pid for pid, _ in xen.started(tmp_path)]
        assert len(before) == 2
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, QuestionDialog) and "DomU 1" in grid(app), "the question")
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, QuestionDialog), "the domains again")
        assert [pid for pid, _ in xen.started(tmp_path)] == before and all(map(exists, before))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, QuestionDialog), "the question again")
        await pilot.press("y")
        await until(pilot, lambda: "›DomU  Dom0  Xen" in grid(app), "three views")
        assert not any(map(exists, before)), "a crash of before is still there"
        await until_ready(pilot, app)
        assert app.opened.plan and app.opened.plan.argv[1:3] == ("--p2m_mfn", f"{guests.FRAME:#x}")
        assert "as the hypervisor's view lists it in doms" in app.choices.p2m_from
        assert app._exception is None
    app.close()
    assert not any(exists(pid) for pid, _ in xen.started(tmp_path))


async def test_a_guest_that_cannot_be_opened_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Its frame is one in which the dump has no list of frames."""
    app, _ = on_dump(tmp_path, Script(xen.XEN_STARTUP).command("doms", xen.DOMS))
    async with app.run_test(size=(150, 44), notifications=True) as pilot:
        await at_domains(pilot, app, "DomU 1")
        screen, before = app.screen, [pid for pid, _ in xen.started(tmp_path)]
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, QuestionDialog), "the question")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, SectionsPage) and "0x12965" in grid(app), "why not")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the domains again")
        assert [pid for pid, _ in xen.started(tmp_path)] == before and all(map(exists, before))
        assert app.is_running and app.failure is None
    app.close()


async def test_what_would_be_cut_off_is_named(tmp_path: Path) -> None:
    dom0 = Script().command("ps", PS).asked("foreach bt").says("PID: 1\r\n").says("never", after=1000.0)
    app, _ = on_dump(tmp_path, Script(xen.XEN_STARTUP).command("doms", guests.DOMS), dom0)
    async with app.run_test(size=(150, 44), notifications=True) as pilot:
        await at_domains(pilot, app, "DomU 1")
        assert app.session_screen is not None
        app.session_screen.post_message(CommandEntered("foreach bt"))
        await until(pilot, lambda: app._busy_with() is not None, "the command")
        await pilot.press("o")
        await until(pilot, lambda: "still works on foreach bt" in grid(app), "the question")
        await pilot.press("n")
    app.close()


@pytest.mark.parametrize(
    ("doms", "row", "words"),
    [(guests.DOMS.replace("    9  ", "    0  "), "DomU 1", "guest 1 has no P2M_MFN"), (guests.DOMS, "Dom0", "")],
)
async def test_a_domain_without_a_list_of_frames_is_refused_and_dom0_is_there(
    tmp_path: Path, doms: str, row: str, words: str
) -> None:
    app, _ = on_dump(tmp_path, Script(xen.XEN_STARTUP).command("doms", doms))
    async with app.run_test(size=(150, 44), notifications=True) as pilot:
        await at_domains(pilot, app, row)
        await pilot.press("o")
        if words:
            await until(pilot, lambda: words in grid(app), "why not")
        else:
            await until(pilot, lambda: "›Dom0" in grid(app), "its view")
        assert len(xen.started(tmp_path)) == 2
    app.close()


async def test_a_recording_has_no_guest_to_open(tmp_path: Path) -> None:
    app = app_on(hypervisors.recording(tmp_path))
    async with app.run_test(size=(150, 44), notifications=True) as pilot:
        await until_ready(pilot, app)
        await pilot.press("5")
        await until(pilot, lambda: "P2M_MFN" in grid(app) and "DomU 1" in grid(app), "the domains")
        await pilot.press("slash", *"DomU 1", "enter", "o")
        await until(pilot, lambda: "shows the views that were recorded" in grid(app), "why not")
    app.close()
