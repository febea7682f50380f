# SPDX-License-Identifier: Apache-2.0
"""How much processor time a process and what it started have used: the one sign of life of a silent crash."""

from __future__ import annotations

import contextlib
from pathlib import Path

_MOST_PROCESSES = 256
_UTIME, _CSTIME = 11, 15
"""Where utime, stime, cutime and cstime stand behind the name of /proc/PID/stat, and where they end."""


def processor_ticks(pid: int) -> int | None:
    """Clock ticks of ``pid``, its living descendants (gunzip, a shell) and those it has waited for.

    None when there is no such process or no /proc. Source of the format: proc_pid_stat(5), proc_tid_children(5).
    """
    ticks: int | None = None
    waiting, seen = [pid], 0
    while waiting and seen < _MOST_PROCESSES:
        one = waiting.pop()
        seen += 1
        used = _ticks(one)
        if used is not None:
            ticks = (ticks or 0) + used
            waiting.extend(_children(one))
    return ticks


def _ticks(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return sum(int(field) for field in fields[_UTIME:_CSTIME])
    except (OSError, ValueError):
        return None


def _children(pid: int) -> list[int]:
    """The children of every thread; none where the kernel does not tell (CONFIG_PROC_CHILDREN)."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found.extend(int(child) for child in (thread / "children").read_bytes().split())
    return found
