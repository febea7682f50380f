# SPDX-License-Identifier: Apache-2.0
"""Where crash's output is kept: an unlinked file with an index of its lines."""

from __future__ import annotations

import os
import tempfile
from array import array
from bisect import bisect_left
from pathlib import Path

from xcrash.errors import SessionError

MOST_BYTES = 8 << 30
IN_MEMORY = 16 << 20
"""How much is kept in memory when the file takes no more: enough for what arrives while Ctrl-C works."""

_GRANT = 16 << 20
_BLOCK = 1 << 14
"""How many newlines stand before each such piece is remembered: a line of a gigabyte is found without counting it."""


class Spool:
    """Append-only file of every byte crash printed, with an index by which a line is found.

    Output never becomes one str: the log of a large host is hundreds of megabytes. The file has no name, so nothing
    is left behind however the process ends. One thread appends; any thread may read what was appended.

    ``quota`` bounds the file: 8 GB, or half of what its file system had free. Beyond it, and when the disk is full,
    a little more is held in memory and written as soon as there is room; while that lasts, ``trouble`` says why.
    """

    def __init__(self, fd: int, quota: int | None = None) -> None:
        self._fd = fd
        self._size = 0
        self._newlines = 0
        self._before = array("Q", [0])
        self._in_line = False
        # Replaced as a whole, so that a reader sees either the file or the memory hold a byte, never neither.
        self._held = (0, b"")
        self.quota = _half_of_free(fd) if quota is None else quota
        self.trouble: str | None = None
        self.lost = 0

    @classmethod
    def create(cls, directory: Path, quota: int | None = None) -> Spool:
        """Open an empty spool in ``directory``, which is made with mode 0700.

        Raises SessionError ``spool-unavailable`` when no file can be made there.
        """
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=directory, buffering=0) as handle:
                return cls(os.dup(handle.fileno()), quota)
        except OSError as error:
            raise SessionError(
                "spool-unavailable",
                f"cannot keep crash's output in {directory}: {error.strerror}",
                "free some space there, or set XDG_STATE_HOME to a directory that can be written",
            ) from error

    @property
    def size(self) -> int:
        """Bytes appended so far."""
        return self._size

    @property
    def held(self) -> int:
        """Bytes that wait in memory for room in the file."""
        return len(self._held[1])

    @property
    def line_count(self) -> int:
        """Lines begun so far; an unfinished last line counts, an empty one after the final newline does not."""
        return self._newlines + self._in_line

    def grant(self) -> None:
        """A command begins: it may print a little although the quota is used up."""
        self.quota = max(self.quota, self._size + _GRANT)

    def append(self, data: bytes) -> None:
        """Add ``data`` at the end; what neither the file nor the memory takes is counted in ``lost``."""
        offset, held = self._held
        pending = held + data
        written = self._write(offset, pending)
        kept = pending[written : written + IN_MEMORY]
        lost = len(pending) - written - len(kept)
        self._held = (offset + written, kept)
        self.lost += lost
        self._index(data[: len(data) - lost])

    def _write(self, offset: int, data: bytes) -> int:
        """Write as much as fits; ``trouble`` says why not all of it did."""
        written, room = 0, max(0, self.quota - offset)
        view = memoryview(data)[:room]
        self.trouble = None
        while written < len(view):
            try:
                written += os.write(self._fd, view[written:])
            except OSError as error:
                self.trouble = f"{error.strerror}, for crash's output"
                return written
        if written < len(data):
            self.trouble = f"output quota reached: {self.quota:,} bytes"
        return written

    def _index(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            end = min(len(data), at + _BLOCK - self._size % _BLOCK)
            self._newlines += data.count(b"\n", at, end)
            if (self._size + end - at) % _BLOCK == 0:
                self._before.append(self._newlines)
            self._size += end - at
            at = end
        self._in_line = not data.endswith(b"\n") if data else self._in_line

    def _newlines_before(self, offset: int) -> int:
        block = offset // _BLOCK
        return self._before[block] + self.read(block * _BLOCK, offset).count(b"\n")

    def _start_of(self, line: int) -> int:
        """Where line ``line`` (from 0) of everything begins; it must have begun."""
        block = max(0, bisect_left(self._before, line) - 1)
        data, at = self.read(block * _BLOCK, (block + 1) * _BLOCK), -1
        for _ in range(line - self._before[block]):
            at = data.find(b"\n", at + 1)
        return block * _BLOCK + at + 1

    def read(self, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end``, fewer when the spool ends earlier."""
        offset, held = self._held
        parts = []
        while start < min(end, offset):
            part = os.pread(self._fd, min(end, offset) - start, start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        if offset <= start < end:
            parts.append(held[start - offset : end - offset])
        return b"".join(parts)

    def lines_in(self, start: int, end: int) -> int:
        """How many lines bytes ``start`` to ``end`` touch."""
        if end <= start:
            return 0
        return 1 + self._newlines_before(end - 1) - self._newlines_before(start)

    def line_in(self, start: int, end: int, number: int, limit: int = 1 << 16) -> bytes:
        """Line ``number`` (from 0) of the span ``start`` to ``end``, without its newline, cut at ``limit`` bytes."""
        index = self._newlines_before(start) + number
        begin = start if number == 0 else self._start_of(index)
        stop = self._start_of(index + 1) if index < self._newlines else self._size
        return self.read(begin, min(stop, end, begin + limit)).rstrip(b"\n")

    def close(self) -> None:
        """Give the space back; the spool cannot be read any more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _half_of_free(fd: int) -> int:
    """Half of the free space of the file's system, 8 GB at most: the other half is for the recording and for others."""
    try:
        room = os.fstatvfs(fd)
    except OSError:
        return MOST_BYTES
    return min(MOST_BYTES, max(_GRANT, room.f_bavail * room.f_frsize // 2))
