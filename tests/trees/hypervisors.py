# SPDX-License-Identifier: Apache-2.0
"""Xen: the bootable 32-bit image, its 64-bit symbols, the EFI program. Layout as in Debian's 4.17 packages."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from functools import lru_cache

from tests.trees.elves import Sections, dwarf, linked, noise, symbols
from tests.unit.images import builders as b

MULTIBOOT_MAGIC = 0x1BADB002
_FLAGS = 3
_BOOT_ADDRESS, _ADDRESS = 0x200000, 0xFFFF82D040200000


@dataclass(frozen=True)
class Hypervisor:
    """A build of Xen; ``version`` is "4.17.7+13-g...": major, minor and all that follows."""

    version: str
    compiler: str = "gcc (SUSE Linux) 4.8.5"
    debug: bool = False
    capabilities: str = "xen-3.0-x86_64 xen-3.0-x86_32p hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 "

    @property
    def build_id(self) -> bytes:
        """20 bytes, different for the debug build of the same source."""
        return hashlib.sha1(f"xen {self.version} {self.debug}".encode()).digest()  # noqa: S324

    @property
    def parts(self) -> tuple[str, str, str]:
        """Major, minor, extra version, as in /sys/hypervisor/version."""
        major, minor = self.version.split(".")[:2]
        minor = minor[: next((at for at, sign in enumerate(minor) if not sign.isdigit()), len(minor))]
        return major, minor, self.version[len(major) + 1 + len(minor) :]

    @property
    def short(self) -> str:
        """Major and minor: "4.17"."""
        return ".".join(self.parts[:2])

    @property
    def texts(self) -> bytes:
        """What is in .rodata: the formats of the boot messages and the values that go into them."""
        return b"\0".join(
            text.encode()
            for text in (
                "Xen version %d.%d%s (%s@%s) (%s) debug=%c %s\n",
                self.parts[2],
                self.version,
                self.compiler,
                f"debug={'y' if self.debug else 'n'}",
                "----[ Xen-%d.%d%s  x86_64  %s  %s ]----\n",
                "xen-%d.%d-x86_64 ",
                "",
            )
        )


def _code(xen: Hypervisor) -> bytes:
    header = struct.pack("<III", MULTIBOOT_MAGIC, _FLAGS, -(MULTIBOOT_MAGIC + _FLAGS) & 0xFFFFFFFF)
    return bytes(16) + header + noise(xen.version + str(xen.debug), 2048) + xen.texts


@lru_cache(maxsize=128)
def xen_elf32(xen: Hypervisor) -> bytes:
    """What ``xen.gz`` unpacks to: i386, because multiboot enters in 32-bit mode; no symbols."""
    note = b.note(b"GNU", 3, xen.build_id)
    image = b.ElfFile(machine=b.I386, bits=32, sections=[(".text", b.PROGBITS, _code(xen)), (".note", b.NOTE, note)])
    image.segments = [(b.PT_LOAD, _code(xen)), (b.PT_NOTE, note)]
    return linked(image, _BOOT_ADDRESS)


@lru_cache(maxsize=128)
def xen_syms(xen: Hypervisor, with_dwarf: bool = True) -> bytes:
    """xen-syms: 64-bit, not bootable, with symbols; DWARF where the distribution leaves it in."""
    note = b.note(b"GNU", 3, xen.build_id)
    sections: Sections = [
        (".text", b.PROGBITS, _code(xen)),
        (".rodata", b.PROGBITS, xen.texts),
        (".note.gnu.build-id", b.NOTE, note),
        (".init.text", b.PROGBITS, bytes(64)),
        *(dwarf(xen.compiler, 4096) if with_dwarf else []),
        *symbols({name: _ADDRESS + 64 * at for at, name in enumerate(("start", "crash_notes", "xen_extra_version"))}),
    ]
    return linked(b.ElfFile(sections=sections, segments=[(b.PT_LOAD, bytes(64)), (b.PT_NOTE, note)]), _ADDRESS)


@lru_cache(maxsize=16)
def xen_efi(xen: Hypervisor) -> bytes:
    """xen.efi: a PE32+ application; its build-id is in a CodeView record (Microsoft PE format specification)."""
    text = _code(xen)
    record = struct.pack("<4s16sI", b"RSDS", xen.build_id[:16], 0) + b"\0"
    sections = [(b".text", text), (b".buildid", b.note(b"GNU", 3, xen.build_id) + record)]
    head = bytearray(0x400)
    head[0:2] = b"MZ"
    struct.pack_into("<I", head, 0x3C, 0x80)
    struct.pack_into("<4sHHIIIHH", head, 0x80, b"PE\0\0", 0x8664, len(sections), 0, 0, 0, 240, 0x0206)
    optional = struct.pack("<HBBIIIII", 0x20B, 2, 40, len(text), 0, 0, 0x1000, 0x1000)
    optional += struct.pack("<QII", _ADDRESS, 0x1000, 0x200) + bytes(16) + struct.pack("<II", 0x4000, 0x400)
    optional += struct.pack("<IHH", 0, 10, 0) + bytes(32) + struct.pack("<II", 0, 16)  # 10: EFI application
    head[0x98 : 0x98 + len(optional)] = optional
    body = b""
    for at, (name, data) in enumerate(sections):
        raw = data + bytes(-len(data) % 0x200)
        row = (name, len(data), 0x1000 * (at + 1), len(raw), 0x400 + len(body), 0, 0, 0, 0, 0x60000020)
        struct.pack_into("<8sIIIIIIHHI", head, 0x98 + 240 + 40 * at, *row)
        body += raw
    return bytes(head) + body
