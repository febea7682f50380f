# SPDX-License-Identifier: Apache-2.0
"""Identify a kernel image: whose it is, and what crash could do with it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from xcrash.images import elf
from xcrash.images.banner import BannerSearch, find_banner
from xcrash.images.compressed import OPENED, gzip_name, look_inside
from xcrash.images.magic import HEAD_BYTES, classify
from xcrash.images.notes import Note, build_id_of, build_salt_of
from xcrash.images.source import NAMELIST, ImageFile, open_image, shortfall
from xcrash.images.text import c_string, printable

IMAGE_TYPES = ("exec", "dyn")
FARTHEST_BANNER = 64 << 20
"""Bytes of .rodata to search; the banner is at its start in most builds."""


class KernelImage(msgspec.Struct, frozen=True, kw_only=True):
    """A file taken for a kernel; facts of a compressed one are those of what is inside, None where not reached.

    ``format`` is one of the names of ``magic``: "elf", "gzip", "xz", "bzip2", "zstd", "bzImage", "text", "empty",
    "unknown", a dump format... ``contains`` is the same for the inside of a gzip, xz or bzip2 file, and ``gzip_name``
    the file name stored in a gzip header. ``machine`` is named as by uname -m, ``elf_type`` is "exec", "dyn", "rel",
    "core"... ``release_from`` is "banner", "BUILD_SALT" or "bzImage header". ``is_debug_only``: .text is elsewhere.
    ``missing_bytes`` is 0 for a whole ELF file, otherwise by how many bytes, at least, it is too short.
    """

    path: str
    size: int
    format: str
    contains: str | None = None
    gzip_name: str | None = None
    elf_class: int | None = None
    machine: str | None = None
    endian: str | None = None
    elf_type: str | None = None
    build_id: str | None = None
    release: str | None = None
    release_from: str | None = None
    version_text: str | None = None
    debuglink: str | None = None
    has_symbols: bool | None = None
    has_dwarf: bool | None = None
    is_debug_only: bool | None = None
    is_linux: bool | None = None
    missing_bytes: int | None = None


def identify_kernel(path: Path) -> KernelImage:
    """Identify the file; NamelistError when it is missing, not a file, or cannot be read."""
    with open_image(path, NAMELIST) as image:
        head = image.read_at(0, HEAD_BYTES)
        kernel = KernelImage(path=image.path, size=image.size, format=classify(head))
        if kernel.format == "elf":
            return _from_elf(kernel, image)
        if kernel.format in OPENED:
            return _from_compressed(kernel, image, head)
        if kernel.format == "bzImage":
            return _from_bzimage(kernel, image, head)
        return kernel


def _from_elf(kernel: KernelImage, image: ImageFile) -> KernelImage:
    header = elf.read_header(image.read_at)
    if header is None:
        return kernel
    segments = elf.read_segments(image.read_at, header)
    sections = elf.read_sections(image.read_at, header)
    notes = elf.read_notes(image.read_at, header, segments, sections)
    kernel = _described(kernel, header, notes, _banner_of(image, header, sections))
    missing = shortfall(elf.least_size(header, segments, sections), image.size)
    kernel = msgspec.structs.replace(kernel, missing_bytes=missing)
    # No section table at all is how a fully stripped file looks; one that cannot be read says nothing.
    return kernel if sections is None and header.section_count else _with_sections(kernel, image, sections or [])


def _banner_of(image: ImageFile, header: elf.ElfHeader, sections: list[elf.Section] | None) -> BannerSearch:
    if header.type not in IMAGE_TYPES:
        return BannerSearch()
    rodata = next((section for section in sections or () if section.name == ".rodata"), None)
    if rodata is None:
        return find_banner(image, 0, FARTHEST_BANNER)
    return find_banner(image, rodata.offset, min(rodata.size, FARTHEST_BANNER) if rodata.in_file else 0)


def _with_sections(kernel: KernelImage, image: ImageFile, sections: list[elf.Section]) -> KernelImage:
    by_name = {section.name: section for section in sections}
    text, link = by_name.get(".text"), by_name.get(".gnu_debuglink")
    return msgspec.structs.replace(
        kernel,
        debuglink=c_string(image.read_at(link.offset, min(link.size, 256))) if link else None,
        has_symbols=any(section.type == "SHT_SYMTAB" and section.in_file for section in sections),
        has_dwarf=any(by_name[name].in_file for name in (".debug_info", ".zdebug_info") if name in by_name),
        is_debug_only=text is not None and text.type == "SHT_NOBITS",
        is_linux=kernel.is_linux or (kernel.elf_type in IMAGE_TYPES and "__ksymtab" in by_name),
    )


def _from_compressed(kernel: KernelImage, image: ImageFile, head: bytes) -> KernelImage:
    inside = look_inside(image, kernel.format)
    kernel = msgspec.structs.replace(
        kernel, contains=inside.format, gzip_name=gzip_name(head) if kernel.format == "gzip" else None
    )
    return _described(kernel, inside.header, inside.notes, inside.banner) if inside.header else kernel


def _from_bzimage(kernel: KernelImage, image: ImageFile, head: bytes) -> KernelImage:
    """The release from the setup header (kernel Documentation/arch/x86/boot.rst, kernel_version)."""
    at = int.from_bytes(head[0x20E:0x210], "little")
    version = c_string(image.read_at(0x200 + at, 512)) if at else None
    return msgspec.structs.replace(
        kernel,
        release=version.split(" ", 1)[0] if version else None,
        release_from="bzImage header" if version else None,
        version_text=version,
        is_linux=True,
        has_symbols=False,
        has_dwarf=False,
    )


def _described(kernel: KernelImage, header: elf.ElfHeader, notes: list[Note], banner: BannerSearch) -> KernelImage:
    salt = build_salt_of(notes)
    # The banner first: a kernel rebuilt with a distribution's configuration keeps that distribution's BUILD_SALT.
    release = printable(banner.release) if banner.release else salt
    return msgspec.structs.replace(
        kernel,
        elf_class=header.elf_class,
        machine=header.machine,
        endian=header.endian,
        elf_type=header.type,
        build_id=build_id_of(notes),
        release=release,
        release_from="banner" if banner.release else "BUILD_SALT" if salt else None,
        version_text=printable(banner.text) if banner.text else None,
        is_linux=(header.type in IMAGE_TYPES and (banner.release is not None or salt is not None)) or None,
    )
