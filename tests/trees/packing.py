# SPDX-License-Identifier: Apache-2.0
"""Compressed files and archives as the tools of a distribution write them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
from functools import lru_cache

import lz4.block
import zstandard


@lru_cache(maxsize=512)
def gz(data: bytes, name: str | None = None) -> bytes:
    """``gzip -n``, or ``gzip`` with the file name stored in the header."""
    if name is None:
        return gzip.compress(data, 6, mtime=0)
    out = io.BytesIO()
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=6, fileobj=out, mtime=1445875537) as packed:
        packed.write(data)
    return out.getvalue()


@lru_cache(maxsize=64)
def xz(data: bytes) -> bytes:
    """``xz --check=crc32``, as the kernel's build does it."""
    return lzma.compress(data, lzma.FORMAT_XZ, lzma.CHECK_CRC32, preset=0)


@lru_cache(maxsize=64)
def zst(data: bytes) -> bytes:
    """``zstd``."""
    return bytes(zstandard.ZstdCompressor(level=3).compress(data))


@lru_cache(maxsize=64)
def bz2_(data: bytes) -> bytes:
    """``bzip2``."""
    return bz2.compress(data, 1)


@lru_cache(maxsize=64)
def lz4_legacy(data: bytes) -> bytes:
    """``lz4 -l``, the only form that a kernel unpacks: magic, then blocks with their size in front."""
    block: bytes = lz4.block.compress(data, store_size=False)
    return b"\x02\x21\x4c\x18" + struct.pack("<I", len(block)) + block


PACKERS = {"gz": gz, "xz": xz, "zst": zst, "bz2": bz2_, "lz4": lz4_legacy}


@lru_cache(maxsize=64)
def cpio(*members: tuple[str, bytes]) -> bytes:
    """A newc archive of regular files (kernel Documentation/driver-api/early-userspace/buffer-format.rst)."""
    out = bytearray()
    for number, (name, data) in enumerate((*members, ("TRAILER!!!", b"")), 1):
        fields = (number, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % value for value in fields) + name.encode() + b"\0"
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def initrd(compression: str = "gz", microcode: bool = False) -> bytes:
    """An initial file system: a compressed archive, behind an uncompressed one with microcode where wanted."""
    early = cpio(("kernel/x86/microcode/GenuineIntel.bin", bytes(64))) if microcode else b""
    return early + PACKERS[compression](cpio(("init", b"#!/bin/sh\nexec /sbin/init\n")))


@lru_cache(maxsize=4)
def symvers() -> bytes:
    """Module.symvers: checksum, symbol, where, how exported."""
    return b"".join(
        b"0x%08x\tsymbol_%04d\tvmlinux\tEXPORT_SYMBOL\n" % (n * 2654435761 % (1 << 32), n) for n in range(250)
    )


@lru_cache(maxsize=4)
def symtypes() -> bytes:
    """Types behind the exported symbols, as genksyms -T writes them."""
    lines = (f"s#type_{n} struct type_{n} {{ int field_{n * 7919 % 10007} ; t#u64 stamp ; }} \n" for n in range(400))
    return "".join(lines).encode()


@lru_cache(maxsize=64)
def system_map(base: int = 0xFFFFFFFF81000000) -> bytes:
    """A System.map of more than 16 KiB: crash looks at nothing smaller."""
    return b"".join(b"%016x %c function_%05d\n" % (base + 64 * n, b"TtDd"[n % 4], n) for n in range(500))


DEBIAN_SYSTEM_MAP = b"ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n"
