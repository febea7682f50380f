# SPDX-License-Identifier: Apache-2.0
"""Identify a compressed kdump (or its ancestor diskdump) from headers, bitmap and page descriptors.

Layouts: crash's diskdump.h and diskdump.c:read_dump_header. Both depend on the machine that wrote the dump: on its
byte order, on the size of its long, and, for 32 bits, on whether it aligns 64-bit members: i386 does not, nor does
QEMU for any target (include/sysemu/dump.h, packed structures).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import msgspec

from xcrash.images.fields import epoch_seconds
from xcrash.images.identity import DumpIdentity, with_vmcoreinfo
from xcrash.images.kdump_pages import count_pages, end_of_pages
from xcrash.images.notes import Note, iter_notes
from xcrash.images.page_memory import CompressedPages, PageMap, PageMemory
from xcrash.images.source import Source, shortfall
from xcrash.images.text import c_string
from xcrash.images.vmcoreinfo import LARGEST_TEXT, parse_vmcoreinfo
from xcrash.images.xen_notes import XEN_OWNERS, xen_of_crash

HEADER_BYTES = 464
COMPRESSIONS = {0x01: "zlib", 0x02: "lzo", 0x04: "snappy", 0x20: "zstd"}
INCOMPLETE = 0x08
DISKDUMP_INCOMPLETE, DISKDUMP_COMPRESSED = 0x01, 0x08
"""diskdump gives the bits another meaning (crash's diskdump.h, DUMP_HEADER_INCOMPLETED, DUMP_HEADER_COMPRESSED)."""

EXCLUDED_VMEMMAP = 0x10

_UTSNAME_AT = 12
_STATUS_AT = {64: 424, 32: 412}
_TIME = {64: (408, "Q"), 32: (404, "I")}
_RAM_BLOCKS_AT = 20
"""Behind the status; diskdump's number of blocks that should be written, of the device, and of those written."""

_QEMU_MACHINES = {336: "x86_64", 144: "i686"}
"""By the size of NT_PRSTATUS: QEMU adds notes of its own for x86 only (target/i386/arch_dump.c)."""

_SUB_HEADERS = {64: "QIIQQQQQQQQQQQ", 32: "IIIII4xQI4xQI4xQI4xQQQ"}
_SUB_HEADER_PACKED = "IIIIIQIQIQIQQQ"
_FIELDS_OF_VERSION = {0: 1, 1: 2, 2: 5, 3: 7, 4: 9, 5: 11}


class Header(NamedTuple):
    """struct disk_dump_header, decoded; ``status`` holds the flags above."""

    endian: str
    bits: int
    version: int
    utsname: dict[str, str | None]
    time: int
    status: int
    block_size: int
    sub_header_blocks: int
    bitmap_blocks: int

    @property
    def order(self) -> str:
        return "<" if self.endian == "little" else ">"

    @property
    def bitmap_at(self) -> int:
        return (1 + self.sub_header_blocks) * self.block_size

    @property
    def descriptors_at(self) -> int:
        return self.bitmap_at + self.bitmap_blocks * self.block_size


class SubHeader(NamedTuple):
    """struct kdump_sub_header; offsets and sizes in bytes of the whole file."""

    phys_base: int = 0
    dump_level: int = 0
    split: int = 0
    start_pfn: int = 0
    end_pfn: int = 0
    vmcoreinfo_at: int = 0
    vmcoreinfo_size: int = 0
    notes_at: int = 0
    notes_size: int = 0
    eraseinfo_at: int = 0
    eraseinfo_size: int = 0
    start_pfn_64: int = 0
    end_pfn_64: int = 0
    max_mapnr_64: int = 0


def read_kdump(source: Source, format_name: str) -> DumpIdentity:
    """Identify the dump; facts stay None where its headers are cut short or make no sense."""
    dump = DumpIdentity(path=source.path, size=source.size or 0, format=format_name)
    header = read_header(source.read_at(0, HEADER_BYTES))
    if header is None:
        return msgspec.structs.replace(dump, flags=("unreadable-header",))
    release = header.utsname["release"]
    dump = msgspec.structs.replace(
        dump,
        machine=_machine(header),
        release=release,
        version=header.utsname["version"],
        nodename=header.utsname["nodename"],
        crash_time=epoch_seconds(header.time),
        page_size=header.block_size,
        identified_by=("release: utsname in the header",) if release else (),
    )
    return (_with_sub_header if format_name == "kdump-compressed" else _as_diskdump)(dump, source, header)


def kdump_memory(source: Source) -> PageMemory | None:
    """The machine's memory, pages that LZO or snappy packed left out; None without a header that makes sense."""
    header = read_header(source.read_at(0, HEADER_BYTES))
    if header is None:
        return None
    first, end = _frames(header, _read_sub_header(source, header))
    pages = PageMap(header.bitmap_at + _half(header), first, end, header.block_size)
    return PageMemory(source, pages, CompressedPages(source, header.descriptors_at, header.block_size, header.order))


def _as_diskdump(dump: DumpIdentity, source: Source, header: Header) -> DumpIdentity:
    counts = source.read_at(_STATUS_AT[header.bits] + _RAM_BLOCKS_AT, 12).ljust(12, b"\0")
    wanted, _, written = struct.unpack(header.order + "III", counts)
    return msgspec.structs.replace(
        dump,
        compression="zlib" if header.status & DISKDUMP_COMPRESSED else None,
        incomplete=bool(header.status & DISKDUMP_INCOMPLETE),
        producer="diskdump",
        # How many bytes follow the bitmap is not said for packed pages.
        missing_bytes=shortfall(header.descriptors_at, source.size or 0) or None,
        pages=written or None,
        memory_bytes=wanted * header.block_size or None,
    )


def _with_sub_header(dump: DumpIdentity, source: Source, header: Header) -> DumpIdentity:
    sub = _read_sub_header(source, header)
    info = parse_vmcoreinfo(source.read_at(sub.vmcoreinfo_at, min(sub.vmcoreinfo_size, LARGEST_TEXT)))
    notes = list(iter_notes(source.read_at(sub.notes_at, sub.notes_size), header.endian))
    owners = {note.owner for note in notes}
    flags = {
        "split": sub.split,
        "excluded-vmemmap": header.status & EXCLUDED_VMEMMAP,
        "eraseinfo": sub.eraseinfo_size,
        "xen": owners & XEN_OWNERS,
        "32-bit-layout": header.bits == 32,
        "big-endian": header.endian == "big",
    }
    return with_vmcoreinfo(
        msgspec.structs.replace(
            dump,
            machine=dump.machine or _machine_of_qemu(notes, owners),
            xen=xen_of_crash(notes, header.order, kdump_memory(source)) if owners & XEN_OWNERS else None,
            compression=next((name for bit, name in COMPRESSIONS.items() if header.status & bit), None),
            dump_level=sub.dump_level if header.version >= 1 else None,
            incomplete=bool(header.status & INCOMPLETE),
            flags=tuple(name for name, present in flags.items() if present),
            # QEMU fills nothing of utsname but the machine; makedumpfile copies all of it from the dumped kernel.
            producer="QEMU" if b"QEMU" in owners or not dump.release else "makedumpfile",
            missing_bytes=_missing_bytes(source, header, sub),
        ),
        info,
    )


def read_header(head: bytes) -> Header | None:
    """The header in whichever layout makes sense; None when none does."""
    if len(head) < HEADER_BYTES:
        return None
    names = ("sysname", "nodename", "release", "version", "machine", "domainname")
    utsname = dict(zip(names, map(c_string, struct.unpack_from("65s" * 6, head, _UTSNAME_AT)), strict=True))
    for endian, order in (("little", "<"), ("big", ">")):
        for bits, status_at in _STATUS_AT.items():
            (version,) = struct.unpack_from(order + "i", head, 8)
            status, block_size, sub_header_blocks, bitmap_blocks = struct.unpack_from(order + "IiiI", head, status_at)
            if (
                0 <= version <= 64
                and block_size in (4096, 8192, 16384, 32768, 65536)
                and 0 < sub_header_blocks <= 65536
                and bitmap_blocks > 0
                and status < 0x100
            ):
                time_at, code = _TIME[bits]
                (time,) = struct.unpack_from(order + code, head, time_at)
                counts = (status, block_size, sub_header_blocks, bitmap_blocks)
                return Header(endian, bits, version, utsname, time, *counts)
    return None


def _read_sub_header(source: Source, header: Header) -> SubHeader:
    """Only the fields that the header version has: what lies in the place of the others means nothing."""
    fields = _SUB_HEADERS[header.bits]
    if header.bits == 32 and (_machine(header) == "i686" or not header.utsname["release"]):
        fields = _SUB_HEADER_PACKED
    layout = struct.Struct(header.order + fields)
    data = source.read_at(header.block_size, layout.size).ljust(layout.size, b"\0")
    return SubHeader(*layout.unpack(data)[: _FIELDS_OF_VERSION.get(header.version)])


def _machine(header: Header) -> str | None:
    """uname -m, as far as it was the guest's: QEMU writes the name of its target, or "Unknown"."""
    machine = header.utsname["machine"]
    if machine == "Unknown":
        return None
    if header.bits == 32 and machine in ("x86_64", "i386", "i486", "i586"):
        return "i686"
    return machine


def _machine_of_qemu(notes: list[Note], owners: set[bytes]) -> str | None:
    """What the registers tell where QEMU knew no name."""
    if b"QEMU" not in owners:
        return None
    return next(
        (_QEMU_MACHINES.get(len(note.desc)) for note in notes if note.owner == b"CORE" and note.type == 1), None
    )


def _half(header: Header) -> int:
    """The size of each of two bitmaps: which pages exist, then which of them are in the file."""
    return header.bitmap_blocks * header.block_size // 2


def _frames(header: Header, sub: SubHeader) -> tuple[int, int]:
    """The page frames, from the first to before the last, that this file is for."""
    end = _half(header) * 8
    if not sub.split:
        return 0, end
    first, last = (sub.start_pfn_64, sub.end_pfn_64) if header.version >= 6 else (sub.start_pfn, sub.end_pfn)
    return first, min(last, end)


def _missing_bytes(source: Source, header: Header, sub: SubHeader) -> int | None:
    if source.size is None:
        return None
    needed = max(
        header.descriptors_at,
        sub.vmcoreinfo_at + sub.vmcoreinfo_size,
        sub.notes_at + sub.notes_size,
        sub.eraseinfo_at + sub.eraseinfo_size,
    )
    if needed > source.size:
        return shortfall(needed, source.size)
    first, end = _frames(header, sub)
    count = count_pages(source, header.bitmap_at + _half(header), first, end)
    if count is None:
        return None
    return shortfall(max(needed, end_of_pages(source, header.descriptors_at, count, header.endian)), source.size)
