# SPDX-License-Identifier: Apache-2.0
"""Writers of small package databases, after the formats' descriptions."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

DATA = Path(__file__).parent / "data"

Tag = tuple[int, int, bytes]


def header(name: str, version: str, release: str = "1", epoch: int | None = None, padding: int = 0) -> bytes:
    """An rpm header; ``padding`` bytes are a description behind the name."""
    tags: list[Tag] = [(1000, 6, name.encode() + b"\0"), (1001, 6, version.encode() + b"\0")]
    tags.append((1002, 6, release.encode() + b"\0"))
    if epoch is not None:
        tags.append((1003, 4, struct.pack(">I", epoch)))
    if padding:
        tags.append((1005, 9, b"x" * padding + b"\0"))
    return pack(tags)


def pack(tags: Sequence[Tag]) -> bytes:
    """A header of (tag, type, data)."""
    index, data = b"", b""
    for tag, kind, value in tags:
        data += bytes(-len(data) % 4 if kind == 4 else 0)
        index += struct.pack(">IIII", tag, kind, len(data), 1)
        data += value
    return struct.pack(">II", len(tags), len(data)) + index + data


def sqlite(path: Path, headers: Sequence[bytes]) -> None:
    """The table that rpm's lib/backend/sqlite.c makes."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
        database.executemany("INSERT INTO Packages(blob) VALUES (?)", [(item,) for item in headers])
        database.commit()


def ndb(headers: Sequence[bytes]) -> bytes:
    """rpm's lib/backend/ndb/rpmpkg.c."""
    pages = (len(headers) + 2) * 16 // 4096 + 1
    slots = struct.pack("<4sIIII12x", b"RpmP", 0, 1, pages, len(headers) + 1)
    blobs = b""
    for number, item in enumerate(headers, 1):
        blob = struct.pack("<4sIII", b"BlbS", number, 0, len(item)) + item
        blob += bytes(-(len(blob) + 12) % 16)
        blob += struct.pack("<II4s", zlib.adler32(blob), len(item), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, (pages * 4096 + len(blobs)) // 16, len(blob) // 16)
        blobs += blob
    slots += struct.pack("<4s12x", b"Slot") * ((pages * 4096 - len(slots)) // 16)
    return slots + blobs


def bdb(headers: Sequence[bytes], order: str = "<", page_size: int = 512) -> bytes:
    """A Berkeley DB hash of one bucket (db_page.h): values that do not fit a quarter page lie on pages of their own."""
    records = [(bytes(4), struct.pack(order + "I", len(headers)))]
    records += [(struct.pack(order + "I", number), item) for number, item in enumerate(headers, 1)]
    overflow: list[bytes] = []
    buckets: list[list[bytes]] = [[]]
    room = page_size - 26
    for key, value in records:
        stored = b"\1" + value
        if len(stored) > page_size // 4:
            stored = struct.pack(order + "B3xII", 3, 0, len(value))
        if room < len(stored) + 5 + 4:
            buckets.append([])
            room = page_size - 26
        room -= len(stored) + 5 + 4
        buckets[-1] += [b"\1" + key, stored]
        if stored[0] == 3:
            overflow.append(value)
    return _bdb_pages(order, page_size, buckets, overflow)


def _bdb_pages(order: str, size: int, buckets: list[list[bytes]], overflow: list[bytes]) -> bytes:
    hash_pages = [1, *range(2, len(buckets) + 1)]
    chains: list[bytes] = []
    starts: list[int] = []
    at = len(buckets) + 1
    for value in overflow:
        parts = [value[cut : cut + size - 26] for cut in range(0, len(value), size - 26)]
        starts.append(at)
        for position, part in enumerate(parts):
            after = at + 1 if position + 1 < len(parts) else 0
            before = at - 1 if position else 0
            head = struct.pack(order + "8xIIIHHBB", at, before, after, 1, len(part), 0, 7)
            chains.append((head + part).ljust(size, b"\0"))
            at += 1
    pages = []
    waiting = iter(starts)
    for number, items in zip(hash_pages, buckets, strict=True):
        offsets, body = [], b""
        for item in items:
            stored = item
            if item[0] == 3:
                stored = item[:4] + struct.pack(order + "I", next(waiting)) + item[8:]
            body = stored + body
            offsets.append(size - len(body))
        after = number + 1 if number < len(buckets) else 0
        head = struct.pack(order + "8xIIIHHBB", number, number - 1, after, len(items), offsets[-1], 0, 2)
        head += struct.pack(f"{order}{len(offsets)}H", *offsets)
        pages.append(head + bytes(size - len(head) - len(body)) + body)
    meta = struct.pack(order + "8xIIII", 0, 0x061561, 9, size) + b"\0\x08\0\0" + struct.pack(order + "II", 0, at - 1)
    meta = (
        meta.ljust(72, b"\0") + struct.pack(order + "IIIIII", 0, 0, 0, 0, 0, 0) + struct.pack(order + "32I", *[1] * 32)
    )
    return meta.ljust(size, b"\0")[:size] + b"".join(pages) + b"".join(chains)
