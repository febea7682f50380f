# SPDX-License-Identifier: Apache-2.0
"""Regular files in a directory and those right below it: bounded in number, depth and time, never out of it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from xcrash.openable.places import Home, network_of
from xcrash.openable.values import Remark

MOST_ENTRIES = 1000
"""Of one directory; what a dump writer leaves is a handful."""

MOST_DIRECTORIES = 200
"""Below one place."""

WALK_SECONDS = 10.0


class File(NamedTuple):
    """A regular file as it was when its directory was read; ``identity`` is the same by whatever name it is found."""

    path: str
    size: int
    mtime: float
    identity: tuple[int, int]
    names: tuple[str, ...] = ()
    """Everything in its directory."""


class Walk:
    """One pass over the places; ``remarks`` says what was left out and why."""

    def __init__(self, mounts: dict[str, str], cancelled: Callable[[], bool] = lambda: False) -> None:
        self.remarks: list[Remark] = []
        self._mounts, self._cancelled = mounts, cancelled
        self._deadline = time.monotonic() + WALK_SECONDS
        self._late = False

    def files(self, home: Home) -> Iterator[File]:
        """The regular files of ``home``, those directly in it first."""
        yield from self._in(str(home.local), home.depth)

    def _in(self, directory: str, depth: int) -> Iterator[File]:
        names, entries = self._entries(directory)
        below: list[tuple[float, str]] = []
        for entry in entries:
            if self._over(directory):
                return
            try:
                facts = entry.stat()
            except (OSError, ValueError):
                continue
            if stat.S_ISREG(facts.st_mode):
                yield File(entry.path, facts.st_size, facts.st_mtime, (facts.st_dev, facts.st_ino), names)
            # A link to a directory is not followed: it may lead anywhere, round in a circle, too.
            elif stat.S_ISDIR(facts.st_mode) and not entry.is_symlink():
                below.append((facts.st_mtime, entry.path))
        if depth <= 0:
            return
        below.sort(reverse=True)
        if len(below) > MOST_DIRECTORIES:
            left = len(below) - MOST_DIRECTORIES
            self.remarks.append(Remark(directory, f"{left:,} more directories were not looked into: the newest were"))
        for _, path in below[:MOST_DIRECTORIES]:
            if path in self._mounts and (kind := network_of(path, self._mounts)):
                self.remarks.append(Remark(path, f"not looked into: it is on a network ({kind}); name a dump in it"))
            elif not self._over(directory):
                yield from self._in(path, depth - 1)

    def _entries(self, directory: str) -> tuple[tuple[str, ...], list[os.DirEntry[str]]]:
        found: list[os.DirEntry[str]] = []
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if len(found) == MOST_ENTRIES:
                        text = f"more than {MOST_ENTRIES:,} entries: the rest was not looked at"
                        self.remarks.append(Remark(directory, text))
                        break
                    found.append(entry)
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            self.remarks.append(Remark(directory, f"cannot be read: {getattr(error, 'strerror', None) or error}"))
        found.sort(key=lambda entry: entry.name)
        return tuple(entry.name for entry in found), found

    def _over(self, directory: str) -> bool:
        if self._cancelled():
            return True
        if time.monotonic() < self._deadline:
            return False
        if not self._late:
            self._late = True
            self.remarks.append(Remark(directory, f"given up after {WALK_SECONDS:.0f} s; name a dump to open it"))
        return True
