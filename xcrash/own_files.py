# SPDX-License-Identifier: Apache-2.0
"""The files that xcrash keeps or reads for itself: where they are, whether they are there, how large they are."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from xcrash import locations

MOST_ENTRIES = 100_000
"""Files that are counted below one place."""

VARIABLES = (
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "TMPDIR",
    "XCRASH_DEBUG_DIRS",
    "XCRASH_DEBUG",
    "DEBUGINFOD_URLS",
    "DEBUGINFOD_CACHE_PATH",
)
"""What in the environment decides where files are."""


class OwnPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A file or directory of xcrash. ``bytes`` and ``files`` are those below it: None where it is not there.

    ``problem`` says why it could not be looked into, or that not all of it was counted.
    """

    name: str
    path: str
    holds: str
    exists: bool
    bytes: int | None = None
    files: int | None = None
    problem: str = ""


class OwnFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Every place, and the variables of the environment that are set and have a say in it."""

    places: tuple[OwnPlace, ...]
    environment: dict[str, str]


def own_files(environ: Mapping[str, str] = os.environ) -> OwnFiles:
    """Look at every place; makes none. Raises nothing."""
    state, cache = locations.state(), locations.cache()
    places = (
        ("config", locations.config(), "what the user set once and for all: looks and keys"),
        ("state", state, "what a session leaves behind"),
        ("recordings", locations.recordings(), "every session, unless --no-record"),
        ("recent", state / "recent.json", "what was opened lately, with its vmlinux"),
        ("cache", cache, "what can be made again"),
        ("kernels", cache / "kernels", "unpacked kernels, by build-id"),
        ("gdb index", cache / "gdb-index", "gdb's indexes, by build-id, so that crash starts faster"),
        ("working", locations.working_base(), "where each session makes a directory of its own, and removes it"),
    )
    return OwnFiles(
        places=tuple(_place(name, path, holds, counted=name != "working") for name, path, holds in places),
        environment={name: environ[name] for name in VARIABLES if name in environ},
    )


def _place(name: str, path: Path, holds: str, counted: bool) -> OwnPlace:
    bare = OwnPlace(name=name, path=str(path), holds=holds, exists=False)
    try:
        facts = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return bare
    except (OSError, ValueError) as error:
        return msgspec.structs.replace(bare, problem=f"cannot be looked at: {_reason(error)}")
    there = msgspec.structs.replace(bare, exists=True)
    if not counted:
        return there
    if not stat.S_ISDIR(facts.st_mode):
        return msgspec.structs.replace(there, bytes=facts.st_size, files=1)
    count = _count(path)
    return msgspec.structs.replace(there, bytes=count.bytes, files=count.files, problem=count.problem)


class _Count(NamedTuple):
    files: int
    bytes: int
    problem: str


def _count(directory: Path) -> _Count:
    """What is below a directory; links are not followed."""
    problems: list[str] = []
    files = size = 0
    for entry in _below(directory, problems):
        if files == MOST_ENTRIES:
            problems.append(f"only the first {MOST_ENTRIES:,} files are counted")
            break
        files, size = files + 1, size + entry
    return _Count(files, size, problems[0] if problems else "")


def _below(directory: Path, problems: list[str]) -> Iterator[int]:
    """The sizes of all regular files."""
    pending = [directory]
    while pending:
        place = pending.pop()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.stat(follow_symlinks=False).st_size
        except OSError as error:
            problems.append(f"{place}: {_reason(error)}")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
