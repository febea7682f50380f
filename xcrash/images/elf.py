# SPDX-License-Identifier: Apache-2.0
"""ELF headers, segments and sections, from bounded reads.

The only importer of elftools. It uses the library's descriptions of the structures (elftools.elf.structs) and not its
ELFFile, which wants a whole, seekable, honest file: these may be truncated, half unpacked or hostile.
"""

from __future__ import annotations

import struct
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

from xcrash.images.notes import MOST_NOTES, Note, iter_notes
from xcrash.images.source import LARGEST_READ, ReadAt
from xcrash.images.text import printable

HEADER_BYTES = 64
MOST_SECTIONS = 8192
"""vmlinux has about a hundred; a module built with -ffunction-sections a few thousand."""

MOST_SEGMENTS = 1 << 17
"""Twice what fits into the header's own count."""

LONGEST_NAME = 256
LARGEST_NAMES = 1 << 20

PT_LOAD, PT_INTERP, PT_NOTE = 1, 3, 4
PN_XNUM = SHN_XINDEX = 0xFFFF
DUMP_ELF_INCOMPLETE = 1
"""In e_flags of a core: makedumpfile ran out of space (crash's netdump.h)."""

_MACHINES = {
    "EM_386": "i686",
    "EM_IA_64": "ia64",
    "EM_LOONGARCH": "loongarch64",
    "EM_SPARCV9": "sparc64",
}
_MACHINES_BY_CLASS = {
    "EM_S390": ("s390", "s390x"),
    "EM_RISCV": ("riscv32", "riscv64"),
    "EM_MIPS": ("mips", "mips64"),
}


class ElfHeader(NamedTuple):
    """The file header, with counts beyond 16 bits already taken from section 0."""

    elf_class: int
    endian: str
    type: str
    machine: str
    flags: int
    segments_at: int
    segment_count: int
    sections_at: int
    section_count: int
    names_section: int

    @property
    def section_header_size(self) -> int:
        return 64 if self.elf_class == 64 else 40

    @property
    def segment_header_size(self) -> int:
        return 56 if self.elf_class == 64 else 32


class Segment(NamedTuple):
    """A program header; offset and size in the file, in bytes."""

    type: int
    offset: int
    size: int
    align: int


class Section(NamedTuple):
    """A section header; ``type`` is elftools' name such as "SHT_NOBITS", or the number as text.

    ``link`` is the number of another section, for a symbol table that of its names.
    """

    name: str
    type: str
    offset: int
    size: int
    link: int = 0

    @property
    def in_file(self) -> bool:
        """Whether the file holds its contents: a section header alone proves nothing."""
        return self.type not in ("SHT_NOBITS", "SHT_NULL") and self.size > 0


def read_header(read_at: ReadAt) -> ElfHeader | None:
    """The header of an ELF file of either class and byte order; None when it is not one."""
    head = read_at(0, HEADER_BYTES)
    if len(head) < 52 or head[:4] != b"\x7fELF" or head[4] not in (1, 2) or head[5] not in (1, 2):
        return None
    structs = _structs(64 if head[4] == 2 else 32, head[5] == 1)
    fields = _parse(structs.Elf_Ehdr, head)
    if fields is None:
        return None
    header = ElfHeader(
        elf_class=structs.elfclass,
        endian="little" if structs.little_endian else "big",
        type=str(fields.e_type).removeprefix("ET_").lower(),
        machine=_machine(str(fields.e_machine), structs.elfclass, structs.little_endian),
        flags=fields.e_flags,
        segments_at=fields.e_phoff,
        segment_count=fields.e_phnum if fields.e_phoff else 0,
        sections_at=fields.e_shoff,
        section_count=fields.e_shnum if fields.e_shoff else 0,
        names_section=fields.e_shstrndx,
    )
    return _with_extended_counts(header, structs, read_at)


def read_segments(read_at: ReadAt, header: ElfHeader) -> list[Segment]:
    """The program headers, in file order; fewer than announced when the table is cut short."""
    # A dump can have tens of thousands of them: too many for a description that is interpreted field by field.
    order = "<" if header.endian == "little" else ">"
    size = header.segment_header_size
    count = min(header.segment_count, MOST_SEGMENTS)
    table = read_at(header.segments_at, count * size)
    table = table[: len(table) // size * size]
    if header.elf_class == 64:
        rows = struct.iter_unpack(order + "II6Q", table)
        return [Segment(kind, offset, filesz, align) for kind, _, offset, _, _, filesz, _, align in rows]
    rows = struct.iter_unpack(order + "8I", table)
    return [Segment(kind, offset, filesz, align) for kind, offset, _, _, filesz, _, _, align in rows]


def read_sections(read_at: ReadAt, header: ElfHeader) -> list[Section] | None:
    """The section headers with their names; None when there is no table, or it cannot be read whole."""
    size = header.section_header_size
    if not 0 < header.section_count <= MOST_SECTIONS:
        return None
    table = read_at(header.sections_at, header.section_count * size)
    if len(table) < header.section_count * size:
        return None
    order = "<" if header.endian == "little" else ">"
    rows = list(struct.iter_unpack(order + ("IIQQQQIIQQ" if header.elf_class == 64 else "10I"), table))
    names = b""
    if header.names_section < len(rows):
        names = read_at(rows[header.names_section][4], min(rows[header.names_section][5], LARGEST_NAMES))
    types = _section_types()
    return [
        Section(_name(names, name), types.get(kind) or str(kind), offset, length, link)
        for name, kind, _flags, _address, offset, length, link, *_ in rows
    ]


def least_size(header: ElfHeader, segments: list[Segment], sections: list[Section] | None) -> int:
    """The least size of a file that holds both tables and all they point to."""
    return max(
        header.segments_at + header.segment_count * header.segment_header_size,
        header.sections_at + header.section_count * header.section_header_size,
        *(segment.offset + segment.size for segment in segments),
        *(section.offset + section.size for section in sections or () if section.in_file),
    )


def read_notes(
    read_at: ReadAt, header: ElfHeader, segments: list[Segment], sections: list[Section] | None
) -> list[Note]:
    """Every note of the note sections, or of the note segments where there are no such sections."""
    places = [(section.offset, section.size) for section in sections or () if section.type == "SHT_NOTE"]
    places = places or [(segment.offset, segment.size) for segment in segments if segment.type == PT_NOTE]
    notes: list[Note] = []
    budget = LARGEST_READ
    for offset, size in places:
        if size <= budget and len(notes) < MOST_NOTES:
            budget -= size
            notes += iter_notes(read_at(offset, size), header.endian)
    return notes


@cache
def _structs(elf_class: int, little_endian: bool) -> Any:
    from elftools.elf.structs import ELFStructs

    structs = ELFStructs(little_endian=little_endian, elfclass=elf_class)
    structs.create_basic_structs()
    structs.create_advanced_structs()
    return structs


@cache
def _section_types() -> dict[int, str]:
    from elftools.elf.enums import ENUM_SH_TYPE_BASE

    return {number: name for name, number in ENUM_SH_TYPE_BASE.items() if name.startswith("SHT_")}


def _parse(description: Any, data: bytes) -> Any:
    """The structure as elftools reads it; None when the bytes are too few or impossible."""
    from elftools.common.exceptions import ELFError
    from elftools.common.utils import struct_parse

    try:
        return struct_parse(description, BytesIO(data))
    except ELFError:
        return None


def _with_extended_counts(header: ElfHeader, structs: Any, read_at: ReadAt) -> ElfHeader:
    """Section 0 holds the counts that do not fit into the header (elf(5), PN_XNUM, SHN_XINDEX)."""
    no_count = header.sections_at and not header.section_count
    if not (no_count or header.segment_count == PN_XNUM or header.names_section == SHN_XINDEX):
        return header
    first = _parse(structs.Elf_Shdr, read_at(header.sections_at, header.section_header_size))
    if first is None:
        return header
    return header._replace(
        segment_count=first.sh_info if header.segment_count == PN_XNUM else header.segment_count,
        section_count=first.sh_size if no_count else header.section_count,
        names_section=first.sh_link if header.names_section == SHN_XINDEX else header.names_section,
    )


def _machine(name: str, elf_class: int, little_endian: bool) -> str:
    """The name uname -m has for it."""
    if name == "EM_PPC64":
        return "ppc64le" if little_endian else "ppc64"
    if name in _MACHINES_BY_CLASS:
        return _MACHINES_BY_CLASS[name][elf_class == 64]
    return _MACHINES.get(name) or name.removeprefix("EM_").lower()


def _name(names: bytes, at: int) -> str:
    return printable(names[at : at + LONGEST_NAME].split(b"\0", 1)[0])
