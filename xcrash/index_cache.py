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

LIMIT = 1 << 30
"""Bytes that all indexes together may have; one has about 7 MB for a distribution's kernel."""

YOUNG = 60.0
"""Seconds in which another crash may still be writing a file: it is left alone."""

_UNFINISHED = 3600.0
_SUFFIX = ".gdb-index"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


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
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = _unsafe(directory)
        if reason is None:
            _tend(directory, build_ids, limit)
    except (OSError, ValueError) as error:
        return f"{directory}: {getattr(error, 'strerror', None) or error}"
    return reason


def _unsafe(directory: Path) -> str | None:
    """Who else than this user and root could change what is in ``directory``, or put another in its place?"""
    user = os.geteuid()
    for place in (directory, directory.parent):
        facts = place.lstat()
        if not stat.S_ISDIR(facts.st_mode):
            return f"{place} is a link: the cache is a directory of its own"
        if facts.st_uid != user:
            return f"{place} belongs to user {facts.st_uid}, not to the one who runs xcrash"
        if facts.st_mode & _OTHERS_WRITE:
            return f"{place} can be written by others"
    for place in _ways_to(directory.parent):
        facts = place.lstat()
        if facts.st_uid not in (user, 0):
            return f"{place} belongs to user {facts.st_uid}: who could exchange the cache below it"
        shared = facts.st_mode & _OTHERS_WRITE and not facts.st_mode & stat.S_ISVTX
        if shared and not stat.S_ISLNK(facts.st_mode):
            return f"{place} can be written by others: who could exchange the cache below it"
    return None


def _ways_to(directory: Path) -> list[Path]:
    """Every directory above ``directory``, as it is named and as it is once links are followed, with the links."""
    return list(dict.fromkeys((*directory.absolute().parents, *directory.resolve().parents)))


def _tend(directory: Path, build_ids: Iterable[str], limit: int) -> None:
    """Note which indexes are used, and remove the longest unused."""
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
