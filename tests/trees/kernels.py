# SPDX-License-Identifier: Apache-2.0
"""Kernels: vmlinux in its kinds, bzImage, modules. Small, but with everything a reader looks at in its place."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

from tests.trees.elves import Sections, dwarf, linked, noise, only_keep_debug, symbols
from tests.trees.packing import PACKERS
from tests.unit.images import builders as b

TEXT_ADDRESS = 0xFFFFFFFF81000000


@dataclass(frozen=True)
class Kernel:
    """A kernel build; ``version`` is that of uname -v, ``xen`` "pvops", "forward-ported" or None.

    ``salt``: the build has a BUILD_SALT note (kernel 4.19 and later, where the distribution sets it).
    """

    release: str
    version: str
    builder: str = "abuild@build"
    compiler: str = "gcc version 4.8.5 (SUSE Linux)"
    xen: str | None = None
    salt: bool = False
    seed: str = ""

    @property
    def banner(self) -> str:
        """The line of /proc/version."""
        return f"Linux version {self.release} ({self.builder}) ({self.compiler}) {self.version}\n"

    @property
    def build_id(self) -> bytes:
        """20 bytes that no other build has."""
        return hashlib.sha1(f"{self.release} {self.version} {self.seed}".encode()).digest()  # noqa: S324

    @property
    def notes(self) -> bytes:
        """The contents of .notes, which is what /sys/kernel/notes shows."""
        notes = b.note(b"GNU", 3, self.build_id)
        if self.xen is not None:
            notes = b.note(b"Xen", 6, b"linux\0") + b.note(b"Xen", 5, b"xen-3.0\0") + notes
        if self.salt:
            notes = b.note(b"Linux", 0x101, bytes(4)) + b.note(b"Linux", 0x100, self.release.encode() + b"\0") + notes
        return notes


def _core_sections(kernel: Kernel) -> Sections:
    # From 6.1 on there are two banners, the first without a build number (init/version.c).
    weak = kernel.banner.replace(" #1", " #").encode() + b"\0" if kernel.release >= "6" else b""
    rodata = b"%s version %s (%s)\n\0" + weak + kernel.banner.encode() + b"\0" + noise(kernel.release, 256)
    return [
        (".text", b.PROGBITS, noise(kernel.release + kernel.seed, 3072)),
        (".rodata", b.PROGBITS, rodata),
        (".notes", b.NOTE, kernel.notes),
        ("__ksymtab", b.PROGBITS, bytes(32)),
    ]


def _symbols(kernel: Kernel) -> Sections:
    names = ["_stext", "linux_banner", "init_task", "init_uts_ns", "jiffies", "schedule", "panic", "vfs_read"]
    if kernel.xen == "pvops":
        names += ["xen_start_info", "xen_p2m_addr", "init_top_pgt"]
    elif kernel.xen:
        names += ["xen_start_info", "phys_to_machine_mapping", "swapper_pg_dir"]
    return symbols({name: TEXT_ADDRESS + 64 * at for at, name in enumerate(names)})


def _elf(kernel: Kernel, sections: Sections) -> b.ElfFile:
    return b.ElfFile(sections=sections, segments=[(b.PT_LOAD, bytes(64)), (b.PT_NOTE, kernel.notes)])


@lru_cache(maxsize=512)
def vmlinux(kernel: Kernel, with_dwarf: bool = True) -> bytes:
    """A vmlinux with symbols, and with DWARF or without."""
    extra = dwarf(kernel.compiler, 4096) if with_dwarf else []
    return linked(_elf(kernel, _core_sections(kernel) + extra + _symbols(kernel)), TEXT_ADDRESS)


def vmlinux_section_names() -> list[str]:
    """The names of the sections of ``vmlinux`` with DWARF, in file order."""
    kernel = Kernel("1", "#1")
    return [name for name, _, _ in _core_sections(kernel) + dwarf("") + _symbols(kernel)]


@lru_cache(maxsize=64)
def split_debug(kernel: Kernel) -> bytes:
    """The debuginfo half of a split pair; larger than the other half, as crash wants it."""
    sections = only_keep_debug(_core_sections(kernel)) + dwarf(kernel.compiler, 16384) + _symbols(kernel)
    return linked(_elf(kernel, sections), TEXT_ADDRESS)


@lru_cache(maxsize=64)
def split_vmlinux(kernel: Kernel) -> bytes:
    """The other half: symbols, no DWARF, and a link to the debuginfo by name and CRC32."""
    name = f"vmlinux-{kernel.release}.debug".encode() + b"\0"
    link = name + bytes(-len(name) % 4) + struct.pack("<I", zlib.crc32(split_debug(kernel)))
    sections = [*_core_sections(kernel), (".gnu_debuglink", b.PROGBITS, link), *_symbols(kernel)]
    return linked(_elf(kernel, sections), TEXT_ADDRESS)


@lru_cache(maxsize=64)
def stripped_vmlinux(kernel: Kernel) -> bytes:
    """What a bzImage carries: no symbols, no DWARF."""
    return linked(_elf(kernel, _core_sections(kernel)), TEXT_ADDRESS)


@lru_cache(maxsize=512)
def bzimage(kernel: Kernel, compression: str = "gz", efi_stub: bool = True) -> bytes:
    """A boot image with its kernel inside (kernel Documentation/arch/x86/boot.rst)."""
    setup = bytearray(8 * 512)
    text = f"{kernel.release} ({kernel.builder}) {kernel.version}".encode() + b"\0"
    packed = PACKERS[compression](stripped_vmlinux(kernel))
    # For gzip the size is the stream's own last word; for all others the build appends it.
    payload = packed if compression == "gz" else packed + struct.pack("<I", len(stripped_vmlinux(kernel)))
    if efi_stub:
        setup[0:2] = b"MZ"
        struct.pack_into("<I", setup, 0x3C, 0x82)
        setup[0x82:0x86] = b"PE\0\0"
    setup[0x1F1] = len(setup) // 512 - 1
    setup[0x1FE:0x200] = b"\x55\xaa"
    setup[0x200:0x206] = b"\xeb\x66HdrS"
    struct.pack_into("<H", setup, 0x206, 0x020F)
    struct.pack_into("<H", setup, 0x20E, 0xC00 - 0x200)
    setup[0x211] = 1  # LOADED_HIGH
    code = noise("decompressor", 512)
    struct.pack_into("<II", setup, 0x248, len(code), len(payload))
    setup[0xC00 : 0xC00 + len(text)] = text
    return bytes(setup) + code + payload


def _module_sections(kernel: Kernel, name: str) -> Sections:
    info = f"license=GPL\0name={name}\0vermagic={kernel.release} SMP mod_unload modversions \0".encode()
    build_id = hashlib.sha1(f"{name} {kernel.release}".encode()).digest()  # noqa: S324
    return [
        (".text", b.PROGBITS, noise(name, 512)),
        (".note.gnu.build-id", b.NOTE, b.note(b"GNU", 3, build_id)),
        (".modinfo", b.PROGBITS, info),
    ]


@lru_cache(maxsize=256)
def module(kernel: Kernel, name: str) -> bytes:
    """A module as the kernel loads it."""
    table = symbols({"init_module": 0, "cleanup_module": 64})
    return linked(b.ElfFile(type=b.REL, sections=_module_sections(kernel, name) + table))


@lru_cache(maxsize=256)
def module_debug(kernel: Kernel, name: str) -> bytes:
    """The debuginfo of a module."""
    sections = only_keep_debug(_module_sections(kernel, name)) + dwarf(kernel.compiler, 512)
    return linked(b.ElfFile(type=b.REL, sections=sections + symbols({"init_module": 0})))


@lru_cache(maxsize=2)
def program() -> bytes:
    """A small program of the system: an ELF file that is no kernel."""
    return linked(b.ElfFile(type=b.DYN, sections=[(".text", b.PROGBITS, noise("program", 128))]), 0x1000)
