# SPDX-License-Identifier: Apache-2.0
"""The role of an ELF file: a kernel, its debug information, a hypervisor, a module, a dump or none of them."""

from __future__ import annotations

import re
from pathlib import PurePath

import msgspec

from xcrash.images.bootimage import contents
from xcrash.images.elfcore import NT_AUXV, NT_FILE, NT_SIGINFO
from xcrash.images.elfimage import ElfImage
from xcrash.images.image import Image
from xcrash.images.kernel import DWARF_SIZED, Look
from xcrash.images.text import printable
from xcrash.images.xen import (
    MULTIBOOT_WITHIN,
    Xen,
    is_debug_by_name,
    is_multiboot,
    search_texts,
    version_by_name,
    xen_of,
)

_BOOTED_ELF = ("ppc64", "ppc64le", "ppc", "mips", "mips64", "sparc64")
"""Machines whose loaders take the vmlinux itself."""


def elf_role(image: Image, look: Look) -> Image:
    """The image with its role, and what only that role has."""
    kind = look.elf.header.type if look.elf else None
    if look.elf is None:
        return _noted(image, "an ELF file whose header cannot be read")
    if kind == "core":
        return _core(image, look.elf)
    if kind == "rel":
        return _object(image, look, look.elf)
    if not look.elf.is_kernel_type:
        is_linked = kind in ("exec", "dyn")
        return _noted(image, "the vDSO of a kernel" if is_linked else f"an ELF file of type {kind}")
    if look.kernel.is_linux or look.elf.has_linux_marks:
        return _linux(image, look)
    xen = _search_xen(look, look.elf)
    if xen.is_xen:
        return _xen(image, look, look.elf, xen)
    return _unproven(image, look, look.elf)


def _search_xen(look: Look, elf: ElfImage) -> Xen:
    if _is_unpacked(look):
        return xen_of(look.source, elf)
    return search_texts(contents(look.source, look.kernel.format))


def _is_unpacked(look: Look) -> bool:
    """Whether ``look.source`` can be read for more: a large compressed file is not kept."""
    return look.inside is None or look.inside.whole is not None


def _has_multiboot(look: Look) -> bool:
    return is_multiboot(look.source.read_at(0, MULTIBOOT_WITHIN) if _is_unpacked(look) else look.head)


def _noted(image: Image, *notes: str, **changes: object) -> Image:
    return msgspec.structs.replace(image, notes=(*image.notes, *(n for n in notes if n)), **changes)


def _core(image: Image, elf: ElfImage) -> Image:
    if any(note.owner == b"CORE" and note.type in (NT_AUXV, NT_FILE, NT_SIGINFO) for note in elf.notes):
        return _noted(image, "the core of a process, not of a kernel")
    packed = "crash reads no dump through a decompressor: unpack it first" if image.compression else ""
    return _noted(image, "an ELF core", packed, role="dump", has_symbols=None, has_dwarf=None)


def _object(image: Image, look: Look, elf: ElfImage) -> Image:
    if not _is_unpacked(look):
        return _noted(image, "an object file or kernel module, too large to be unpacked for a look")
    info, this = elf.section(".modinfo"), elf.section(".gnu.linkonce.this_module")
    if info is None and this is None:
        return _noted(image, "an object file")
    magic = None
    if info and info.in_file:
        fields = look.source.read_at(info.offset, min(info.size, 64 << 10)).split(b"\0")
        magic = next((field[9:] for field in fields if field.startswith(b"vermagic=")), None)
    image = msgspec.structs.replace(image, release=printable(magic.split(b" ", 1)[0]) if magic else None)
    if not image.has_dwarf:
        return _noted(image, "kernel module")
    packed = f"crash does not find a module compressed with {image.compression}" if image.compression else ""
    return _noted(image, packed, role="module-debuginfo")


_XEN_IMAGE = re.compile(r"xen(?:-(?!syms)[\w.+-]*|\.gz.*)?$")
"""Names of bootable hypervisors: xen, xen-4.5.1.gz, xen.gz-2.6.18-8.el5."""


def _linux(image: Image, look: Look) -> Image:
    unloaded = look.inside.unloaded if look.inside else None
    image = msgspec.structs.replace(image, bootable=look.kernel.machine in _BOOTED_ELF)
    if image.has_dwarf:
        whole = "" if look.kernel.is_debug_only else "whole: text, symbols and debug information in one file"
        return _noted(image, whole, role="kernel-debuginfo", bootable=bool(image.bootable) and bool(whole))
    if image.has_dwarf is None and unloaded is not None and unloaded >= DWARF_SIZED:
        note = f"{unloaded >> 20} MiB of it are not loaded: debug information, by the size of it"
        return _noted(image, note, role="kernel-debuginfo")
    if PurePath(image.path).name.startswith("vmlinuz"):
        return _noted(image, "a boot image by name", role="kernel-boot", bootable=True)
    return _noted(image, role="kernel-elf")


def _xen(image: Image, look: Look, elf: ElfImage, xen: Xen) -> Image:
    is_debug = is_debug_by_name(image.path) if xen.is_debug is None else xen.is_debug
    how = "by name" if xen.is_debug is None else f"debug={'y' if xen.is_debug else 'n'} in it"
    build = f"a {'debug' if is_debug else 'release'} build ({how})"
    version = xen.version or version_by_name(image.path)
    by_name = "version by name" if version and not xen.version else ""
    image = _noted(image, build, by_name, version=version, release=None)
    if elf.header.elf_class == 32 and _has_multiboot(look):
        return _noted(image, role="xen-boot-debug" if is_debug else "xen-boot", bootable=True)
    if image.has_symbols is not False or image.has_dwarf:
        return _noted(image, role="xen-syms-debug" if is_debug else "xen-syms", bootable=False)
    return _noted(image, "Xen, stripped: of no use without its xen-syms")


def _unproven(image: Image, look: Look, elf: ElfImage) -> Image:
    """An executable that does not say what it is: a program as a rule."""
    name = PurePath(image.path).name
    if elf.is_program or elf.header.type == "dyn":
        return _noted(image, "a program or library", release=None)
    if name.startswith("xen-syms") and image.has_symbols:
        role = "xen-syms-debug" if is_debug_by_name(image.path) else "xen-syms"
        return _noted(
            image, "the symbols of Xen by name", role=role, version=version_by_name(image.path), bootable=False
        )
    if elf.header.elf_class == 32 and _has_multiboot(look):
        if not name.startswith("xen"):
            return _noted(image, "a multiboot program", bootable=True)
        role = "xen-boot-debug" if is_debug_by_name(image.path) else "xen-boot"
        return _noted(image, "Xen by name", role=role, version=version_by_name(image.path), bootable=True)
    if elf.header.elf_class == 32 and _XEN_IMAGE.match(name):
        role = "xen-boot-debug" if is_debug_by_name(image.path) else "xen-boot"
        how = "Xen by name; no multiboot header was found"
        return _noted(image, how, role=role, version=version_by_name(image.path), bootable=True)
    if name.startswith("vmlinux") and look.kernel.is_linux is not False:
        return _noted(image, "a kernel by name", role="kernel-elf")
    return _noted(image, "an executable that is neither Linux nor Xen")
