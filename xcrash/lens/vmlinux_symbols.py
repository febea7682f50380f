# SPDX-License-Identifier: Apache-2.0
"""The same addresses from the vmlinux of the running kernel, where the kernel hides them."""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Mapping
from pathlib import Path

from xcrash.errors import LensError
from xcrash.images import elf
from xcrash.images.source import LARGEST_READ, NAMELIST, ReadAt, open_image
from xcrash.lens.symbols import WANTED

_MOST_TEXT = 1 << 27
_KERNEL_OFFSET = re.compile(r"^KERNELOFFSET=([0-9a-f]{1,16})$", re.MULTILINE)
_SYMBOL = struct.Struct("<IBBHQQ")


def vmlinux_symbols(path: Path, notes: str) -> dict[str, int]:
    """What the symbol table of the running kernel's own vmlinux says, moved as VMCOREINFO in ``notes`` tells.

    Raises LensError ``lens-no-addresses`` when the file has none of them.
    """
    moved = _KERNEL_OFFSET.search(notes)
    offset = int(moved[1], 16) if moved else 0
    with open_image(path, NAMELIST) as source:
        header = elf.read_header(source.read_at)
        sections = elf.read_sections(source.read_at, header) if header else None
        table = next((one for one in sections or () if one.type == "SHT_SYMTAB"), None)
        if not sections or table is None or table.link >= len(sections):
            raise LensError("lens-no-addresses", f"{path} has no symbol table", "name the vmlinux: --vmlinux FILE")
        names = _whole(source.read_at, sections[table.link])
        rows = _whole(source.read_at, table)
    places = _places(names, WANTED)
    found = {
        places[row[0]]: row[4] + offset
        for row in _SYMBOL.iter_unpack(rows[: len(rows) // _SYMBOL.size * _SYMBOL.size])
        if row[0] in places
    }
    if not found:
        raise LensError("lens-no-addresses", f"{path} is no kernel", "name the vmlinux: --vmlinux FILE")
    return found


def _whole(read_at: ReadAt, section: elf.Section) -> bytes:
    parts, at, end = [], section.offset, section.offset + min(section.size, _MOST_TEXT)
    while at < end and (part := read_at(at, min(LARGEST_READ, end - at))):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _places(names: bytes, wanted: Collection[str]) -> Mapping[int, str]:
    """Where each name stands in a string table; one may be the end of a longer name."""
    found: dict[int, str] = {}
    for name in wanted:
        at = names.find(name.encode() + b"\0")
        while at >= 0:
            found[at] = name
            at = names.find(name.encode() + b"\0", at + 1)
    return found
