# SPDX-License-Identifier: Apache-2.0
"""A flattened dump: records of another file, to be put in their places.

Format: makedumpfile's makedumpfile.h (makedumpfile_header, makedumpfile_data_header), crash's makedumpfile.c. A header
of 4096 bytes, then {big-endian int64 offset, int64 size, data} until an offset of -1.
"""

from __future__ import annotations

import struct
from bisect import bisect_left, insort

from xcrash.images.source import LARGEST_READ, Source, shortfall

HEADER_BYTES = 4096
END_MARK = b"\xff" * 16
MOST_RECORDS = 4096
"""Headers and notes are in the first few dozen. QEMU writes a record for every 16 KiB, so walking all of a large dump
would mean to read most of it."""

MOST_TOUCHES = 4_000_000
"""Records looked at over all reads. Where a long record may cover any place, each read has to look at many."""

_RECORD = struct.Struct(">qq")


class FlattenedFile:
    """The file inside, read by position; records are walked only as far as the reads need.

    Its size is unknown: finding the last byte would mean to walk all records.
    """

    size = None

    def __init__(self, outer: Source, most_records: int = MOST_RECORDS) -> None:
        self.path = outer.path
        self._outer = outer
        self._most_records = most_records
        self._records: list[tuple[int, int, int]] = []
        self._by_offset: list[tuple[int, int]] = []
        self._longest = 0
        self._touches = 0
        self._next = HEADER_BYTES
        self._ended = False

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes at ``offset`` of the inner file; fewer where the records at hand leave a hole."""
        if not 0 < size <= LARGEST_READ:
            return b""
        data = self._assemble(offset, size)
        while len(data) < size and self._walk(max(64, len(self._records))):
            data = self._assemble(offset, size)
        return data

    def missing_bytes(self) -> int | None:
        """0 with the end mark in place, otherwise how much is missing at least; None when a long file cannot tell."""
        size = self._outer.size or 0
        self._walk(self._most_records)
        if len(self._records) < self._most_records:
            return 0 if self._ended else max(1, shortfall(self._next + len(END_MARK), size))
        # A raw partition or a copy in blocks leaves zeros behind the end.
        tail = self._outer.read_at(size - HEADER_BYTES, HEADER_BYTES).rstrip(b"\0")
        return (0 if tail.endswith(END_MARK) else 1) if tail else None

    def _walk(self, number: int) -> bool:
        """Take in more records; whether there were any."""
        before = len(self._records)
        while len(self._records) < min(before + number, self._most_records):
            mark = self._outer.read_at(self._next, _RECORD.size)
            self._ended = mark == END_MARK
            offset, size = _RECORD.unpack(mark) if len(mark) == _RECORD.size else (-1, -1)
            if offset < 0 or size <= 0:
                break
            insort(self._by_offset, (offset, len(self._records)))
            self._longest = max(self._longest, size)
            self._records.append((offset, size, self._next + _RECORD.size))
            self._next += _RECORD.size + size
        return len(self._records) > before

    def _touching(self, offset: int, size: int) -> list[tuple[int, int, int]]:
        """The records that may hold some of the bytes, in file order."""
        first = bisect_left(self._by_offset, (offset - self._longest, -1))
        end = bisect_left(self._by_offset, (offset + size, -1))
        self._touches += end - first
        if self._touches > MOST_TOUCHES:
            return []
        return [self._records[index] for index in sorted(index for _, index in self._by_offset[first:end])]

    def _assemble(self, offset: int, size: int) -> bytes:
        """The bytes up to the first hole; a later record overrides an earlier one.

        A file that overrides the same bytes again and again is not worth more than four passes.
        """
        data = bytearray(size)
        spans: list[tuple[int, int]] = []
        budget = 4 * size
        for start, length, at in self._touching(offset, size):
            low, high = max(start, offset), min(start + length, offset + size)
            if low < high and budget > 0:
                budget -= high - low
                piece = self._outer.read_at(at + low - start, high - low)
                data[low - offset : low - offset + len(piece)] = piece
                spans.append((low - offset, low - offset + len(piece)))
        covered = 0
        for low, high in sorted(spans):
            if low > covered:
                break
            covered = max(covered, high)
        return bytes(data[:covered])
