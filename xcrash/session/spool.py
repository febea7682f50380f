# SPDX-License-Identifier: Apache-2.0
"""Where crash's output is kept: an unlinked file with an index of line starts."""

from __future__ import annotations

import os
import tempfile
from array import array
from bisect import bisect_left, bisect_right
from pathlib import Path

from xcrash.errors import SessionError


class Spool:
    """Append-only file of every byte crash printed, with the offset of each line.

    Output never becomes one str: the log of a large host is hundreds of megabytes. The file has no name, so nothing
    is left behind however the process ends. One thread appends; any thread may read what was appended.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._size = 0
        self._starts = array("Q", [0])

    @classmethod
    def create(cls, directory: Path) -> Spool:
        """Open an empty spool in ``directory``, which is made with mode 0700.

        Raises SessionError ``spool-unavailable`` when no file can be made there.
        """
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=directory, buffering=0) as handle:
                return cls(os.dup(handle.fileno()))
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
    def line_count(self) -> int:
        """Lines begun so far; an unfinished last line counts, an empty one after the final newline does not."""
        count = len(self._starts)
        return count - 1 if self._starts[count - 1] == self._size else count

    def append(self, data: bytes) -> None:
        """Add ``data`` at the end.

        Raises SessionError ``spool-full`` when not all of it could be written; what was written stays readable.
        """
        view = memoryview(data)
        while view:
            try:
                written = os.write(self._fd, view)
            except OSError as error:
                raise SessionError(
                    "spool-full",
                    f"cannot keep crash's output: {error.strerror}",
                    "free some space under XDG_STATE_HOME (see the recording for what was said so far) and start again",
                ) from error
            self._index(bytes(view[:written]))
            view = view[written:]

    def _index(self, data: bytes) -> None:
        base, at = self._size + 1, data.find(b"\n")
        while at >= 0:
            self._starts.append(base + at)
            at = data.find(b"\n", at + 1)
        self._size += len(data)

    def read(self, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end``, fewer when the spool ends earlier."""
        parts = []
        while start < end:
            part = os.pread(self._fd, end - start, start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def lines_in(self, start: int, end: int) -> int:
        """How many lines bytes ``start`` to ``end`` touch."""
        if end <= start:
            return 0
        return 1 + bisect_left(self._starts, end) - bisect_right(self._starts, start)

    def line_in(self, start: int, end: int, number: int, limit: int = 1 << 16) -> bytes:
        """Line ``number`` (from 0) of the span ``start`` to ``end``, without its newline, cut at ``limit`` bytes."""
        first = bisect_right(self._starts, start) - 1
        index = first + number
        begin = start if number == 0 else self._starts[index]
        stop = self._starts[index + 1] if index + 1 < len(self._starts) else self._size
        return self.read(begin, min(stop, end, begin + limit)).rstrip(b"\n")

    def close(self) -> None:
        """Give the space back; the spool cannot be read any more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
