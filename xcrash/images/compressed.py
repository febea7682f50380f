# SPDX-License-Identifier: Apache-2.0
"""Look into a compressed file as far as needed, without unpacking the rest."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from xcrash.images import elf
from xcrash.images.banner import BannerSearch
from xcrash.images.magic import HEAD_BYTES, classify
from xcrash.images.notes import Note, build_salt_of, iter_notes
from xcrash.images.source import LARGEST_READ, Source
from xcrash.images.streams import FARTHEST, unpacked
from xcrash.images.text import printable

LOOK = 64 << 10
"""Bytes of the start to keep, for formats that only their contents tell."""

SMALL = 16 << 20
"""An ELF file up to this size, a module or a hypervisor, is unpacked whole."""

SLIGHT = 64 << 10
"""Less than any kernel's symbol table: room for section names, a .comment, a note."""


class Inside(NamedTuple):
    """What the start of a compressed file holds; ``header`` is None unless it is an ELF file.

    ``whole`` is all of a SMALL file. ``unloaded`` are the bytes that an ELF file has behind its
    last loaded segment: symbols, debug information, section names; None where the header does not tell.
    """

    format: str
    header: elf.ElfHeader | None
    notes: list[Note]
    banner: BannerSearch
    head: bytes = b""
    whole: bytes | None = None
    unloaded: int | None = None


def look_inside(source: Source, format_name: str, thorough: bool = True, small: int = SMALL) -> Inside:
    """Unpack until ELF notes and banner are found; damaged or endless data ends the search, never the caller.

    An ELF file of up to ``small`` bytes is given whole instead. Without ``thorough`` notes that tell the release end it
    too, and nothing beyond the loaded segments is searched.
    """
    stream = unpacked(source, format_name)
    head = b""
    while len(head) < LOOK and (chunk := next(stream, b"")):
        head += chunk
    name = classify(head[:HEAD_BYTES])
    header = elf.read_header(lambda offset, size: head[offset : offset + size]) if name == "elf" else None
    banner = BannerSearch()
    if header is None:
        return Inside(name, None, [], banner, head[:LOOK])
    inside = Inside(name, header, [], banner, head[:LOOK])
    if (size := _table_end(header)) is not None and size <= small:
        data = bytearray(head)
        while len(data) < size and (chunk := next(stream, b"")):
            data += chunk
        return inside._replace(whole=bytes(data))
    segments = elf.read_segments(lambda offset, size: head[offset : offset + size], header)
    loaded = max((s.offset + s.size for s in segments if s.type == elf.PT_LOAD), default=0)
    notes = _search(chain((head,), stream), header, _note_places(segments), banner, None if thorough else loaded)
    return inside._replace(notes=notes, unloaded=max(0, header.sections_at - loaded) if loaded else None)


def _search(
    stream: Iterable[bytes],
    header: elf.ElfHeader,
    places: list[tuple[int, int]],
    banner: BannerSearch,
    loaded: int | None,
) -> list[Note]:
    """The notes at ``places``; feeds ``banner`` meanwhile, and after them until it is done.

    With ``loaded``, where the last segment ends, a release from anywhere is enough, and so is that place.
    """
    found = dict.fromkeys(places, b"")
    at = 0
    for chunk in stream:
        for start, size in places:
            found[start, size] += chunk[max(0, start - at) : max(0, start + size - at)]
        at += len(chunk)
        banner.feed(chunk)
        if any(start + size > at for start, size in places):
            continue
        is_enough = loaded is not None and (
            banner.text is not None or 0 < loaded <= at or build_salt_of(_notes(found, header)) is not None
        )
        if banner.done or is_enough:
            break
    return _notes(found, header)


def _notes(found: dict[tuple[int, int], bytes], header: elf.ElfHeader) -> list[Note]:
    return [note for data in found.values() for note in iter_notes(data, header.endian)]


def gzip_name(head: bytes) -> str | None:
    """The file name stored in a gzip header, by which crash accepts or rejects a compressed kernel (RFC 1952)."""
    if len(head) < 10 or not head[3] & 0x08:
        return None
    at = 10
    if has_gzip_extra(head) and len(head) >= 12:
        at += 2 + struct.unpack_from("<H", head, 10)[0]
    end = head.find(b"\0", at)
    return printable(head[at:end]) if end > at else None


def has_gzip_extra(head: bytes) -> bool:
    """Whether a gzip header has an extra field, which stands before the name (RFC 1952, FLG bit 2)."""
    return len(head) > 3 and bool(head[3] & 0x04)


def _table_end(header: elf.ElfHeader) -> int | None:
    """Where the section headers end, which linkers and objcopy place last; None when there are none."""
    if not header.section_count:
        return None
    return header.sections_at + header.section_count * header.section_header_size


def _note_places(segments: list[elf.Segment]) -> list[tuple[int, int]]:
    places = {(s.offset, s.size) for s in segments if s.type == elf.PT_NOTE and s.offset + s.size <= FARTHEST}
    # A kernel has one or two; more is an attempt to make this slow.
    return [place for place in sorted(places) if place[1] <= LARGEST_READ][:4]
