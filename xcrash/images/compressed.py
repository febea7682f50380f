# SPDX-License-Identifier: Apache-2.0
"""Look into a gzip, xz or bzip2 file as far as needed, without unpacking the rest."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from xcrash.images import elf
from xcrash.images.banner import CHUNK, BannerSearch
from xcrash.images.magic import HEAD_BYTES, classify
from xcrash.images.notes import Note, iter_notes
from xcrash.images.source import LARGEST_READ, Source
from xcrash.images.text import printable

FARTHEST = 128 << 20
"""Unpacked bytes to look through: the notes of a distribution's vmlinux lie 20 to 40 MB inside."""
MOST_LZMA_MEMORY = 256 << 20

OPENED = ("gzip", "xz", "bzip2")


class Inside(NamedTuple):
    """What the start of a compressed file holds; ``header`` is None unless it is an ELF file."""

    format: str
    header: elf.ElfHeader | None
    notes: list[Note]
    banner: BannerSearch


def look_inside(source: Source, format_name: str) -> Inside:
    """Unpack until ELF notes and banner are found; damaged or endless data ends the search, never the caller."""
    stream = _unpack(source, format_name)
    head = b""
    while len(head) < HEAD_BYTES and (chunk := next(stream, b"")):
        head += chunk
    banner = BannerSearch()
    name = classify(head[:HEAD_BYTES])
    header = elf.read_header(lambda offset, size: head[offset : offset + size]) if name == "elf" else None
    if header is None:
        return Inside(name, None, [], banner)
    wanted = _note_places(head, header)
    found = dict.fromkeys(wanted, b"")
    at = 0
    chunk = head
    while chunk:
        for start, size in wanted:
            found[start, size] += chunk[max(0, start - at) : max(0, start + size - at)]
        at += len(chunk)
        banner.feed(chunk)
        if banner.done and all(start + size <= at for start, size in wanted):
            break
        chunk = next(stream, b"")
    notes = [note for data in found.values() for note in iter_notes(data, header.endian)]
    return Inside(name, header, notes, banner)


def gzip_name(head: bytes) -> str | None:
    """The file name stored in a gzip header, by which crash accepts or rejects a compressed kernel (RFC 1952)."""
    if len(head) < 10 or not head[3] & 0x08:
        return None
    at = 10
    if head[3] & 0x04 and len(head) >= 12:
        at += 2 + struct.unpack_from("<H", head, 10)[0]
    end = head.find(b"\0", at)
    return printable(head[at:end]) if end > at else None


def _note_places(head: bytes, header: elf.ElfHeader) -> list[tuple[int, int]]:
    segments = elf.read_segments(lambda offset, size: head[offset : offset + size], header)
    places = {(s.offset, s.size) for s in segments if s.type == elf.PT_NOTE and s.offset + s.size <= FARTHEST}
    # A kernel has one or two; more is an attempt to make this slow.
    return [place for place in sorted(places) if place[1] <= LARGEST_READ][:4]


def _unpack(source: Source, format_name: str) -> Iterator[bytes]:
    """Chunks of at most CHUNK bytes, FARTHEST in all; ends early at the end of the stream or at its first damage."""
    decompressor = _DECOMPRESSORS[format_name]()
    read = given = 0
    while given < FARTHEST and read < FARTHEST and not decompressor.eof:
        packed = source.read_at(read, CHUNK // 4) if decompressor.needs_input else b""
        read += len(packed)
        if not packed and decompressor.needs_input:
            return
        try:
            chunk = decompressor.decompress(packed, CHUNK)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            return
        given += len(chunk)
        if chunk:
            yield chunk


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface that bz2 and lzma have."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_LZMA_MEMORY)


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {"gzip": _Gzip, "xz": _xz, "bzip2": bz2.BZ2Decompressor}
