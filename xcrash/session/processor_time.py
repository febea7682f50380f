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
        return ticks_in(Path(f"/proc/{pid}/stat").read_bytes())
    except OSError:
        return None


def ticks_in(line: bytes) -> int | None:
    """The processor time in a line of /proc/PID/stat, that of children waited for included."""
    try:
        return sum(int(field) for field in line.rpartition(b")")[2].split()[_UTIME:_CSTIME])
    except ValueError:
        return None


def _children(pid: int) -> list[int]:
    """The children of every thread; none where the kernel does not tell (CONFIG_PROC_CHILDREN)."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found.extend(int(child) for child in (thread / "children").read_bytes().split())
    return found
