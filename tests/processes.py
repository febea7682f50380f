# SPDX-License-Identifier: Apache-2.0
"""Looking at other processes through /proc, any of which may end between two looks: that is an answer, never an error.

Whoever asks whether an entry is there before reading it loses the race one day: opening fails with ENOENT, and
reading what was opened in time fails with ESRCH (proc(5)).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


def pids() -> list[int]:
    """Every process of this machine at this moment."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def exists(pid: int) -> bool:
    """Is there such a process, be it a zombie that nobody has reaped?"""
    return Path(f"/proc/{pid}").exists()


def state_of(pid: int) -> str:
    """R, S, T, Z ... as /proc/PID/stat tells it; empty for a process that is gone."""
    return _stat(pid)[0]


def has_ended(pid: int) -> bool:
    """Has it ended, whether or not anybody has reaped it?"""
    return state_of(pid) in ("", "Z", "X")


def parent_of(pid: int) -> int:
    """The process that would reap it; 0 for a process that is gone."""
    return int(_stat(pid)[1])


def children_of(pid: int) -> list[int]:
    """The processes that the first thread of ``pid`` has started; none if it is gone."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def name_of(pid: int) -> str:
    """Its /proc/PID/comm; empty for a process that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().rstrip("\n")
    return ""


def words_of(pid: int) -> list[bytes]:
    """Its command line; empty for a process that is gone, a zombie, a thread of the kernel."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def directory_of(pid: int) -> str:
    """Its current directory, followed by " (deleted)" if it was removed; empty for a process that is gone."""
    with contextlib.suppress(OSError):
        return str(Path(f"/proc/{pid}/cwd").readlink())
    return ""


def namespace_of(pid: int) -> str:
    """The mount namespace it is in, as mnt:[4026531840]; empty for a process that has ended, a zombie too."""
    with contextlib.suppress(OSError):
        return str(Path(f"/proc/{pid}/ns/mnt").readlink())
    return ""


def named(word: str) -> Iterator[int]:
    """The processes with ``word`` in their command line."""
    return (pid for pid in pids() if word.encode() in b"\0".join(words_of(pid)))


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third one on: state, parent, ..."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(") ")[2].split()
    return ["", "0"]
