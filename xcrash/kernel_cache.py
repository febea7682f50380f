# SPDX-License-Identifier: Apache-2.0
"""Kernels that were unpacked once, for every later start: a directory only we can write, bounded."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from xcrash.errors import StartError
from xcrash.images.unpack import unpack
from xcrash.own_directory import make_own
from xcrash.plan import Unpacking

LIMIT = 8 << 30
"""Bytes that all unpacked kernels together may have; one with debug information has up to one gigabyte."""

YOUNG = 86400.0
"""Seconds since its last use in which a kernel stays: crash may open it again."""


def room(cache: Path) -> int:
    """Bytes that unpacked kernels may have in ``cache``: what is free there, and what they have already."""
    place = cache
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            return 0
        free = shutil.disk_usage(place).free
    except OSError:
        return 0
    return free + sum(size for _, size, _ in _kernels(cache / "kernels"))


def is_unpacked(work: Unpacking) -> bool:
    """Whether there is nothing left to do."""
    return Path(work.target).is_file()


def unpack_once(work: Unpacking) -> None:
    """Unpack the kernel unless that was done before; the longest unused make room. Raises XcrashError as ``unpack``.

    StartError "unpack-unsafe" when somebody else could change what is in the cache.
    """
    target = Path(work.target)
    if reason := make_own(target.parent):
        raise StartError(
            "unpack-unsafe",
            f"the kernel cannot be unpacked: {reason}",
            "set XDG_CACHE_HOME to a directory of your own, or give crash an unpacked kernel",
        )
    if is_unpacked(work):
        with contextlib.suppress(OSError):
            os.utime(target)
    else:
        unpack(Path(work.source), target)
    prune(target.parent.parent)


def prune(kernels: Path, limit: int = LIMIT) -> None:
    """Remove the longest unused kernels beyond ``limit`` bytes, and what was left unfinished."""
    kept = 0
    for age, size, path in sorted(_kernels(kernels)):
        kept += size
        if age > YOUNG and (kept > limit or path.name.startswith(".unpack-")):
            kept -= size
            with contextlib.suppress(OSError):
                path.unlink()
                path.parent.rmdir()


def _kernels(kernels: Path) -> list[tuple[float, int, Path]]:
    """Seconds since its last use, size and place of each."""
    now = time.time()
    found = []
    for path in kernels.glob("*/*"):
        with contextlib.suppress(OSError):
            facts = path.lstat()
            found.append((now - facts.st_mtime, facts.st_size, path))
    return found
