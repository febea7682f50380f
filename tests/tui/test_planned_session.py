# SPDX-License-Identifier: Apache-2.0
"""The overview of a session that was planned: why it was started so, the files with their roles, the Xen picture."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.trees import debian12_xen, sles12_sp1_xen
from tests.tui.screens import DEMO, grid, until_ready
from tests.unit.images import builders
from xcrash.target import Choices, Target, survey
from xcrash.transcript import fakecrash
from xcrash.tui.app import XcrashApp
from xcrash.tui.session_screen import SessionScreen
from xcrash.tui.widgets.panel import SectionPanel

Shown = Callable[[Target, Choices], AbstractAsyncContextManager[tuple[SessionScreen, str]]]


@pytest.fixture
def crash(tmp_path: Path) -> str:
    """A fake crash that plays the bundled recording."""
    program = tmp_path / "crash"
    command = shlex.join([sys.executable, "-I", "-S", str(fakecrash.__file__), str(DEMO)])
    program.write_text(f"#!/bin/sh\nexec {command}\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def shown() -> Shown:
    """The overview on a screen so tall that all of it is to be seen."""

    @asynccontextmanager
    async def open_app(target: Target, choices: Choices) -> AsyncIterator[tuple[SessionScreen, str]]:
        app = XcrashApp(target, choices)
        try:
            async with app.run_test(size=(160, 120)) as pilot:
                screen = await _ready(pilot, app)
                yield screen, grid(app)
        finally:
            app.opened.close()

    return open_app


async def _ready(pilot: Pilot[None], app: XcrashApp) -> SessionScreen:
    screen = await until_ready(pilot, app)
    await pilot.pause()
    return screen


async def test_a_dump_shows_its_plan_and_its_files(tmp_path: Path, crash: str, shown: Shown) -> None:
    dump = tmp_path / "vmcore"
    dump.write_bytes(builders.core().build())
    (tmp_path / "vmlinux").write_bytes(builders.vmlinux().build())
    choices = Choices(target=str(dump), crash=crash)
    async with shown(survey(choices), choices) as (_, text):
        assert "its build-id is equal; it lies beside the dump" in text
        assert "Plan   xcrash plan" in text and "Images   xcrash images" in text
        assert f"used; build-id {builders.BUILD_ID.hex()}" in text


async def test_a_live_dom0_shows_the_picture_and_where_parameters_are_changed(
    tmp_path: Path, crash: str, shown: Shown
) -> None:
    tree = sles12_sp1_xen(tmp_path / "root")
    choices = Choices(root=str(tree.root), crash=crash)
    async with shown(survey(choices), choices) as (screen, text):
        assert screen.opened.plan is not None and screen.opened.plan.mode == "live"
        for words in (
            "Xen 4.5.1_10-1",
            "Dom0, the privileged domain",
            "SLES 12-SP1, with Xen hypervisor",
            "dom0_max_vcpus",
            "/etc/default/grub",
            "grub2-mkconfig -o /boot/grub2/grub.cfg",
            "insmod /lib/modules/3.12.49-6-xen/updates/crash.ko",
            "xen-syms-debug",
            "CONFIG_STRICT_DEVMEM=y limits /dev/mem",
        ):
            assert words in text, words


async def test_a_modern_pv_dom0_without_the_lens_is_warned(tmp_path: Path, crash: str, shown: Shown) -> None:
    tree = debian12_xen(tmp_path / "root")
    choices = Choices(root=str(tree.root), crash=crash, lens="off")
    async with shown(survey(choices), choices) as (screen, text):
        (warnings,) = (panel.section for panel in screen.query(SectionPanel) if panel.section.name == "warnings")
        assert any("no released crash can translate" in row.value for row in warnings.rows)
        assert "Warnings" in text
