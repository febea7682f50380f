# SPDX-License-Identifier: Apache-2.0
"""One ELF file as a kernel image: its tables, its notes and what they say."""

from __future__ import annotations

from typing import NamedTuple

from xcrash.images import elf
from xcrash.images.banner import BannerSearch, find_banner
from xcrash.images.notes import Note, build_salt_of
from xcrash.images.source import Source
from xcrash.images.text import c_string

IMAGE_TYPES = ("exec", "dyn")
"""The types of a linked program, as which kernels and hypervisors come."""

FARTHEST_BANNER = 64 << 20
"""Bytes of .rodata to search; the banner is at its start in most builds."""

NEAR_BANNER = 256 << 10

LINUX_VERSION_CODE = 0
"""Type of the note that the objects of a vDSO have (kernel arch/*/entry/vdso/note.S) and no vmlinux has."""


class ElfImage(NamedTuple):
    """The tables of an ELF file; ``sections`` is None when there is no table, or it cannot be read."""

    header: elf.ElfHeader
    segments: list[elf.Segment]
    sections: list[elf.Section] | None
    notes: list[Note]

    def section(self, name: str) -> elf.Section | None:
        """The first section of that name."""
        return next((section for section in self.sections or () if section.name == name), None)

    @property
    def tables_known(self) -> bool:
        """No section table at all is how a fully stripped file looks; one that cannot be read says nothing."""
        return self.sections is not None or not self.header.section_count

    @property
    def symbols(self) -> elf.Section | None:
        """The symbol table, when the file holds one."""
        return next((s for s in self.sections or () if s.type == "SHT_SYMTAB" and s.in_file), None)

    @property
    def has_dwarf(self) -> bool:
        """Whether debug information is here, contents and not just a section header."""
        return any(s.in_file for s in self.sections or () if s.name in (".debug_info", ".zdebug_info"))

    @property
    def is_debug_only(self) -> bool:
        """Whether text and data are in another file (objcopy --only-keep-debug)."""
        text = self.section(".text")
        return text is not None and text.type == "SHT_NOBITS"

    @property
    def is_program(self) -> bool:
        """Whether it wants a dynamic loader, as no kernel does."""
        return any(segment.type == elf.PT_INTERP for segment in self.segments)

    @property
    def is_kernel_type(self) -> bool:
        """A linked image, and not a vDSO, which has the kernel's notes too."""
        vdso = any(note.owner == b"Linux" and note.type == LINUX_VERSION_CODE for note in self.notes)
        return self.header.type in IMAGE_TYPES and not vdso

    @property
    def has_linux_marks(self) -> bool:
        """Notes or sections that only a Linux kernel has."""
        exports = any(s.name in ("__ksymtab", "__ksymtab_strings", "__ex_table") for s in self.sections or ())
        return self.is_kernel_type and (exports or any(note.owner == b"Linux" for note in self.notes))

    @property
    def least_size(self) -> int:
        """The least size of a file that holds all that the tables point to."""
        return elf.least_size(self.header, self.segments, self.sections)


def read_elf(source: Source) -> ElfImage | None:
    """The tables and notes of an ELF file; None without a whole header."""
    header = elf.read_header(source.read_at)
    if header is None:
        return None
    segments = elf.read_segments(source.read_at, header)
    sections = elf.read_sections(source.read_at, header)
    return ElfImage(header, segments, sections, elf.read_notes(source.read_at, header, segments, sections))


def debuglink_of(source: Source, image: ElfImage) -> str | None:
    """The name of the file with the debug information (.gnu_debuglink)."""
    link = image.section(".gnu_debuglink")
    return c_string(source.read_at(link.offset, min(link.size, 256))) if link else None


def search_banner(source: Source, image: ElfImage, thorough: bool) -> BannerSearch:
    """The banner in .rodata, or anywhere in a file without sections.

    Without ``thorough`` its release is enough: when a note tells that already, or the file does not look like Linux,
    only the place is searched where most builds have it.
    """
    if not image.is_kernel_type:
        return BannerSearch()
    rodata = image.section(".rodata")
    at, size = (rodata.offset, rodata.size if rodata.in_file else 0) if rodata else (0, FARTHEST_BANNER)
    if thorough:
        return find_banner(source, at, min(size, FARTHEST_BANNER))
    likely = image.has_linux_marks or (not image.sections and not image.is_program)
    far = likely and build_salt_of(image.notes) is None
    return find_banner(source, at, min(size, FARTHEST_BANNER if far else NEAR_BANNER), thorough=False)
