# SPDX-License-Identifier: Apache-2.0
"""ELF notes: in vmlinux, vmcore, and the sub header of a compressed kdump."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from xcrash.images.text import c_string

NT_GNU_BUILD_ID = 3
BUILD_SALT = 0x100
MOST_NOTES = 200_000
"""More than two notes for each of 65,536 CPUs."""


class Note(NamedTuple):
    """One note; a type means something only together with its owner."""

    owner: bytes
    type: int
    desc: bytes


def iter_notes(data: bytes, endian: str) -> Iterator[Note]:
    """The notes in ``data``, up to the first that does not fit in it.

    Layout: ELF specification, "Note Section"; the kernel aligns to 4 bytes in both classes (include/linux/elfnote.h).
    ``endian`` is "little" or "big".
    """
    header = struct.Struct("<III" if endian == "little" else ">III")
    at = 0
    for _ in range(MOST_NOTES):
        if at + header.size > len(data):
            return
        name_size, desc_size, kind = header.unpack_from(data, at)
        name_at = at + header.size
        desc_at = name_at + _aligned(name_size)
        if desc_at + desc_size > len(data):
            return
        yield Note(data[name_at : name_at + name_size].rstrip(b"\0"), kind, data[desc_at : desc_at + desc_size])
        at = desc_at + _aligned(desc_size)


def build_id_of(notes: Iterable[Note]) -> str | None:
    """The GNU build-id in hex."""
    for note in notes:
        if note.owner == b"GNU" and note.type == NT_GNU_BUILD_ID and 4 <= len(note.desc) <= 64:
            return note.desc.hex()
    return None


def build_salt_of(notes: Iterable[Note]) -> str | None:
    """The text of CONFIG_BUILD_SALT, which distributions set to the release (kernel 4.19+, init/version.c)."""
    for note in notes:
        if note.owner == b"Linux" and note.type == BUILD_SALT:
            return c_string(note.desc[:256])
    return None


def _aligned(size: int) -> int:
    return (size + 3) & ~3
