# SPDX-License-Identifier: Apache-2.0
"""Identify an ELF core of a kernel: /proc/vmcore, makedumpfile -E, QEMU and libvirt, Xen."""

from __future__ import annotations

import struct

import msgspec

from xcrash.errors import XcrashError
from xcrash.images import elf
from xcrash.images.identity import DumpIdentity, with_vmcoreinfo
from xcrash.images.memory import Extent, StoredMemory
from xcrash.images.notes import Note
from xcrash.images.source import DUMP, Source, shortfall
from xcrash.images.text import printable
from xcrash.images.vmcoreinfo import parse_vmcoreinfo
from xcrash.images.xen_notes import XEN_OWNERS, xen_of_crash, xen_of_guest

SMALLEST_PAGE = 4096
NT_AUXV, NT_FILE, NT_SIGINFO = 6, 0x46494C45, 0x53494749
"""Notes that only the core of a process has (kernel fs/binfmt_elf.c)."""

XEN_TABLES = {".xen_pfn": 8, ".xen_p2m": 16}
"""Sections that say which frame each page of a Xen guest is, and the bytes of an entry."""

LARGEST_XEN_TABLE = 4 << 20


def read_elf_core(source: Source) -> DumpIdentity:
    """Identify the dump; MemorySourceError for an ELF file that is none, or the core of a process."""
    header = elf.read_header(source.read_at)
    if header is None:
        raise _refuse(source, "truncated", "is an ELF file without a whole header", "copy the dump again")
    if header.type != "core":
        kind = "a kernel module or object file" if header.type == "rel" else "an ELF executable, a vmlinux or a program"
        raise _refuse(
            source, "not-a-dump", f"is {kind}, not a dump", "a vmlinux is given with --vmlinux; name the dump itself"
        )
    segments = elf.read_segments(source.read_at, header)
    sections = elf.read_sections(source.read_at, header)
    # The dump of a Xen guest has sections alone, all others have segments alone.
    notes = elf.read_notes(source.read_at, header, segments, None if segments else sections)
    if any(note.owner == b"CORE" and note.type in (NT_AUXV, NT_FILE, NT_SIGINFO) for note in notes):
        raise _refuse(source, "process-core", "is the core of a process, not of a kernel", "use gdb for it")
    owners = {note.owner for note in notes}
    flags = {
        "live": b"SNAP" in owners,
        "eraseinfo": b"ERASEINFO" in owners,
        "xen": owners & XEN_OWNERS,
        "many-segments": header.segment_count >= elf.PN_XNUM,
    }
    dump = DumpIdentity(
        path=source.path,
        size=source.size or 0,
        format=_format(segments, owners, {section.name for section in sections or ()}),
        machine=header.machine,
        incomplete=bool(header.flags & elf.DUMP_ELF_INCOMPLETE),
        flags=tuple(name for name, present in flags.items() if present),
        producer="QEMU" if b"QEMU" in owners else None,
        missing_bytes=_missing_bytes(source, header, segments, sections),
    )
    info = next((note.desc for note in notes if note.owner == b"VMCOREINFO"), b"")
    return with_vmcoreinfo(_with_xen(dump, source, header, notes), parse_vmcoreinfo(info))


def elf_memory(source: Source) -> StoredMemory | None:
    """The machine's memory, or that of a Xen guest; None for a file that has none."""
    header = elf.read_header(source.read_at)
    if header is None:
        return None
    order = _order(header)
    extents = _segments_of_memory(source, header, order)
    return StoredMemory(source, extents or _pages_of_guest(source, header, order))


def _with_xen(dump: DumpIdentity, source: Source, header: elf.ElfHeader, notes: list[Note]) -> DumpIdentity:
    order = _order(header)
    if dump.format != "xendump":
        has_xen = any(note.owner in XEN_OWNERS for note in notes)
        xen = xen_of_crash(notes, order, elf_memory(source)) if has_xen else None
        return msgspec.structs.replace(dump, xen=xen)
    guest, page_size = xen_of_guest(notes, order)
    return msgspec.structs.replace(
        dump,
        xen=guest,
        producer="xl dump-core",
        page_size=page_size,
        cpus=guest.nr_vcpus,
        pages=guest.nr_pages,
        memory_bytes=guest.nr_pages * page_size if guest.nr_pages and page_size else None,
    )


def _segments_of_memory(source: Source, header: elf.ElfHeader, order: str) -> list[Extent]:
    """The PT_LOAD segments by physical address, each as far as it is in the file."""
    size = header.segment_header_size
    row = struct.Struct(order + ("I4xQ8xQQ16x" if header.elf_class == 64 else "II4xII12x"))
    table = source.read_at(header.segments_at, min(header.segment_count, elf.MOST_SEGMENTS) * size)
    extents = []
    for kind, offset, address, in_file in row.iter_unpack(table[: len(table) // size * size]):
        if kind == elf.PT_LOAD and in_file:
            extents.append(Extent(address, offset, in_file))
    return extents


def _pages_of_guest(source: Source, header: elf.ElfHeader, order: str) -> list[Extent]:
    """The pages of a Xen guest's core by its frame numbers, as far as a short table of these reaches."""
    sections = {section.name: section for section in elf.read_sections(source.read_at, header) or ()}
    table = next((sections[name] for name in XEN_TABLES if name in sections), None)
    pages = sections.get(".xen_pages")
    if table is None or pages is None:
        return []
    entry = XEN_TABLES[table.name]
    data = source.read_at(table.offset, min(table.size, LARGEST_XEN_TABLE))
    extents: list[Extent] = []
    first, count = 0, 0
    row = struct.Struct(order + ("Q" if entry == 8 else "Q8x"))
    for number, (frame,) in enumerate(row.iter_unpack(data[: len(data) // entry * entry])):
        if count and frame == first + count:
            count += 1
            continue
        if count:
            extents.append(_pages(pages.offset, number - count, first, count))
        first, count = frame, 1
    if count:
        extents.append(_pages(pages.offset, len(data) // entry - count, first, count))
    return extents


def _pages(pages_at: int, number: int, frame: int, count: int) -> Extent:
    return Extent(frame * SMALLEST_PAGE, pages_at + number * SMALLEST_PAGE, count * SMALLEST_PAGE)


def _order(header: elf.ElfHeader) -> str:
    return "<" if header.endian == "little" else ">"


def _format(segments: list[elf.Segment], owners: set[bytes], section_names: set[str]) -> str:
    if {".xen_prstatus", ".xen_pages"} & section_names:
        return "xendump"
    # crash's netdump.c:is_netdump tells the two by the alignment of the segment after the notes.
    aligned = len(segments) >= 2 and segments[1].offset % SMALLEST_PAGE == 0 and segments[1].align != 0
    return "netdump" if aligned and not owners & {b"VMCOREINFO", b"QEMU"} else "elf-kdump"


def _missing_bytes(
    source: Source, header: elf.ElfHeader, segments: list[elf.Segment], sections: list[elf.Section] | None
) -> int | None:
    if source.size is None:
        return None
    missing = shortfall(elf.least_size(header, segments, sections), source.size)
    # A table too large to be read whole says nothing about the segments left out.
    return missing if missing or len(segments) == header.segment_count else None


def _refuse(source: Source, code: str, what: str, hint: str) -> XcrashError:
    return DUMP.refuse(code, f"{printable(source.path)} {what}", hint)
