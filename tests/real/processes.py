# SPDX-License-Identifier: Apache-2.0
"""Looking for crash processes that should be gone."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.processes import named, words_of

DEADLINE = 120.0


def running_on(word: str) -> list[int]:
    """PIDs of every process with ``word`` in its command line, this one's own excepted."""
    return [pid for pid in named(word) if b"pytest" not in b"\0".join(words_of(pid))]


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Poll until ``condition`` holds; fails with ``what`` after a generous deadline."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not reached: {what}"
        time.sleep(0.05)
