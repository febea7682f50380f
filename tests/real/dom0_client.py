# SPDX-License-Identifier: Apache-2.0
"""The Dom0 of the lab as one of its users has it: an ssh that knows it, and what a session may have left there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.lab.dom0.machine import Running

_LONGEST = 600.0
_MOUNTS = "cat /proc/[0-9]*/mountinfo 2>/dev/null | awk '$5 ~ /kcore/ || / - fuse/' | sort -u"
_NAMESPACES = "readlink /proc/[0-9]*/ns/mnt 2>/dev/null | sort -u"
CRASH_PID = "pgrep -f '/opt/[c]rash-[0-9.]+/crash .*vmlinux'"
"""The lab's crash is run by the dynamic loader it came with, whose name it has. One that is only asked for its version
opens nothing."""

_PROCESSES = f"{CRASH_PID}; pgrep -f '[x]crash.lens|[x]crash run'; true"


def ssh_directory(dom0: Running, directory: Path) -> Path:
    """A directory for PATH whose ssh reads the ssh_config that knows the Dom0."""
    client = directory / "client"
    client.mkdir(exist_ok=True)
    ssh = client / "ssh"
    if not ssh.exists():
        ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {dom0.ssh_config} "$@"\n')
        ssh.chmod(0o755)
    return client


def left_there(dom0: Running) -> tuple[set[str], set[str], set[str]]:
    """Processes of crash, the lens and xcrash in the Dom0; mounts over kcore in any namespace; mount namespaces."""
    told = (dom0.run(script, seconds=120).splitlines() for script in (_PROCESSES, _MOUNTS, _NAMESPACES))
    processes, mounts, namespaces = (set(lines) for lines in told)
    return processes, mounts, namespaces


def nothing_more(dom0: Running, before: tuple[set[str], set[str], set[str]]) -> bool:
    """Is there nothing in the Dom0 that was not there before?"""
    return all(now <= then for now, then in zip(left_there(dom0), before, strict=True))


def wait_there(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds in the Dom0, which is slow; fails with ``what``."""
    deadline = time.monotonic() + _LONGEST
    while not condition():
        assert time.monotonic() < deadline, f"not reached: {what}"
        time.sleep(1)
