# SPDX-License-Identifier: Apache-2.0
"""Identify a stand-alone dump of s390. Layout: s390-tools' include/dump/s390_dump.h (df_s390_hdr, df_s390_em)."""

from __future__ import annotations

from xcrash.images.fields import epoch_seconds, page_size_or_none, read_fields
from xcrash.images.identity import DumpIdentity
from xcrash.images.memory import Extent, StoredMemory
from xcrash.images.source import Source, shortfall

MEMORY_AT = 4096
"""Where crash reads memory, whatever the header says (s390_dump.c:read_s390_dumpfile)."""

END_MARK = b"DUMP_END"
END_BYTES = 16
TOD_OF_1970 = 0x7D91048BCA000000
"""The time-of-day clock counts from 1900; its bit 51 is a microsecond."""

MACHINES = {1: "s390", 2: "s390x"}
_HEADER = {
    "page_size": (0x14, "I"),
    "memory": (0x18, "Q"),
    "pages": (0x30, "I"),
    "tod": (0x38, "Q"),
    "arch": (0x48, "I"),
    "multi_volume": (0x5C, "B"),
    "cpus": (0x5D, "H"),
}


def read_s390(source: Source) -> DumpIdentity:
    """Identify the dump; ``incomplete`` is one that does not end with the mark its writer puts last."""
    header = _header(source)
    memory, size = header["memory"], source.size or 0
    needed = MEMORY_AT + memory + END_BYTES
    missing = shortfall(needed, size) if memory and not header["multi_volume"] else None
    unmarked = missing == 0 and source.read_at(needed - END_BYTES, len(END_MARK)) != END_MARK
    return DumpIdentity(
        path=source.path,
        size=size,
        format="s390",
        machine=MACHINES.get(header["arch"]),
        crash_time=epoch_seconds(((header["tod"] - TOD_OF_1970) >> 12) // 1_000_000),
        page_size=page_size_or_none(header["page_size"]),
        incomplete=unmarked,
        flags=("multi-volume",) if header["multi_volume"] else (),
        producer="s390-tools",
        missing_bytes=missing,
        cpus=header["cpus"] or None,
        pages=header["pages"] or None,
        memory_bytes=memory or None,
    )


def s390_memory(source: Source) -> StoredMemory:
    """The machine's memory: it follows the header in one piece."""
    return StoredMemory(source, [Extent(0, MEMORY_AT, min(_header(source)["memory"], source.size or 0))])


def _header(source: Source) -> dict[str, int]:
    head = source.read_at(0, 512)
    order = "<" if head[:1] == b"\xfd" else ">"
    return read_fields(head, order, _HEADER)
