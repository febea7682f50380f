# SPDX-License-Identifier: Apache-2.0
"""Unpack gzip, xz, lzma, bzip2, zstd and lz4 data as a stream of bounded chunks."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from xcrash.images.source import Source

CHUNK = 1 << 20
PACKED_CHUNK = 256 << 10

FARTHEST = 128 << 20
"""Unpacked bytes to look through: the notes of a distribution's vmlinux lie 20 to 40 MB inside."""

FARTHEST_PACKED = 48 << 20
MOST_LZMA_MEMORY = 256 << 20
LARGEST_ZSTD_WINDOW = 128 << 20
"""What zstd -22 --ultra uses, the kernel's own setting (scripts/Makefile.lib)."""

MOST_MEMBERS = 100_000
"""pigz and pbzip2 write a member for every 64 to 900 KB; empty ones would make a small file slow."""

LZ4_LEGACY = b"\x02\x21\x4c\x18"
LEGACY_BLOCK = 8 << 20
"""Unpacked size of every block but the last (lz4_Frame_format.md, "Legacy frame")."""


class DamagedError(Exception):
    """The stream ends too early or cannot be unpacked; the text says which."""


class Part(NamedTuple):
    """A region of another source, which reads as a file of its own."""

    whole: Source
    at: int
    size: int

    @property
    def path(self) -> str:
        """The path of the whole."""
        return self.whole.path

    def read_at(self, offset: int, size: int) -> bytes:
        """As ``ImageFile.read_at``, within the region."""
        if not 0 <= offset < self.size:
            return b""
        return self.whole.read_at(self.at + offset, min(size, self.size - offset))


def unpacked(source: Source, name: str) -> Iterator[bytes]:
    """Chunks of at most CHUNK bytes, FARTHEST in all; ends early at the end of the stream or at its first damage."""
    given = 0
    try:
        for chunk in chunks(Part(source, 0, FARTHEST_PACKED), name):
            yield chunk
            given += len(chunk)
            if given >= FARTHEST:
                return
    except DamagedError:
        return


def chunks(source: Source, name: str) -> Iterator[bytes]:
    """All of the unpacked data, in chunks of at most CHUNK bytes; ``name`` is one of READABLE.

    Several members one after the other are one stream, as for the tools themselves; what follows the last one (a
    padding, the size that the kernel's build appends) is left alone. Raises DamagedError.
    """
    blocks = _legacy if name == "lz4" and source.read_at(0, 4) == LZ4_LEGACY else _members
    for block in blocks(source, name):
        for at in range(0, len(block), CHUNK):
            yield block[at : at + CHUNK]


def _members(source: Source, name: str) -> Iterator[bytes]:
    new, magic = _FORMATS[name]
    decompressor, at, members = new(), 0, 1
    while True:
        packed = b""
        if decompressor.eof:
            packed, at = _rest(source, at, decompressor.unused_data or b"")
            packed = packed.lstrip(b"\0")
            if not magic or not packed.startswith(magic):
                return
            decompressor, members = new(), members + 1
            if members > MOST_MEMBERS:
                raise DamagedError("too many members")
        elif decompressor.needs_input:
            packed = source.read_at(at, PACKED_CHUNK)
            at += len(packed)
            if not packed:
                raise DamagedError("the file ends too early")
        try:
            chunk = decompressor.decompress(packed, CHUNK)
        except Exception as error:
            # Each library has errors of its own, lz4 a bare RuntimeError, and damage is all that they can mean.
            raise DamagedError(str(error) or type(error).__name__) from error
        if chunk:
            yield chunk


def _rest(source: Source, at: int, unused: bytes) -> tuple[bytes, int]:
    """What follows a member, enough of it to know whether it is another one."""
    if len(unused) >= 32:
        return unused, at
    more = source.read_at(at, PACKED_CHUNK)
    return unused + more, at + len(more)


def _legacy(source: Source, _name: str) -> Iterator[bytes]:
    """The blocks of lz4's legacy frame, in which kernels are compressed."""
    import lz4.block

    at = len(LZ4_LEGACY)
    most = LEGACY_BLOCK + LEGACY_BLOCK // 255 + 16
    while len(head := source.read_at(at, 4)) == 4:
        size = int.from_bytes(head, "little")
        if head == LZ4_LEGACY:
            at += 4
            continue
        # Larger than a block can be: not a block but what follows the frame.
        if not 0 < size <= most:
            return
        block = source.read_at(at + 4, size)
        if len(block) < size:
            raise DamagedError("the file ends too early")
        try:
            yield lz4.block.decompress(block, uncompressed_size=LEGACY_BLOCK)
        except lz4.block.LZ4BlockError as error:
            raise DamagedError(str(error)) from error
        at += 4 + size


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
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

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


class _Zstd:
    """zstandard's decompressor, fed in slices: it has no limit for its output, and four bytes can make 128 KB."""

    SLICE = 1024

    def __init__(self) -> None:
        import zstandard

        self._zstd = zstandard.ZstdDecompressor(max_window_size=LARGEST_ZSTD_WINDOW).decompressobj()
        self._waiting = memoryview(b"")

    @property
    def eof(self) -> bool:
        return self._zstd.eof

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return self._zstd.unused_data + bytes(self._waiting)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        self._waiting = memoryview(data) if data else self._waiting
        piece, self._waiting = self._waiting[: self.SLICE], self._waiting[self.SLICE :]
        return self._zstd.decompress(piece)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_LZMA_MEMORY)


def _lzma() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MOST_LZMA_MEMORY)


def _lz4() -> Any:
    import lz4.frame

    return lz4.frame.LZ4FrameDecompressor()


_FORMATS: dict[str, tuple[Callable[[], _Decompressor], bytes]] = {
    "gzip": (_Gzip, b"\x1f\x8b\x08"),
    "xz": (_xz, b"\xfd7zXZ\0"),
    "bzip2": (bz2.BZ2Decompressor, b"BZh"),
    "zstd": (_Zstd, b"\x28\xb5\x2f\xfd"),
    "lz4": (_lz4, b"\x04\x22\x4d\x18"),
    "lzma": (_lzma, b""),
}
READABLE = tuple(_FORMATS)
"""The compressions that can be looked into and unpacked, by their names in ``magic``."""
