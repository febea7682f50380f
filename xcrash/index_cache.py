# SPDX-License-Identifier: Apache-2.0
"""gdb's index cache: a directory only we can write, bounded.

gdb writes ``BUILDID.gdb-index`` through a temporary file and a rename (gdb/dwarf2/index-write.c), with mode 0600, so
several sessions may share the directory. Nothing in it is trusted that somebody else could have put there.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from xcrash.gdb_index import shorten
from xcrash.own_directory import make_own
from xcrash.plan.rc_files import GDB_OF_CRASH_8

LIMIT = 1 << 30
"""Bytes that all indexes together may have; one has about 7 MB for a distribution's kernel."""

YOUNG = 60.0
"""Seconds in which another crash may still be writing a file: it is left alone."""

_UNFINISHED = 3600.0
_SUFFIX = ".gdb-index"


class _Entry(NamedTuple):
    path: Path
    size: int
    age: float
    finished: bool


def prepare(directory: Path, build_ids: Iterable[str], limit: int = LIMIT) -> str | None:
    """Make ``directory`` ready for a session on the kernels ``build_ids``; says why it cannot be used, if it cannot.

    ``directory`` is ``.../gdb-index/GDB``, GDB the major version of gdb: the other versions beside it count for
    ``limit``, in bytes.
    """
    reason = make_own(directory)
    if reason is None:
        _tend(directory, build_ids, limit)
    return reason


def _tend(directory: Path, build_ids: Iterable[str], limit: int) -> None:
    """Shorten what gdb 10 wrote since, note which indexes are used, and remove the longest unused."""
    if directory.name == GDB_OF_CRASH_8:
        for index in directory.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                shorten(index)
    for build_id in build_ids:
        index = directory / f"{build_id}{_SUFFIX}"
        if "/" not in build_id and _is_file(index):
            with contextlib.suppress(OSError):
                os.utime(index)
    prune(directory.parent, limit)


def prune(base: Path, limit: int = LIMIT) -> None:
    """Remove from ``base``/*/ what was left unfinished, and the longest unused beyond ``limit`` bytes."""
    entries = sorted(_entries(base), key=lambda entry: entry.age)
    kept = 0
    for entry in entries:
        kept += entry.size
        over = kept > limit or (not entry.finished and entry.age > _UNFINISHED)
        if over and entry.age > YOUNG:
            kept -= entry.size
            with contextlib.suppress(OSError):
                entry.path.unlink()


def _entries(base: Path) -> list[_Entry]:
    now = time.time()
    found = []
    for path in base.glob(f"*/*{_SUFFIX}*"):
        with contextlib.suppress(OSError):
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode):
                age = now - facts.st_mtime
                found.append(_Entry(path, facts.st_size, age, path.name.endswith(_SUFFIX)))
    return found


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
