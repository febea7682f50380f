# SPDX-License-Identifier: Apache-2.0
"""Tell Xen's hypervisor from other images, its version, and its debug builds, by the texts in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import NamedTuple

from xcrash.images.banner import CHUNK
from xcrash.images.elfimage import ElfImage
from xcrash.images.source import Source
from xcrash.images.text import printable

MACHINES = ("i686", "x86_64", "aarch64", "arm", "ppc64le", "riscv64")
MULTIBOOT_WITHIN = 32 << 10
"""Where a loader looks for the header (Multiboot 2 specification 3.1.1; Multiboot 1: within 8 KiB)."""

LARGEST_TEXTS = 8 << 20
_SECTIONS = (".rodata", ".init.data", ".init.rodata", ".init", ".data.rel.ro")
_OVERLAP = 512

# xen/common/efi/boot.c: PrintStr(L"Xen " VERSION " (c/s " CHANGESET ") EFI loader").
_VERSION = re.compile(rb"X\0e\0n\0 \0((?:[!-~]\0){3,64}) \0\(\0c\0/\0s\0")
# xen/drivers/char/console.c or xen/common/version.c prints it at boot; Linux says "Xen version: ".
_PRINTED = b"Xen version %d.%d%s ("
# xen/common/version.c: build_info, the text of xen_build_info(); older versions print "debug=%c".
_DEBUG = re.compile(rb"\0debug=([yn])[ \0]")
_SYMBOL = b"\0xen_extra_version\0"
_MULTIBOOT1, _MULTIBOOT2 = b"\x02\xb0\xad\x1b", b"\xd6\x50\x52\xe8"

_NAME = re.compile(
    r"xen(?:-syms)?(?:-dbg)?(?:\.gz)?-(\d[\w.+~-]{0,100}?)(?:-dbg|-d)?(?:\.gz|\.efi|\.xz|\.zst)?", re.ASCII
)
_DEBUG_NAME = re.compile(r"xen.*-(?:dbg|debug|d)(?:[-.].*)?", re.ASCII)


class Xen(NamedTuple):
    """What the texts say; ``is_debug`` is None where the build does not tell."""

    is_xen: bool = False
    version: str | None = None
    is_debug: bool | None = None


def search_texts(stream: Iterable[bytes]) -> Xen:
    """Look through consecutive chunks, LARGEST_TEXTS bytes of them."""
    found, tail, at = Xen(), b"", 0
    for chunk in stream:
        window = tail + chunk
        version, debug = _VERSION.search(window), _DEBUG.search(window)
        found = Xen(
            found.is_xen or version is not None or _PRINTED in window,
            found.version or (printable(version[1].replace(b"\0", b"")) if version else None),
            found.is_debug if found.is_debug is not None else debug[1] == b"y" if debug else None,
        )
        at += len(chunk)
        if at >= LARGEST_TEXTS or (found.version and found.is_debug is not None):
            break
        tail = window[-_OVERLAP:]
    return found if found.is_xen else Xen()


def xen_of(source: Source, image: ElfImage) -> Xen:
    """The hypervisor in an ELF file: by the texts of its data sections, or the names of its symbols."""
    if image.is_program or image.has_linux_marks or not image.is_kernel_type or image.header.machine not in MACHINES:
        return Xen()
    found = search_texts(_texts(source, image))
    if found.is_xen or not image.symbols or not image.sections:
        return found
    names = image.sections[image.symbols.link] if image.symbols.link < len(image.sections) else None
    if names and names.in_file and _SYMBOL in source.read_at(names.offset, min(names.size, LARGEST_TEXTS)):
        return found._replace(is_xen=True)
    return found


def has_text(source: Source, image: ElfImage, text: str) -> bool:
    """Whether ``text`` is among the texts of an ELF file: the changeset, say."""
    word, tail = text.encode() + b"\0", b""
    for chunk in _texts(source, image):
        if word in tail + chunk:
            return True
        tail = chunk[-_OVERLAP:]
    return False


def is_multiboot(start: bytes) -> bool:
    """Whether a multiboot loader such as GRUB would find a header in a file's first bytes to start it by."""
    return any(
        start[at : at + 4] in (_MULTIBOOT1, _MULTIBOOT2) for at in range(0, min(len(start), MULTIBOOT_WITHIN), 4)
    )


def version_by_name(path: str) -> str | None:
    """The version in a file name as distributions form it: "4.5.1_10-1" of xen-syms-dbg-4.5.1_10-1."""
    named = _NAME.fullmatch(PurePath(path).name)
    return named[1] if named else None


def is_debug_by_name(path: str) -> bool:
    """Whether the name is that of a debug build: xen-dbg-V (SUSE), xen-V-d (XenServer)."""
    return _DEBUG_NAME.fullmatch(PurePath(path).name) is not None


def _texts(source: Source, image: ElfImage) -> Iterator[bytes]:
    places = [(s.offset, s.size) for s in image.sections or () if s.name in _SECTIONS and s.in_file]
    if not any(section.name == ".rodata" for section in image.sections or ()):
        # The bootable file has everything in .text (xen/arch/x86/boot/mkelf32.c).
        places = [(0, LARGEST_TEXTS)]
    for start, size in places:
        for at in range(start, start + min(size, LARGEST_TEXTS), CHUNK):
            if not (chunk := source.read_at(at, min(CHUNK, start + size - at))):
                break
            yield chunk
