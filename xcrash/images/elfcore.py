# SPDX-License-Identifier: Apache-2.0
"""Identify an ELF core of a kernel: /proc/vmcore, makedumpfile -E, QEMU and libvirt, Xen."""

from __future__ import annotations

from xcrash.errors import XcrashError
from xcrash.images import elf
from xcrash.images.identity import DumpIdentity, with_vmcoreinfo
from xcrash.images.source import DUMP, Source, shortfall
from xcrash.images.text import printable
from xcrash.images.vmcoreinfo import parse_vmcoreinfo

SMALLEST_PAGE = 4096
NT_AUXV, NT_FILE, NT_SIGINFO = 6, 0x46494C45, 0x53494749
"""Notes that only the core of a process has (kernel fs/binfmt_elf.c)."""


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
    notes = elf.read_notes(source.read_at, header, segments, None)
    if any(note.owner == b"CORE" and note.type in (NT_AUXV, NT_FILE, NT_SIGINFO) for note in notes):
        raise _refuse(source, "process-core", "is the core of a process, not of a kernel", "use gdb for it")
    owners = {note.owner for note in notes}
    flags = {
        "live": b"SNAP" in owners,
        "eraseinfo": b"ERASEINFO" in owners,
        "xen": owners & {b"Xen", b"VMCOREINFO_XEN"},
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
    return with_vmcoreinfo(dump, parse_vmcoreinfo(info))


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
