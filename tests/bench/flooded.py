# SPDX-License-Identifier: Apache-2.0
"""The real terminal UI on a real pty, with a dump whose crash is ``flood``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.bench import flood
from tests.tui.screens import until
from tests.unit.images import builders
from xcrash.session import State
from xcrash.target import Choices, look_at
from xcrash.tui.app import XcrashApp


def choices_in(directory: Path) -> Choices:
    """Such a dump, made in ``directory``."""
    dump, vmlinux, crash = directory / "vmcore", directory / "vmlinux", directory / "crash"
    dump.write_bytes(builders.Kdump().build())
    vmlinux.write_bytes(builders.vmlinux().build())
    play = shlex.join([sys.executable, "-I", "-S", flood.__file__])
    crash.write_text(f'#!/bin/sh\n[ "$*" = --version ] && echo crash 9.0.2 && exit\nexec {play}\n')
    crash.chmod(0o755)
    return Choices(target=str(dump), vmlinux=str(vmlinux), crash=str(crash))


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[tuple[Pilot[Any], XcrashApp]]:
    """The app with crash at its prompt, at rest."""
    choices = choices_in(directory)
    app = XcrashApp(look_at(choices), choices)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.session_screen is not None and app.opened.session.was_ready, "the prompt")
            await until(pilot, lambda: app.opened.session.state is State.READY, "crash at rest")
            yield pilot, app
    finally:
        app.opened.close()
