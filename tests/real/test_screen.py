# SPDX-License-Identifier: Apache-2.0
"""The terminal UI on a real dump with the real crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.paths import Lab
from tests.processes import named
from tests.tui.screens import grid, until, until_ready
from xcrash.session import State
from xcrash.target import Choices, look_at, survey_views
from xcrash.transcript.recording import read_recording
from xcrash.tui.app import XcrashApp
from xcrash.tui.widgets.command_input import CommandInput

pytestmark = pytest.mark.real


async def test_a_dump_from_its_headers_to_an_interrupted_command(lab: Lab, workdir: Path) -> None:
    choices = Choices(target=str(lab.dump("panic").path), vmlinux=str(lab.vmlinux), crash=str(lab.default_crash))
    app = XcrashApp(look_at(choices), choices)
    async with app.run_test(size=(140, 50), notifications=True) as pilot:
        await until(pilot, lambda: lab.build_id in grid(app), "who the dump is, while crash is loading")
        assert app.opened.session.state is State.STARTING
        await until(pilot, lambda: "reading debug info" in grid(app), "a phase of the start")
        screen = await until_ready(pilot, app)
        banner, tasks = screen.bench.banner, screen.bench.tasks
        assert banner is not None and tasks is not None
        assert banner.tasks == len(tasks.tasks)
        await until(pilot, lambda: "sysrq triggered crash" in grid(app), "the panic on the overview")
        await until(pilot, lambda: f"{lab.build_id}  equal" in grid(app), "the build-ids compared")
        session = app.opened.session
        # What the overview asks for last: a command that has to give way to the user's would be interrupted, too.
        await until(pilot, lambda: screen.bench.answers.latest("log") is not None, "the panels")
        await pilot.press("2")
        prompt = screen.query_one(CommandInput)
        await until(pilot, lambda: prompt.has_focus, "the prompt")
        # It has no end of its own: nothing but the key can end it, however slow the machine is.
        prompt.value = "repeat p 1"
        await pilot.press("enter")
        await until(pilot, lambda: session.state is State.BUSY, "the command runs")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: session.results[-1].command == "repeat p 1", "its end")
        assert session.results[-1].exit == "interrupted"
        prompt.value = "p 40+2"
        await pilot.press("enter")
        await until(pilot, lambda: " = 42" in grid(app), "the next answer")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: session.gone is not None, "crash is gone")
    app.opened.close()
    assert list(workdir.iterdir()) == []
    assert app.opened.recording is not None
    commands = [exchange.command for exchange in read_recording(Path(app.opened.recording)).exchanges]
    assert commands[-3:] == ["repeat p 1", "p 40+2", "q"]
    assert "ps" in commands, "what the overview asked for is recorded too"


async def test_every_view_is_filled_from_the_real_crash(lab: Lab, workdir: Path) -> None:
    choices = Choices(
        target=str(lab.dump("hung-task-6.12").path), vmlinux=str(lab.vmlinux), crash=str(lab.default_crash)
    )
    app = XcrashApp(look_at(choices), choices)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        screen = await until_ready(pilot, app)
        await until(pilot, lambda: "hung task in the log" in grid(app), "a finding")
        await pilot.press("4")
        await until(pilot, lambda: "panic: hung_task: blocked tasks" in grid(app), "the incident")
        await until(pilot, lambda: "emerg" in grid(app), "the severity, as log -m has it")
        await pilot.press("5")
        await until(pilot, lambda: "TOTAL SWAP" in grid(app), "kmem -i")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until(pilot, lambda: "kernfs_node_cache" in grid(app), "kmem -s")
        await pilot.press("6")
        await until(pilot, lambda: "virtio_net" in grid(app), "mod")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "tmpfs" in grid(app), "mount")
        await pilot.press("7")
        await until(pilot, lambda: "kmem -s" in grid(app), "the timeline")
        failed = [result.command for result in screen.opened.session.results if result.exit not in ("ok", "error")]
        assert failed == []
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.opened.session.gone is not None, "crash is gone")
    app.opened.close()
    assert list(workdir.iterdir()) == []


async def test_a_guest_is_opened_from_the_domains_of_its_machine(lab: Lab, workdir: Path) -> None:
    dump = lab.root / "xen-dump/dom0-panic/dom0-panic.vmcore"
    choices = Choices(target=str(dump), crash=str(lab.crash_version("8.0.6").path))
    app = XcrashApp(survey_views(choices), choices)
    async with app.run_test(size=(150, 44), notifications=True) as pilot:
        await until_ready(pilot, app)
        await pilot.press("X")
        await until(pilot, lambda: "›Xen" in grid(app), "the hypervisor's view")
        await until(pilot, lambda: "Xen 4.17" in grid(app), "it ready")
        await pilot.press("5")
        await until(pilot, lambda: "DomU 1" in grid(app), "the domains")
        await pilot.press("slash", *"DomU 1", "enter", "o")
        await until(pilot, lambda: "DomU 1" in grid(app) and "y opens it" in grid(app), "the question")
        await pilot.press("y")
        await until(pilot, lambda: app.crash is not None and "domU" in app.crash.screens, "three views")
        assert app.crash is not None
        guest, around = app.crash.screens["domU"], app.crash.around
        # crash 8.0.6 cannot start on a kernel that idled; that it is this guest's kernel is known by then.
        await until(pilot, lambda: "domU" in around.problems, "why crash does not start on it")
        assert "--minimal" in around.problems["domU"]
        assert guest.opened.plan is not None and guest.opened.plan.argv[1] == "--p2m_mfn"
        await until_ready(pilot, app)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: all(one.opened.session.gone for one in app.crash.screens.values()), "the ends")  # type: ignore[union-attr]
    app.close()
    assert list(workdir.iterdir()) == []
    assert list(named(str(dump))) == []
