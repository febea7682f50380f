# SPDX-License-Identifier: Apache-2.0
"""What a linked ELF file has beyond headers and contents: symbols, addresses, DWARF; and very large ones.

Layouts: System V ABI, "Object Files"; DWARF 4, sections 7.5.1.1 (unit header) and 7.5.3 (abbreviations).
"""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping, Sequence

from tests.unit.images import builders as b

Sections = list[tuple[str, int, bytes]]

_FLAGS = {".text": 6, ".init.text": 6, ".rodata": 2, ".notes": 2, ".note.gnu.build-id": 2, "__ksymtab": 2, ".data": 3}
_SHDR = {64: ("<IIQQQQIIQQ", 40, 58), 32: ("<10I", 32, 46)}
_PHDR = {64: ("<II6Q", 64, 3, 4, 2, 1), 32: ("<8I", 52, 2, 3, 1, 6)}
_ENTRY_AT = 24
_SYMBOL_SIZE = {64: 24, 32: 16}


def noise(seed: str, size: int) -> bytes:
    """Bytes that look like code to a compressor, the same for the same seed."""
    return random.Random(seed).randbytes(size)  # noqa: S311


def symbols(addresses: Mapping[str, int]) -> Sections:
    """.symtab and .strtab of a 64-bit file with these global functions."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in addresses)
    rows, at = [bytes(24)], 1
    for name, address in addresses.items():
        rows.append(struct.pack("<IBBHQQ", at, 0x12, 0, 1, address, 16))
        at += len(name) + 1
    return [(".symtab", b.SYMTAB, b"".join(rows)), (".strtab", b.STRTAB, names)]


def dwarf(producer: str, size: int = 0) -> Sections:
    """The DWARF of one compile unit; ``size`` bytes of strings make it as large as wanted."""
    unit = struct.pack("<HIB", 4, 0, 8) + b"\x01" + producer.encode() + b"\0"
    abbreviations = bytes((1, 0x11, 0, 0x25, 8, 0, 0, 0))
    text = (b"struct task_struct\0atomic_t\0list_head\0" * (size // 37 + 1))[:size]
    return [
        (".debug_info", b.PROGBITS, struct.pack("<I", len(unit)) + unit),
        (".debug_abbrev", b.PROGBITS, abbreviations),
        (".debug_str", b.PROGBITS, text + b"\0"),
    ]


def only_keep_debug(sections: Sections) -> Sections:
    """The sections as ``objcopy --only-keep-debug`` leaves them: code and data without contents, notes as they were."""
    return [(name, b.NOBITS if name in _FLAGS and kind == b.PROGBITS else kind, data) for name, kind, data in sections]


def linked(image: b.ElfFile, address: int = 0) -> bytes:
    """The file with what a linker adds: flags, addresses, and the symbol table's link to its names."""
    data = bytearray(image.build())
    layout, shoff_at, shentsize_at = _SHDR[image.bits]
    table_at = struct.unpack_from("<Q" if image.bits == 64 else "<I", data, shoff_at)[0]
    step = struct.unpack_from("<H", data, shentsize_at)[0]
    names = ["", *(name for name, _, _ in image.sections), ".shstrtab"]
    for index, name in enumerate(names):
        row = list(struct.unpack_from(layout, data, table_at + index * step))
        row[2] = _FLAGS.get(name, 0)
        row[3] = address + row[4] if row[2] and address else 0
        if name == ".symtab":
            row[6], row[7], row[9] = names.index(".strtab"), 1, _SYMBOL_SIZE[image.bits]
        struct.pack_into(layout, data, table_at + index * step, *row)
        if name == ".text" and address:
            struct.pack_into("<Q" if image.bits == 64 else "<I", data, _ENTRY_AT, row[3])
    _place_segments(data, image, address)
    return bytes(data)


def _place_segments(data: bytearray, image: b.ElfFile, address: int) -> None:
    layout, at, virtual, physical, offset, flags = _PHDR[image.bits]
    for kind, _ in image.segments:
        row = list(struct.unpack_from(layout, data, at))
        row[virtual] = row[physical] = address + row[offset]
        row[flags] = 7 if kind == b.PT_LOAD else 4
        struct.pack_into(layout, data, at, *row)
        at += struct.calcsize(layout)


def stretched(data: bytes, names: Sequence[str], size: int) -> tuple[bytes, bytes]:
    """Head and tail of the same ELF64 file of ``size`` bytes, between them a .debug_info of zeros.

    ``names`` are the section names in file order. The section headers lie at the very end, as in a real vmlinux.
    """
    head = bytearray(data)
    table_at = struct.unpack_from("<Q", head, 40)[0]
    count = struct.unpack_from("<H", head, 60)[0]
    tail = head[table_at:]
    del head[table_at:]
    row_at = 64 * (1 + list(names).index(".debug_info"))
    struct.pack_into("<QQ", tail, row_at + 24, len(head), size - 64 * count - len(head))
    struct.pack_into("<Q", head, 40, size - 64 * count)
    return bytes(head), bytes(tail)
