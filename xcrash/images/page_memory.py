# SPDX-License-Identifier: Apache-2.0
"""Memory of dumps that store pages one after another and say in a bitmap which ones.

Layouts: crash's diskdump.c (pfn_to_pos, cache_page) and sadump.c (pfn_to_block, read_sadump).
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import NamedTuple, Protocol

from xcrash.images.memory import MOST_AT_ONCE, Run
from xcrash.images.source import Source

CHUNK = 4096
"""Bytes of bitmap that are counted as one."""

BITS = CHUNK * 8
MOST_FRAMES = 1 << 34
"""Of 4 KiB each in 64 TiB, more than a bitmap was seen to have."""

DESCRIPTOR_BYTES = 24
LARGEST_WINDOW = 1 << 23
ZLIB, LZO, SNAPPY, ZSTD = 0x01, 0x02, 0x04, 0x20


class PageReader(Protocol):
    """Reads ``count`` pages, the first of which is the one with ``rank`` set bits before its own."""

    def __call__(self, rank: int, count: int) -> list[bytes]: ...


class PageMap(NamedTuple):
    """Where the bitmap of stored pages lies, and for which page frames it counts."""

    bitmap_at: int
    first: int
    end: int
    page_size: int


class PageMemory:
    """Memory behind a bitmap; frames that are not stored, or cannot be read, are zeros."""

    placed = True

    def __init__(self, source: Source, pages: PageMap, read_pages: PageReader) -> None:
        # What the file cannot hold is not looked up: a header, and an address in a note, can claim anything.
        held = MOST_FRAMES if source.size is None else max(0, source.size - pages.bitmap_at) * 8
        pages = pages._replace(end=min(pages.end, held, MOST_FRAMES))
        self.runs = (Run(pages.first * pages.page_size, max(pages.first, pages.end) * pages.page_size),)
        self._source = source
        self._pages = pages
        self._read_pages = read_pages
        self._before = [0]
        self._chunk = (-1, 0)

    def read(self, address: int, size: int) -> bytes:
        """``size`` bytes from ``address`` on; nothing when none of them is stored."""
        page_size, size = self._pages.page_size, min(size, MOST_AT_ONCE)
        first, end = address // page_size, (address + size + page_size - 1) // page_size
        if first >= self._pages.end:
            return b""
        stored: list[tuple[int, bytes]] = []
        at = first
        while at < end:
            stop = min(end, (at // BITS + 1) * BITS)
            stored += self._stored(at, stop)
            at = stop
        if not stored:
            return b""
        data = bytearray((end - first) * page_size)
        for frame, page in stored:
            place = (frame - first) * page_size
            data[place : place + len(page)] = page
        skipped = address - first * page_size
        return bytes(data[skipped : skipped + size])

    def _stored(self, start: int, stop: int) -> list[tuple[int, bytes]]:
        """The stored pages of frames that lie in one chunk of the bitmap."""
        number, shift = start // BITS, start % BITS
        while len(self._before) <= number:
            bits = self._bits(len(self._before) - 1)
            self._before.append(self._before[-1] + bits.bit_count())
        bits = self._bits(number)
        wanted = (bits >> shift) & ((1 << (stop - start)) - 1)
        if not wanted:
            return []
        rank = self._before[number] + (bits & ((1 << shift) - 1)).bit_count()
        frames = [start + bit for bit in range(stop - start) if wanted >> bit & 1]
        return list(zip(frames, self._read_pages(rank, len(frames)), strict=False))

    def _bits(self, number: int) -> int:
        """A chunk of the bitmap, its frames outside the range taken out."""
        if self._chunk[0] != number:
            low = number * BITS
            bits = 0
            if low < self._pages.end and low + BITS > self._pages.first:
                size = min(CHUNK, (self._pages.end - low + 7) // 8)
                bits = int.from_bytes(self._source.read_at(self._pages.bitmap_at + number * CHUNK, size), "little")
                bits &= (1 << min(BITS, self._pages.end - low)) - 1
                bits &= -1 << max(0, self._pages.first - low)
            self._chunk = (number, bits)
        return self._chunk[1]


class CompressedPages:
    """Pages of a compressed kdump behind their descriptors; an empty page where one cannot be unpacked."""

    def __init__(self, source: Source, descriptors_at: int, page_size: int, order: str) -> None:
        self._source = source
        self._descriptors_at = descriptors_at
        self._page_size = page_size
        self._row = struct.Struct(order + "QII8x")
        # All pages of zeros share one copy, which need not be read again for each.
        self._page = lru_cache(64)(self._read_page)

    def __call__(self, rank: int, count: int) -> list[bytes]:
        rows = self._source.read_at(self._descriptors_at + rank * DESCRIPTOR_BYTES, count * DESCRIPTOR_BYTES)
        return [self._page(*row) for row in self._row.iter_unpack(rows[: len(rows) // 24 * 24])]

    def _read_page(self, offset: int, size: int, flags: int) -> bytes:
        if not 0 < size <= self._page_size:
            return b""
        return unpack_page(self._source.read_at(offset, size), flags, self._page_size)


class RawPages:
    """Pages that are stored as they are."""

    def __init__(self, source: Source, pages_at: int, page_size: int) -> None:
        self._source = source
        self._pages_at = pages_at
        self._page_size = page_size

    def __call__(self, rank: int, count: int) -> list[bytes]:
        size = self._page_size
        data = self._source.read_at(self._pages_at + rank * size, count * size)
        return [data[at : at + size] for at in range(0, len(data), size)]


def unpack_page(data: bytes, flags: int, page_size: int) -> bytes:
    """A page by the flags of its descriptor; empty when it is damaged, or packed by LZO or snappy."""
    if flags & ZLIB:
        try:
            return zlib.decompressobj().decompress(data, page_size)
        except zlib.error:
            return b""
    if flags & ZSTD:
        import zstandard

        try:
            unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
            return unpacker.stream_reader(data).read(page_size)
        except zstandard.ZstdError:
            return b""
    return b"" if flags & (LZO | SNAPPY) else data
