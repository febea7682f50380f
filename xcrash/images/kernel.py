# SPDX-License-Identifier: Apache-2.0
"""Identify a kernel image: whose it is, and what crash could do with it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from xcrash.far_file import Place
from xcrash.images import elf
from xcrash.images.banner import BannerSearch
from xcrash.images.bootimage import read_bzimage
from xcrash.images.compressed import LOOK, Inside, gzip_name, has_gzip_extra, look_inside
from xcrash.images.elfimage import IMAGE_TYPES, ElfImage, debuglink_of, read_elf, search_banner
from xcrash.images.magic import HEAD_BYTES, classify
from xcrash.images.notes import Note, build_id_of, build_salt_of
from xcrash.images.source import NAMELIST, Source, open_image, shortfall
from xcrash.images.streams import READABLE
from xcrash.images.text import printable

__all__ = ["DWARF_SIZED", "IMAGE_TYPES", "KernelImage", "Look", "identify_kernel", "look_at"]

DWARF_SIZED = 96 << 20
"""Bytes behind the last segment that only debug information takes: symbols and relocations need a third of it."""


class KernelImage(msgspec.Struct, frozen=True, kw_only=True):
    """A file taken for a kernel; facts of a compressed one are those of what is inside, None where not reached.

    ``format`` is one of the names of ``magic``: "elf", "gzip", "xz", "bzip2", "zstd", "bzImage", "text", "empty",
    "unknown", a dump format... ``contains`` is the same for the inside of a compressed file and of a bzImage, and
    ``payload`` the compression of a bzImage's inside. ``gzip_name`` is the file name stored in a gzip header;
    ``gzip_extra`` tells that another field stands before it. ``machine`` is named as by uname -m, ``elf_type`` is
    "exec", "dyn", "rel", "core"... ``release_from`` is "banner", "BUILD_SALT" or "bzImage header".
    ``is_debug_only``: .text is elsewhere. ``missing_bytes`` is 0 for a whole ELF file, otherwise by how many bytes, at
    least, it is too short. ``unloaded_bytes``: what a compressed ELF file has behind its segments, by its header.
    """

    path: str
    size: int
    format: str
    contains: str | None = None
    payload: str | None = None
    gzip_name: str | None = None
    gzip_extra: bool = False
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
    unloaded_bytes: int | None = None


class Look(NamedTuple):
    """A kernel's facts and what they were read from, for those who want to know more of the same file.

    ``source`` holds the ELF file that ``elf`` describes: the file itself, or all of what a small compressed one
    holds. ``head`` is the start of the contents, unpacked.
    """

    kernel: KernelImage
    source: Source
    elf: ElfImage | None = None
    head: bytes = b""
    inside: Inside | None = None


class Memory(NamedTuple):
    """Bytes already unpacked, to be read like a file."""

    path: str
    data: bytes

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.data)

    def read_at(self, offset: int, size: int) -> bytes:
        """As ``ImageFile.read_at``."""
        return self.data[offset : offset + size] if offset >= 0 and size > 0 else b""


def identify_kernel(path: Place, thorough: bool = True) -> KernelImage:
    """Identify the file; NamelistError when it is missing, not a file, or cannot be read.

    Without ``thorough`` the version text may be that of a build without its number, or be left out where a note tells
    the release: the banner is then not searched through megabytes of .rodata.
    """
    with open_image(path, NAMELIST) as image:
        return look_at(image, image.size, thorough).kernel


def look_at(image: Source, size: int, thorough: bool) -> Look:
    """Identify an open file of ``size`` bytes."""
    head = image.read_at(0, HEAD_BYTES)
    kernel = KernelImage(path=image.path, size=size, format=classify(head))
    look = Look(kernel, image, head=head)
    if kernel.format == "elf":
        return _from_elf(look, thorough)
    if kernel.format in READABLE:
        return _from_compressed(look, thorough)
    if kernel.format == "bzImage":
        return look._replace(kernel=_from_bzimage(kernel, image))
    return look if thorough else look._replace(head=image.read_at(0, LOOK))


def _from_elf(look: Look, thorough: bool) -> Look:
    image = read_elf(look.source)
    if image is None:
        return look
    banner = search_banner(look.source, image, thorough)
    kernel = _described(look.kernel, image.header, image.notes, banner, image.is_kernel_type)
    missing = shortfall(image.least_size, kernel.size)
    kernel = msgspec.structs.replace(kernel, missing_bytes=missing)
    return look._replace(kernel=_with_sections(kernel, look.source, image) if image.tables_known else kernel, elf=image)


def _with_sections(kernel: KernelImage, source: Source, image: ElfImage) -> KernelImage:
    return msgspec.structs.replace(
        kernel,
        debuglink=debuglink_of(source, image),
        has_symbols=image.symbols is not None,
        has_dwarf=image.has_dwarf,
        is_debug_only=image.is_debug_only,
        is_linux=kernel.is_linux or (image.is_kernel_type and image.section("__ksymtab") is not None),
    )


def _from_compressed(look: Look, thorough: bool) -> Look:
    inside = look_inside(look.source, look.kernel.format, thorough)
    is_gzip = look.kernel.format == "gzip"
    kernel = msgspec.structs.replace(
        look.kernel,
        contains=inside.format,
        gzip_name=gzip_name(look.head) if is_gzip else None,
        gzip_extra=is_gzip and has_gzip_extra(look.head),
        unloaded_bytes=inside.unloaded,
    )
    look = look._replace(kernel=kernel, head=inside.head, inside=inside)
    if inside.whole is not None:
        return _from_whole(look, inside.whole)
    if inside.header is None:
        return look
    image = ElfImage(inside.header, [], None, inside.notes)
    return look._replace(
        kernel=_described(kernel, inside.header, inside.notes, inside.banner, image.is_kernel_type), elf=image
    )


def _from_whole(look: Look, data: bytes) -> Look:
    source = Memory(look.source.path, data)
    image = read_elf(source)
    if image is None:
        return look
    banner = search_banner(source, image, thorough=False)
    kernel = _described(look.kernel, image.header, image.notes, banner, image.is_kernel_type)
    return look._replace(
        kernel=_with_sections(kernel, source, image) if image.sections else kernel, elf=image, source=source
    )


def _from_bzimage(kernel: KernelImage, image: Source) -> KernelImage:
    boot = read_bzimage(image)
    kernel = msgspec.structs.replace(kernel, payload=boot.payload)
    if boot.inside and boot.inside.header:
        kernel = msgspec.structs.replace(kernel, contains=boot.inside.format)
        kernel = _described(kernel, boot.inside.header, boot.inside.notes, boot.inside.banner, is_kernel=True)
    version = boot.version
    return msgspec.structs.replace(
        kernel,
        machine=kernel.machine or boot.machine,
        elf_class=None,
        elf_type=None,
        endian=None,
        release=version.split(" ", 1)[0] if version else kernel.release,
        release_from="bzImage header" if version else kernel.release_from,
        version_text=version or kernel.version_text,
        is_linux=True,
        has_symbols=False,
        has_dwarf=False,
    )


def _described(
    kernel: KernelImage, header: elf.ElfHeader, notes: list[Note], banner: BannerSearch, is_kernel: bool
) -> KernelImage:
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
        is_linux=(is_kernel and (banner.release is not None or salt is not None)) or None,
    )
