# SPDX-License-Identifier: Apache-2.0
"""The root of a machine: the live one, or a directory that holds a copy of one. Reads only, never out of the root."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from xcrash.host.command import run_command

RootKind = Literal["live", "tree", "sosreport", "supportconfig"]
EntryKind = Literal["file", "directory", "link", "character", "block", "other"]

LARGEST_TEXT = 1 << 20
MOST_ENTRIES = 20_000
MOST_COMPONENTS = 256
MOST_LINKS = 40
"""As many symbolic links as the kernel follows in one path (include/linux/namei.h, MAXSYMLINKS)."""


class Entry(NamedTuple):
    """A name in a directory; the kind is that of the entry itself, not of what a link points to."""

    name: str
    kind: EntryKind


class Sysroot(Protocol):
    """A machine to look at; every path is absolute and means a place on that machine.

    No method raises for what it finds there: None, or an empty list, and the reason in ``unread``.
    """

    @property
    def kind(self) -> RootKind: ...
    @property
    def where(self) -> str: ...
    @property
    def unread(self) -> dict[str, str]: ...
    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None: ...
    def text(self, path: str, limit: int = LARGEST_TEXT) -> str | None: ...
    def list(self, path: str) -> list[Entry]: ...
    def kind_of(self, path: str) -> EntryKind | None: ...
    def local(self, path: str) -> Path | None: ...
    def command(self, *argv: str) -> str | None: ...


class LocalRoot:
    """A root on this machine: ``/`` itself, where commands can be asked, or a directory that looks like one."""

    def __init__(self, directory: Path | str = "/", kind: RootKind | None = None) -> None:
        self._root = os.path.abspath(directory)
        self.kind: RootKind = kind or ("live" if self._root == "/" else "tree")
        self.unread: dict[str, str] = {}
        self._parents: dict[str, str | None] = {}

    @property
    def where(self) -> str:
        """The directory, "/" for the live machine."""
        return self._root

    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None:
        """Up to ``limit`` bytes from the start of a regular file; None when there is none or it cannot be read."""
        real = self._real(path)
        if real is None:
            return None
        try:
            fd = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY) if self._plain(real) else None
            if fd is None:
                return None
            try:
                return _read_up_to(fd, limit)
            finally:
                os.close(fd)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            self.unread[path] = getattr(error, "strerror", None) or str(error)
            return None

    def text(self, path: str, limit: int = LARGEST_TEXT) -> str | None:
        """``read`` as text; bytes that are not UTF-8 become U+FFFD."""
        data = self.read(path, limit)
        return None if data is None else data.decode("utf-8", "replace")

    def list(self, path: str) -> list[Entry]:
        """The directory's entries, sorted by name; empty when it is none, cut at MOST_ENTRIES."""
        real = self._real(path)
        if real is None:
            return []
        found: list[Entry] = []
        try:
            with os.scandir(real) as entries:
                for entry in entries:
                    if len(found) == MOST_ENTRIES:
                        self.unread[path] = f"more than {MOST_ENTRIES} entries: the rest was not looked at"
                        break
                    found.append(Entry(entry.name, _entry_kind(entry)))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, ValueError) as error:
            self.unread[path] = getattr(error, "strerror", None) or str(error)
        return sorted(found)

    def kind_of(self, path: str) -> EntryKind | None:
        """What ``path`` is after all links; None when there is nothing."""
        real = self._real(path)
        if real is None:
            return None
        try:
            return _kind(os.stat(real, follow_symlinks=False).st_mode)
        except (OSError, ValueError):
            return None

    def local(self, path: str) -> Path | None:
        """Where the bytes of ``path`` lie on this machine, all links followed inside the root; it need not exist."""
        real = self._real(path)
        return None if real is None else Path(real)

    def command(self, *argv: str) -> str | None:
        """What a command prints on the live machine; None when it is not there, fails, or the root is a copy."""
        return run_command(argv, self.unread) if self.kind == "live" else None

    def _plain(self, real: str) -> bool:
        """Opening a device can act on it and a FIFO would wait: only regular files are read."""
        mode = os.stat(real, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            return True
        if not stat.S_ISDIR(mode):
            self.unread[self._shown(real)] = "not a regular file"
        return False

    def _shown(self, real: str) -> str:
        return real if self._root == "/" else real.removeprefix(self._root)

    def _real(self, path: str) -> str | None:
        """``path`` with its links resolved as the machine itself would: an absolute one starts at the root again."""
        if "\0" in path:
            return None
        if self._root == "/":
            try:
                return os.path.realpath(path)
            except (OSError, ValueError):
                return None
        return self._walk(path, MOST_LINKS)

    def _walk(self, path: str, links: int) -> str | None:
        if path.count("/") > MOST_COMPONENTS:
            return None
        parent, name = os.path.split(os.path.normpath("/" + path).replace("//", "/"))
        if not name:
            return self._root
        if parent not in self._parents:
            self._parents[parent] = None  # a link back into here, while it is being resolved, leads nowhere
            self._parents[parent] = self._walk(parent, links)
        base = self._parents[parent]
        if base is None:
            return None
        real = f"{base}/{name}"
        try:
            target = os.readlink(real)
        except (OSError, ValueError):
            return real
        if links == 0:
            self.unread[path] = "too many symbolic links"
            return None
        return self._walk(os.path.join(self._shown(base) or "/", target), links - 1)


def _read_up_to(fd: int, limit: int) -> bytes:
    chunks, left = [], limit
    while left > 0 and (chunk := os.read(fd, min(left, 1 << 18))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _entry_kind(entry: os.DirEntry[str]) -> EntryKind:
    if entry.is_symlink():
        return "link"
    if entry.is_file(follow_symlinks=False):
        return "file"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    try:
        return _kind(entry.stat(follow_symlinks=False).st_mode)
    except OSError:
        return "other"


def _kind(mode: int) -> EntryKind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    if stat.S_ISCHR(mode):
        return "character"
    return "block" if stat.S_ISBLK(mode) else "other"
