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

from xcrash.images.identity import DumpIdentity, with_vmcoreinfo
from xcrash.images.kdump_pages import count_pages, end_of_pages
from xcrash.images.notes import iter_notes
from xcrash.images.source import Source, shortfall
from xcrash.images.text import c_string
from xcrash.images.vmcoreinfo import LARGEST_TEXT, parse_vmcoreinfo

HEADER_BYTES = 464
COMPRESSIONS = {0x01: "zlib", 0x02: "lzo", 0x04: "snappy", 0x20: "zstd"}
INCOMPLETE = 0x08
EXCLUDED_VMEMMAP = 0x10

_UTSNAME_AT = 12
_STATUS_AT = {64: 424, 32: 412}
_SUB_HEADERS = {64: "QIIQQQQQQQQQQQ", 32: "IIIII4xQI4xQI4xQI4xQQQ"}
_SUB_HEADER_PACKED = "IIIIIQIQIQIQQQ"
_FIELDS_OF_VERSION = {0: 1, 1: 2, 2: 5, 3: 7, 4: 9, 5: 11}


class Header(NamedTuple):
    """struct disk_dump_header, decoded; ``status`` holds the flags above."""

    endian: str
    bits: int
    version: int
    utsname: dict[str, str | None]
    status: int
    block_size: int
    sub_header_blocks: int
    bitmap_blocks: int

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
        page_size=header.block_size,
        identified_by=("release: utsname in the header",) if release else (),
    )
    return _with_sub_header(dump, source, header) if format_name == "kdump-compressed" else dump


def _with_sub_header(dump: DumpIdentity, source: Source, header: Header) -> DumpIdentity:
    sub = _read_sub_header(source, header)
    info = parse_vmcoreinfo(source.read_at(sub.vmcoreinfo_at, min(sub.vmcoreinfo_size, LARGEST_TEXT)))
    owners = {note.owner for note in iter_notes(source.read_at(sub.notes_at, sub.notes_size), header.endian)}
    flags = {
        "split": sub.split,
        "excluded-vmemmap": header.status & EXCLUDED_VMEMMAP,
        "eraseinfo": sub.eraseinfo_size,
        "xen": owners & {b"VMCOREINFO_XEN", b"Xen"},
        "32-bit-layout": header.bits == 32,
        "big-endian": header.endian == "big",
    }
    return with_vmcoreinfo(
        msgspec.structs.replace(
            dump,
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
                return Header(endian, bits, version, utsname, status, block_size, sub_header_blocks, bitmap_blocks)
    return None


def _read_sub_header(source: Source, header: Header) -> SubHeader:
    """Only the fields that the header version has: what lies in the place of the others means nothing."""
    fields = _SUB_HEADERS[header.bits]
    if header.bits == 32 and (_machine(header) == "i686" or not header.utsname["release"]):
        fields = _SUB_HEADER_PACKED
    layout = struct.Struct(("<" if header.endian == "little" else ">") + fields)
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
    # Two bitmaps of one size: which pages exist, then which of them are in the file.
    half = header.bitmap_blocks * header.block_size // 2
    first, end = 0, half * 8
    if sub.split:
        first, end = (sub.start_pfn_64, sub.end_pfn_64) if header.version >= 6 else (sub.start_pfn, sub.end_pfn)
        end = min(end, half * 8)
    count = count_pages(source, header.bitmap_at + half, first, end)
    if count is None:
        return None
    return shortfall(max(needed, end_of_pages(source, header.descriptors_at, count, header.endian)), source.size)
