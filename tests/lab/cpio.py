# SPDX-License-Identifier: Apache-2.0
"""A cpio archive (newc) as the kernel takes it for an initramfs, written without root."""

from __future__ import annotations

import stat
from types import TracebackType
from typing import BinaryIO

_DIRECTORY = stat.S_IFDIR | 0o755
_LINK = stat.S_IFLNK | 0o777


class Cpio:
    """An archive being written; every member belongs to root."""

    def __init__(self, file: BinaryIO) -> None:
        """Write to an open file."""
        self._file = file
        self._count = 0
        self._known: set[str] = set()

    def __enter__(self) -> Cpio:
        """Begin the archive."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Write the trailer."""
        if kind is None:
            self._member("TRAILER!!!", 0, b"")

    def file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """Add a file and the directories above it."""
        self._above(name)
        self._member(name, stat.S_IFREG | mode, data)

    def link(self, name: str, target: str) -> None:
        """Add a symbolic link."""
        self._above(name)
        self._member(name, _LINK, target.encode())

    def directory(self, name: str) -> None:
        """Add a directory and those above it."""
        self._above(name + "/.")

    def character(self, name: str, major: int, minor: int) -> None:
        """Add a character device."""
        self._above(name)
        self._member(name, stat.S_IFCHR | 0o600, b"", major, minor)

    def _above(self, name: str) -> None:
        parts = name.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            if path not in self._known:
                self._known.add(path)
                self._member(path, _DIRECTORY, b"")

    def _member(self, name: str, mode: int, data: bytes, major: int = 0, minor: int = 0) -> None:
        self._count += 1
        word = name.encode() + b"\0"
        links = 2 if mode == _DIRECTORY else 1
        numbers = (self._count, mode, 0, 0, links, 0, len(data), 0, 0, major, minor, len(word), 0)
        head = b"070701" + b"".join(b"%08X" % number for number in numbers) + word
        for part in (head, data):
            self._file.write(part + b"\0" * (-len(part) % 4))
