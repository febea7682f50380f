# SPDX-License-Identifier: Apache-2.0
"""How long a compressed kdump must be to hold every page that its bitmap promises.

Layout: crash's diskdump.h (page_desc) and diskdump.c:read_dump_header, pfn_to_pos.
"""

from __future__ import annotations

import struct

from xcrash.images.source import Source

DESCRIPTOR_BYTES = 24
CHUNK = 256 << 10
LARGEST_BITMAP = 256 << 20
"""Covers 8 TiB of 4 KiB pages; counting the bits of that much takes some tenths of a second."""
FARTHEST_BACK = 64 << 20
"""Bytes of descriptors to look through for the last one that is not the shared zero page."""


def count_pages(source: Source, bitmap_at: int, first: int, end: int) -> int | None:
    """Set bits for the PFNs from ``first`` to before ``end``; None when the bitmap is too short or too large."""
    start, stop = first // 8, (end + 7) // 8
    if not 0 <= stop - start <= LARGEST_BITMAP:
        return None
    count = 0
    for at in range(start, stop, CHUNK):
        want = min(CHUNK, stop - at)
        chunk = source.read_at(bitmap_at + at, want)
        if len(chunk) < want:
            return None
        bits = int.from_bytes(chunk, "little")
        if at == start:
            bits &= -1 << (first % 8)
        if at + want == stop and end % 8:
            bits &= (1 << (want * 8 - 8 + end % 8)) - 1
        count += bits.bit_count()
    return count


def end_of_pages(source: Source, descriptors_at: int, count: int, endian: str) -> int:
    """The least file size that holds ``count`` descriptors and the data of the last page that has its own.

    Page data lies in PFN order, so the last page ends last; but all pages of zeros share one copy that lies first,
    so descriptors are looked through backwards until one points elsewhere.
    """
    end = descriptors_at + count * DESCRIPTOR_BYTES
    row = struct.Struct("<QI12x" if endian == "little" else ">QI12x")
    per_chunk = CHUNK // DESCRIPTOR_BYTES
    for last in range(count, max(0, count - FARTHEST_BACK // DESCRIPTOR_BYTES), -per_chunk):
        number = min(per_chunk, last)
        rows = source.read_at(descriptors_at + (last - number) * DESCRIPTOR_BYTES, number * DESCRIPTOR_BYTES)
        if len(rows) < number * DESCRIPTOR_BYTES:
            break
        own_page_among_them = rows != rows[:DESCRIPTOR_BYTES] * number
        end = max(
            end,
            *(
                offset + size
                for offset, size in row.iter_unpack(rows if own_page_among_them else rows[:DESCRIPTOR_BYTES])
            ),
        )
        if own_page_among_them:
            break
    return end
