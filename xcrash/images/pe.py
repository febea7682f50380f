# SPDX-License-Identifier: Apache-2.0
"""Sections of an EFI program (PE/COFF): xen.efi, and unified kernel images."""

from __future__ import annotations

import struct
from typing import NamedTuple

from xcrash.images.source import ReadAt
from xcrash.images.text import printable

MOST_SECTIONS = 96
"""What Windows loads (PE Format, "COFF File Header"); a unified kernel image has about fifteen."""

_MACHINES = {0x8664: "x86_64", 0x14C: "i686", 0xAA64: "aarch64", 0x1C0: "arm", 0x1C2: "arm", 0x5064: "riscv64"}
_SECTION = struct.Struct("<8sIIII16x")
_CODE_VIEW = b"RSDS"


class PeSection(NamedTuple):
    """A section: where its contents lie in the file, and how many bytes of them are meant."""

    name: str
    offset: int
    size: int


class PeImage(NamedTuple):
    """The machine as by uname -m, None for another one, and the sections in file order."""

    machine: str | None
    sections: tuple[PeSection, ...]

    def section(self, name: str) -> PeSection | None:
        """The first section of that name."""
        return next((section for section in self.sections if section.name == name), None)


def read_pe(read_at: ReadAt) -> PeImage | None:
    """The section table; None when there is no PE header."""
    at = int.from_bytes(read_at(0x3C, 4), "little")
    head = read_at(at, 24)
    if len(head) < 24 or head[:4] != b"PE\0\0":
        return None
    machine, count = struct.unpack_from("<HH", head, 4)
    optional = struct.unpack_from("<H", head, 20)[0]
    table = read_at(at + 24 + optional, min(count, MOST_SECTIONS) * _SECTION.size)
    rows = _SECTION.iter_unpack(table[: len(table) // _SECTION.size * _SECTION.size])
    return PeImage(
        _MACHINES.get(machine),
        # The size in memory leaves out the padding of the file; ld writes none for debug sections.
        tuple(
            PeSection(printable(name.rstrip(b"\0")), offset, min(size, raw) or raw)
            for name, size, _address, raw, offset in rows
        ),
    )


def code_view_id(read_at: ReadAt, image: PeImage) -> str | None:
    """The id that a hypervisor started as xen.efi reports: 16 bytes in hex (xen/common/version.c, xen_build_init)."""
    place = image.section(".buildid")
    data = read_at(place.offset, min(place.size, 4096)) if place else b""
    at = data.find(_CODE_VIEW)
    signature = data[at + 4 : at + 20]
    return signature.hex() if at >= 0 and len(signature) == 16 else None
