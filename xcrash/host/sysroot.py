# SPDX-License-Identifier: Apache-2.0
"""The root of a machine: the live one, or a directory that holds a copy of one. Reads only, never out of the root."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, Protocol

from xcrash.far_file import Place
from xcrash.host.command import run_command

RootKind = Literal["live", "tree", "sosreport", "supportconfig"]
EntryKind = Literal["file", "directory", "link", "character", "block", "other"]

LARGEST_TEXT = 1 << 20
MOST_ENTRIES = 20_000
LONGEST_PATH = 4096
"""In bytes, the limit of the kernel (include/uapi/linux/limits.h, PATH_MAX)."""
MOST_LINKS = 40
"""As many symbolic links as the kernel follows in one path (include/linux/namei.h, MAXSYMLINKS)."""
_MOST_CACHED = 4096
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW


class Entry(NamedTuple):
    """A name in a directory; the kind is that of the entry itself, not of what a link points to.

    Bytes of a name that are not UTF-8 are lone surrogates (PEP 383): such a name opens, but does not print.
    """

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
    def stream(self, path: str) -> BinaryIO | None: ...
    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None: ...
    def text(self, path: str, limit: int = LARGEST_TEXT) -> str | None: ...
    def list(self, path: str) -> list[Entry]: ...
    def kind_of(self, path: str) -> EntryKind | None: ...
    def local(self, path: str) -> Place | None: ...
    def command(self, *argv: str) -> str | None: ...


class LocalRoot:
    """A root on this machine: ``/`` itself, where commands can be asked, or a directory that looks like one."""

    def __init__(self, directory: Path | str = "/", kind: RootKind | None = None) -> None:
        self._root = "/" + os.path.abspath(directory).lstrip("/")
        self.kind: RootKind = kind or ("live" if self._root == "/" else "tree")
        self.unread: dict[str, str] = {}
        self._directories: dict[str, _Place] = {}

    @property
    def where(self) -> str:
        """The directory, "/" for the live machine."""
        return self._root

    def stream(self, path: str) -> BinaryIO | None:
        """A regular file, opened to be read and to be closed by the caller; None when there is none."""
        real = self._real(path)
        if real is None:
            return None
        try:
            # Opening a device can act on it and a FIFO would wait: look first, and look again at what was opened.
            kind = _kind(os.stat(real, follow_symlinks=False).st_mode)
            if kind == "file":
                file = open(os.open(real, _READ), "rb")  # noqa: SIM115 - the caller closes it
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return file
                file.close()
            if kind != "directory":
                note(self.unread, path, "not a regular file")
        except (FileNotFoundError, NotADirectoryError):
            pass
        except (OSError, ValueError) as error:
            note(self.unread, path, reason(error))
        return None

    def read(self, path: str, limit: int = LARGEST_TEXT) -> bytes | None:
        """Up to ``limit`` bytes from the start of a regular file; None when there is none or it cannot be read."""
        file = self.stream(path)
        if file is None:
            return None
        with file:
            try:
                return _read_up_to(file.fileno(), limit)
            except OSError as error:
                note(self.unread, path, reason(error))
                return None

    def text(self, path: str, limit: int = LARGEST_TEXT) -> str | None:
        """``read`` as text; bytes that are not UTF-8 become U+FFFD. What lies behind ``limit`` is noted as unread."""
        data = self.read(path, limit + 1)
        if data is None:
            return None
        if len(data) > limit:
            note(self.unread, path, f"only the first {limit} bytes were looked at")
        return data[:limit].decode("utf-8", "replace")

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
                        note(self.unread, path, f"more than {MOST_ENTRIES} entries: the rest was not looked at")
                        break
                    found.append(Entry(entry.name, _entry_kind(entry)))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, ValueError) as error:
            note(self.unread, path, reason(error))
        return sorted(found)

    def kind_of(self, path: str) -> EntryKind | None:
        """What ``path`` is after all links; None when there is nothing."""
        real = self._real(path)
        if real is None:
            return None
        try:
            return _kind(os.stat(real, follow_symlinks=False).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            note(self.unread, path, reason(error))
            return None

    def local(self, path: str) -> Path | None:
        """Where the bytes of ``path`` lie on this machine, all links followed inside the root; it need not exist."""
        real = self._real(path)
        return None if real is None else Path(real)

    def command(self, *argv: str) -> str | None:
        """What a command prints on the live machine; None when it is not there, fails, or the root is a copy."""
        return run_command(argv, self.unread) if self.kind == "live" else None

    def _real(self, path: str) -> str | None:
        """``path`` with its links resolved as the machine itself would: an absolute one starts at the root again."""
        if "\0" in path:
            return None
        if len(path) > LONGEST_PATH:
            note(self.unread, path[:80] + "...", "the path is too long")
            return None
        if self._root == "/":
            try:
                return os.path.realpath("/" + path.lstrip("/"))
            except (OSError, ValueError):
                return None
        parent, _, name = path.rstrip("/").rpartition("/")
        if name == "..":
            parent, name = path, ""
        directory = self._directories.get(parent)
        if directory is None:
            directory = self._walk(_Place((), 0), parent)
            if len(self._directories) < _MOST_CACHED:
                self._directories[parent] = directory
        place = self._walk(directory, name)
        if place.parts is not None:
            return self._in_root(place.parts)
        if place.links > MOST_LINKS:
            note(self.unread, path, "too many symbolic links")
        return None

    def _walk(self, start: _Place, path: str) -> _Place:
        """Follow ``path`` from a place whose parts are no links, one name after the other, as the kernel does."""
        if start.parts is None:
            return start
        parts, links = list(start.parts), start.links
        pending = path.split("/")[::-1]
        while pending:
            name = pending.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if not os.path.isdir(self._in_root(parts)):
                    return _Place(None, links)
                del parts[-1:]
                continue
            parts.append(name)
            if len(parts) > LONGEST_PATH // 2:
                return _Place(None, links)
            try:
                target = os.readlink(self._in_root(parts))
            except (OSError, ValueError):
                continue
            links += 1
            if links > MOST_LINKS:
                return _Place(None, links)
            parts = [] if target.startswith("/") else parts[:-1]
            pending += target.split("/")[::-1]
        return _Place(tuple(parts), links)

    def _in_root(self, parts: Sequence[str]) -> str:
        return "/".join((self._root.rstrip("/"), *parts)) or "/"


class _Place(NamedTuple):
    """The names from the root to a place, none of them a link (None: it leads nowhere), and the links followed."""

    parts: tuple[str, ...] | None
    links: int


def note(unread: dict[str, str], what: str, why: str) -> None:
    """Keep the first reason for which ``what`` was not read, in text that every encoder takes."""
    unread.setdefault(what.encode("utf-8", "backslashreplace").decode("utf-8"), why)


def reason(error: OSError | ValueError) -> str:
    """Why the system refused: "Permission denied"."""
    return getattr(error, "strerror", None) or type(error).__name__


def _read_up_to(fd: int, limit: int) -> bytes:
    chunks, left = [], limit
    while left > 0 and (chunk := os.read(fd, min(left, 1 << 18))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _entry_kind(entry: os.DirEntry[str]) -> EntryKind:
    try:
        if entry.is_symlink():
            return "link"
        if entry.is_file(follow_symlinks=False):
            return "file"
        if entry.is_dir(follow_symlinks=False):
            return "directory"
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
