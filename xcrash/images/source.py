# SPDX-License-Identifier: Apache-2.0
"""Open an image for bounded positional reads, or say why it cannot be read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from xcrash.errors import MemorySourceError, NamelistError, XcrashError
from xcrash.far_file import FarFile, Place
from xcrash.images.text import printable

ReadAt = Callable[[int, int], bytes]

LARGEST_READ = 16 << 20
"""Bytes that one header, table or note section may claim; a larger claim reads as nothing."""


def shortfall(needed: int, size: int) -> int:
    """Bytes missing from a file of ``size``; kept within what a file offset can be, whatever a header claims."""
    return min(max(0, needed - size), 2**63 - 1)


class Role(NamedTuple):
    """What the user meant the file to be; decides the error raised for it."""

    error: type[XcrashError]
    prefix: str
    noun: str

    def refuse(self, code: str, message: str, hint: str) -> XcrashError:
        """The error of this role, for the caller to raise."""
        return self.error(f"{self.prefix}-{code}", message, hint)


NAMELIST = Role(NamelistError, "namelist", "vmlinux")
DUMP = Role(MemorySourceError, "dump", "dump")


class Source(Protocol):
    """Something with an image's bytes; ``size`` is None where only reading to the end would tell."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    def read_at(self, offset: int, size: int) -> bytes: ...


class ImageFile:
    """An open file read by position; a read beyond its end or above LARGEST_READ gives fewer bytes or none."""

    def __init__(self, path: str, fd: int, size: int) -> None:
        self.path = path
        self.size = size
        self._fd = fd

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes at ``offset``; OSError when the medium fails."""
        if not 0 <= offset < self.size or not 0 < size <= LARGEST_READ:
            return b""
        size = min(size, self.size - offset)
        data = os.pread(self._fd, size, offset)
        while len(data) < size and (more := os.pread(self._fd, size - len(data), offset + len(data))):
            data += more
        return data


class FarImage:
    """A far file read by position in pieces of AHEAD: headers and tables lie together, and each way there is long."""

    AHEAD = 256 << 10
    MOST_PIECES = 64

    def __init__(self, file: FarFile, size: int) -> None:
        self.path = str(file)
        self.size = size
        self._file = file
        self._pieces: dict[int, bytes] = {}

    def read_at(self, offset: int, size: int) -> bytes:
        """As ``ImageFile.read_at``."""
        if not 0 <= offset < self.size or not 0 < size <= LARGEST_READ:
            return b""
        size = min(size, self.size - offset)
        first, last = offset // self.AHEAD, (offset + size - 1) // self.AHEAD
        if last - first > 2:
            return self._file.read_at(offset, size)
        data = b"".join(self._piece(number) for number in range(first, last + 1))
        return data[offset - first * self.AHEAD :][:size]

    def _piece(self, number: int) -> bytes:
        piece = self._pieces.get(number)
        if piece is None:
            while len(self._pieces) >= self.MOST_PIECES:
                del self._pieces[next(iter(self._pieces))]
            self._pieces[number] = piece = self._file.read_at(number * self.AHEAD, self.AHEAD)
        return piece


@contextmanager
def open_image(path: Place, role: Role) -> Iterator[ImageFile | FarImage]:
    """The file, to be read by position; the role's error for anything that cannot be read as one."""
    shown = printable(str(path))
    try:
        _require_file(path, shown, role)
        if not isinstance(path, Path):
            yield FarImage(path, path.stat().st_size)
            return
        # The file may have been replaced by a FIFO in between: never wait for a writer.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            yield ImageFile(str(path), fd, os.lseek(fd, 0, os.SEEK_END))
        finally:
            os.close(fd)
    except PermissionError as error:
        raise role.refuse(
            "no-permission",
            f"{shown}: no permission to read this {role.noun}",
            "run xcrash as root, or get read access",
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise role.refuse(
            "missing",
            f"{shown}: no such {role.noun}",
            "check the name; a relative one starts at the current directory",
        ) from error
    except OSError as error:
        reason = f"{error.strerror or error} ({errno.errorcode.get(error.errno or 0, '?')})"
        raise role.refuse(
            "unreadable", f"{shown} cannot be read: {reason}", "check the medium or the mount it lies on"
        ) from error


def _require_file(path: Place, shown: str, role: Role) -> None:
    # Opening a device can act on it, so its kind is looked at first.
    try:
        mode = path.stat().st_mode
    except ValueError as error:
        raise role.refuse("missing", f"{shown} is not a possible file name", "check the name") from error
    if stat.S_ISDIR(mode):
        raise role.refuse("directory", f"{shown} is a directory, not a {role.noun}", f"name the {role.noun} inside it")
    if not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
        raise role.refuse("not-a-file", f"{shown} is not a regular file", f"name a file that holds the {role.noun}")
