# SPDX-License-Identifier: Apache-2.0
"""Prove that a source of live memory can be read: open it, and read a header and one page. Nothing is written.

Each look opens the file for reading only, reads a bounded number of pages, and raises OSError where that is refused.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from xcrash.far_file import Place

ReadAt = Callable[[int, int], bytes]

PAGE = 4096
MEGABYTE = 1 << 20
MOST_SEGMENTS = 4096
MOST_TRIES = 8
BEYOND_THE_FIRST_MEGABYTE = 257 * PAGE
"""The page by which crash tells CONFIG_STRICT_DEVMEM (crash's memory.c, devmem_is_restricted)."""

_PT_LOAD = 1
_CRASH_OFFSETS = (0, MEGABYTE, 16 * MEGABYTE, 1 << 30)
_RAM = re.compile(r"^([0-9a-f]{1,16})-([0-9a-f]{1,16}) : System RAM$", re.MULTILINE)


class Look(NamedTuple):
    """What a look showed; ``first_megabyte``: reads above it are refused."""

    outcome: Literal["read", "refused", "masked"]
    detail: str
    first_megabyte: bool = False


def look_at_kcore(path: Place) -> Look:
    """Read the ELF header of /proc/kcore and a page of one of its segments.

    A container hides the file behind an empty one, a device that reads empty, or a directory.
    """
    try:
        with _opened(path) as read_at:
            head = read_at(0, 64)
            if not head:
                return Look("masked", "it is empty: masked")
            offsets = _segment_offsets(read_at, head)
            if offsets is None:
                return Look("refused", "it does not start with an ELF header")
            if _first_page(read_at, offsets) is None:
                return Look("refused", "no page of memory could be read through it")
    except IsADirectoryError:
        return Look("masked", "a directory lies over it: masked")
    return Look("read", "its ELF header and one page of memory were read")


def look_at_crash(path: Place) -> Look:
    """Read a page through crash's driver, at the first of a few addresses where there is memory."""
    with _opened(path) as read_at:
        at = _first_page(read_at, _CRASH_OFFSETS)
    if at is None:
        return Look("refused", "no page of memory could be read through it")
    return Look("read", f"one page of memory was read, at {at:#x}")


def look_at_mem(path: Place, address: int) -> Look:
    """Read a page above the first megabyte of /dev/mem: CONFIG_STRICT_DEVMEM refuses those."""
    with _opened(path) as read_at:
        try:
            at = _first_page(read_at, (address,))
        except OSError as error:
            why = error.strerror or str(error)
            return Look("refused", f"reading memory at {address:#x} fails: {why}", first_megabyte=True)
    if at is None:
        return Look("refused", f"it gives nothing at {address:#x}, above the first megabyte", first_megabyte=True)
    return Look("read", f"one page of memory was read, at {address:#x}")


def memory_address(iomem: str) -> int:
    """An address above the first megabyte that is memory, from /proc/iomem; those are zeros for all but root."""
    for match in _RAM.finditer(iomem):
        start, end = int(match[1], 16), int(match[2], 16)
        address = max(-(-start // PAGE) * PAGE, BEYOND_THE_FIRST_MEGABYTE)
        if address + PAGE <= end + 1 < 1 << 63:
            return address
    return BEYOND_THE_FIRST_MEGABYTE


@contextmanager
def _opened(place: Place) -> Iterator[ReadAt]:
    if not isinstance(place, Path):
        yield place.read_at
        return
    fd = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        yield lambda offset, size: os.pread(fd, size, offset)
    finally:
        os.close(fd)


def _first_page(read_at: ReadAt, offsets: Iterable[int]) -> int | None:
    """The first offset that gives a whole page; None when all give less; the last refusal when all are refused."""
    refusal: OSError | None = None
    for offset in list(offsets)[:MOST_TRIES]:
        try:
            if len(read_at(offset, PAGE)) == PAGE:
                return offset
        except OSError as error:
            refusal = error
    if refusal is not None:
        raise refusal
    return None


def _segment_offsets(read_at: ReadAt, head: bytes) -> list[int] | None:
    """File offsets of the loadable segments, memory first; None for something that is no ELF file.

    Segments outside of the memory map have the physical address -1, or 0 in older kernels (fs/proc/kcore.c).
    """
    if not head.startswith(b"\x7fELF") or len(head) < 64 or head[4] not in (1, 2) or head[5] not in (1, 2):
        return None
    order = "<" if head[5] == 1 else ">"
    wide = head[4] == 2
    table_at = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)[0]
    size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
    row = struct.Struct(order + ("II6Q" if wide else "8I"))
    if size != row.size or table_at >= 1 << 63:
        return []
    found: list[tuple[bool, int]] = []
    table = read_at(table_at, size * min(count, MOST_SEGMENTS))
    for fields in row.iter_unpack(table[: len(table) - len(table) % size]):
        if wide:
            kind, _, offset, _, physical, in_file, _, _ = fields
        else:
            kind, offset, _, physical, in_file, _, _, _ = fields
        if kind == _PT_LOAD and in_file >= PAGE and offset < (1 << 63) - PAGE:
            found.append((physical in (0, (1 << 64 if wide else 1 << 32) - 1), offset))
    return [offset for _, offset in sorted(found, key=lambda segment: segment[0])]
