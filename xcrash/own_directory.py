# SPDX-License-Identifier: Apache-2.0
"""Can somebody else change what is in a directory of ours? Then nothing in it is believed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_own(directory: Path) -> str | None:
    """Make ``directory`` and what is missing above it for this user alone; says why it cannot be used, if so.

    It and the one above it must be directories that only this user and root can change, or put others in the place of.
    """
    try:
        # One by one: mkdir gives the parents it makes the rights that the umask leaves, which may be the group's, too.
        for place in (*reversed(directory.parents), directory):
            if not place.exists():
                place.mkdir(mode=0o700, exist_ok=True)
        return _unsafe(directory)
    except (OSError, ValueError) as error:
        return f"{directory}: {getattr(error, 'strerror', None) or error}"


def _unsafe(directory: Path) -> str | None:
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
