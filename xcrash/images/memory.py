# SPDX-License-Identifier: Apache-2.0
"""Physical memory inside a dump, read by address."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from xcrash.images.source import Source

MOST_AT_ONCE = 4 << 20
"""Bytes that one read gives at most."""


class Run(NamedTuple):
    """A range of physical addresses, from ``start`` to before ``end``."""

    start: int
    end: int


class Extent(NamedTuple):
    """Memory from address ``start`` on, stored as it is from ``offset`` of the file on; sizes in bytes."""

    start: int
    offset: int
    size: int


class Memory(Protocol):
    """Memory of a machine; ``placed`` is False where an address only counts bytes of the file.

    A read gives zeros where the dump has no memory, and may give nothing where it has none at all.
    """

    @property
    def runs(self) -> tuple[Run, ...]: ...
    @property
    def placed(self) -> bool: ...
    def read(self, address: int, size: int) -> bytes: ...


class Metered:
    """A source that gives ``limit`` bytes and then no more; ``used`` says how many it gave."""

    def __init__(self, inner: Source, limit: int) -> None:
        self.path = inner.path
        self.size = inner.size
        self.used = 0
        self._inner = inner
        self._limit = limit

    def read_at(self, offset: int, size: int) -> bytes:
        """As the inner source, nothing once the limit is reached."""
        data = self._inner.read_at(offset, size) if self.used < self._limit else b""
        self.used += len(data)
        return data

    @property
    def spent(self) -> bool:
        """Whether the limit is reached."""
        return self.used >= self._limit


class StoredMemory:
    """Memory that lies in the file as it is, in one or many extents; of overlapping ones the lowest counts."""

    def __init__(self, source: Source, extents: Iterable[Extent], placed: bool = True) -> None:
        self.placed = placed
        self._source = source
        self._extents: list[Extent] = []
        runs: list[Run] = []
        for start, offset, size in sorted(extents):
            skipped = max(0, runs[-1].end - start) if runs else 0
            if size > skipped:
                self._extents.append(Extent(start + skipped, offset + skipped, size - skipped))
                if runs and runs[-1].end == start + skipped:
                    runs[-1] = Run(runs[-1].start, start + size)
                else:
                    runs.append(Run(start + skipped, start + size))
        self._starts = [extent.start for extent in self._extents]
        self.runs = tuple(runs)

    def read(self, address: int, size: int) -> bytes:
        """``size`` bytes from ``address`` on, zeros where the dump has none."""
        size = min(size, MOST_AT_ONCE)
        data = bytearray(size)
        at = max(0, bisect_right(self._starts, address) - 1)
        # Not a slice: there can be a hundred thousand behind it, and thousands of reads.
        for index in range(at, len(self._extents)):
            extent = self._extents[index]
            if extent.start >= address + size:
                break
            low, high = max(extent.start, address), min(extent.start + extent.size, address + size)
            if low < high:
                piece = self._source.read_at(extent.offset + low - extent.start, high - low)
                data[low - address : low - address + len(piece)] = piece
        return bytes(data)
