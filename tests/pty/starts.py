# SPDX-License-Identifier: Apache-2.0
"""A fake crash that starts differently with different options, on a small dump, for everything above the session."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.pty.casts import Script
from tests.unit.images import builders
from xcrash.target import Choices
from xcrash.transcript import fakecrash


def choices(directory: Path, scripts: Mapping[str, Script], **more: object) -> Choices:
    """A dump, a vmlinux and a crash that plays the script whose key is among its arguments; "" is any other start.

    Its command lines go to ``directory``/started.
    """
    dump, vmlinux, crash = directory / "vmcore", directory / "vmlinux", directory / "crash"
    dump.write_bytes(builders.Kdump().build())
    vmlinux.write_bytes(builders.vmlinux().build())
    cases = []
    for number, (option, script) in enumerate(sorted(scripts.items(), reverse=True)):
        cast = script.write(directory / f"start-{number}.cast")
        play = shlex.join([sys.executable, "-I", "-S", str(fakecrash.__file__), str(cast)])
        cases.append(f"*{shlex.quote(f' {option} ' if option else '')}*) exec {play};;\n")
    log = shlex.quote(str(directory / "started"))
    crash.write_text(
        f'#!/bin/sh\n[ "$*" = --version ] && echo crash 8.0.2 && exit\necho "$*" >> {log}\n'
        f'case " $* " in\n{"".join(cases)}esac\n'
    )
    crash.chmod(0o755)
    return Choices(target=str(dump), vmlinux=str(vmlinux), crash=str(crash), **more)  # type: ignore[arg-type]


def started(directory: Path) -> list[str]:
    """What each start had beyond the plain command line, in order; "" for a plain one."""
    usual = {"--no_scroll", "--no_crashrc", "-e", "emacs"}
    lines = (directory / "started").read_text().splitlines()
    return [" ".join(word for word in line.split() if word not in usual and "/" not in word) for line in lines]
