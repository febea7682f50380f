# SPDX-License-Identifier: Apache-2.0
"""Looking for crash processes that should be gone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

DEADLINE = 120.0


def running_on(word: str) -> list[int]:
    """PIDs of every process with ``word`` in its command line, this one's own excepted."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            line = (entry / "cmdline").read_bytes()
            if entry.name.isdigit() and word.encode() in line and b"pytest" not in line:
                found.append(int(entry.name))
    return found


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Poll until ``condition`` holds; fails with ``what`` after a generous deadline."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not reached: {what}"
        time.sleep(0.05)
