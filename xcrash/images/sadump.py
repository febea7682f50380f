# SPDX-License-Identifier: Apache-2.0
"""Identify a dump of Fujitsu's firmware. Layouts: crash's sadump.h and sadump.c:read_dump_header."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from xcrash.images.fields import epoch_seconds, page_size_or_none, read_fields
from xcrash.images.identity import DumpIdentity
from xcrash.images.kdump_pages import count_pages
from xcrash.images.page_memory import PageMap, PageMemory, RawPages
from xcrash.images.source import Source, shortfall

SIGNATURE = b"sadump\0\0"
NO_TIME_ZONE = 2047
_PARTITION_DISK_SET_AT = 152
_LONG_MODE = 1 << 10
_HEADER = {
    "year": (16, "H"),
    "month": (18, "B"),
    "day": (19, "B"),
    "hour": (20, "B"),
    "minute": (21, "B"),
    "second": (22, "B"),
    "zone": (28, "h"),
    "block": (40, "I"),
    "sub_header": (48, "I"),
    "bitmap": (52, "I"),
    "stored": (56, "I"),
    "frames": (60, "I"),
    "ram": (64, "I"),
    "written": (72, "I"),
    "cpus": (80, "I"),
}


class _Dump(NamedTuple):
    """The dump header, where it lies, and which disk of a set this is (0: of none)."""

    header: dict[str, int]
    header_at: int
    disk: int

    @property
    def bitmap_at(self) -> int:
        """Of the pages that are stored; the first bitmap tells which exist."""
        return self.header_at + (1 + self.header["sub_header"] + self.header["bitmap"]) * self.header["block"]

    @property
    def pages_at(self) -> int:
        return self.bitmap_at + self.header["stored"] * self.header["block"]

    @property
    def frames(self) -> int:
        return min(self.header["frames"], self.header["stored"] * self.header["block"] * 8)


def read_sadump(source: Source) -> DumpIdentity:
    """Identify the dump; of a set of disks only the first has the header, and none tells whether all are there."""
    dump = _read_header(source)
    if dump is None:
        return DumpIdentity(
            path=source.path,
            size=source.size or 0,
            format="sadump",
            machine=None,
            flags=_disk_flags(_disk_of(source)) or ("unreadable-header",),
        )
    header, size = dump.header, source.size or 0
    pages = count_pages(source, dump.bitmap_at, 0, dump.frames)
    missing = shortfall(dump.pages_at + (pages or 0) * header["block"], size)
    return DumpIdentity(
        path=source.path,
        size=size,
        format="sadump",
        machine=_machine(source, dump),
        crash_time=_time(header),
        page_size=header["block"],
        flags=_disk_flags(dump.disk) + (("pages-left-out",) if pages and pages < header["ram"] else ()),
        producer="sadump",
        missing_bytes=None if dump.disk or (pages is None and not missing) else missing,
        cpus=header["cpus"] or None,
        pages=pages,
        memory_bytes=header["ram"] * header["block"] or None,
    )


def sadump_memory(source: Source) -> PageMemory | None:
    """The machine's memory, as far as it is on this disk."""
    dump = _read_header(source)
    if dump is None:
        return None
    block = dump.header["block"]
    return PageMemory(source, PageMap(dump.bitmap_at, 0, dump.frames, block), RawPages(source, dump.pages_at, block))


def _read_header(source: Source) -> _Dump | None:
    disk = _disk_of(source)
    for block in (4096, 8192, 16384, 32768, 65536):
        # Behind the partition header; the first disk of a set has the description of the set in between.
        at = block * (1 + int.from_bytes(source.read_at(block, 4), "little")) if disk else block
        head = source.read_at(at, 256)
        header = read_fields(head, "<", _HEADER)
        if head.startswith(SIGNATURE) and page_size_or_none(header["block"]) == block:
            return _Dump(header, at, disk)
    return None


def _disk_of(source: Source) -> int:
    return int.from_bytes(source.read_at(_PARTITION_DISK_SET_AT, 4), "little")


def _disk_flags(disk: int) -> tuple[str, ...]:
    return (f"disk-{disk}-of-a-set",) if 0 < disk <= 16 else ()


def _time(header: dict[str, int]) -> int | None:
    """EFI_TIME; None without its time zone, since local time alone may be half a day off."""
    if header["zone"] == NO_TIME_ZONE:
        return None
    try:
        zone = timezone(timedelta(minutes=-header["zone"]))
        day = datetime(header["year"], header["month"], header["day"], tzinfo=zone)
        time = timedelta(hours=header["hour"], minutes=header["minute"], seconds=header["second"])
        return epoch_seconds(int((day + time).timestamp()))
    except (ValueError, OverflowError):
        return None


def _machine(source: Source, dump: _Dump) -> str | None:
    """By whether a CPU was in long mode (EFER, four registers before the end of its state); None without a state."""
    cpus, at = dump.header["cpus"], dump.header_at + dump.header["block"]
    size = int.from_bytes(source.read_at(at, 4), "little") if dump.header["sub_header"] else 0
    if not 0 < cpus <= 4096 or not 1024 <= size // cpus <= 65536:
        return None
    states_at = at + 4 + cpus * 16
    efers = {
        int.from_bytes(source.read_at(states_at + (n + 1) * (size // cpus) - 32, 8), "little") for n in range(cpus)
    }
    if any(efer & _LONG_MODE for efer in efers):
        return "x86_64"
    return None
