# SPDX-License-Identifier: Apache-2.0
"""rpm's database in a Berkeley DB hash (Packages), as every rpm before 4.16 writes it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from xcrash.host.packages.rpm_header import DamagedDatabaseError, wanted_bytes

MAGICS: Final = {b"\x61\x15\x06\x00": "<", b"\x00\x06\x15\x61": ">"}
"""At offset 12: the hash magic in the byte order of the machine that wrote the file (db's src/dbinc/db_page.h)."""

_META = 512
_PAGE_HEAD = 26
_UNSORTED, _OVERFLOW, _SORTED = 2, 7, 13
_ON_PAGE, _OFF_PAGE = 1, 3
_PAGE_SIZES = (512, 65_536)


def headers(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Each package's header, cut to what names it; ``size`` in bytes. Raises DamagedDatabaseError, OSError.

    The format: rpm's lib/backend/bdb_ro.c and Berkeley DB's db_page.h. Every page is looked at once, in the file's
    order, not bucket by bucket: so a damaged chain loses one bucket, not the rest.
    """
    meta = file.read(_META)
    order = MAGICS.get(meta[12:16])
    if len(meta) < _META or order is None:
        raise DamagedDatabaseError("not a Berkeley DB hash")
    version, page_size = struct.unpack_from(order + "II", meta, 16)
    last = struct.unpack_from(order + "I", meta, 32)[0]
    if not 8 <= version <= 10:
        raise DamagedDatabaseError(f"Berkeley DB hash version {version} is not known")
    if not _PAGE_SIZES[0] <= page_size <= _PAGE_SIZES[1] or page_size & (page_size - 1):
        raise DamagedDatabaseError(f"its page size {page_size} is none")
    pages = _Pages(file, order, page_size, min(last + 1, size // page_size))
    yield from pages.headers()
    if pages.count < last + 1:
        raise DamagedDatabaseError(f"cut after {pages.count} of {last + 1} pages")
    if pages.bad:
        raise DamagedDatabaseError(f"{pages.bad} of its entries are damaged")


class _Pages:
    """The pages of a database; as many reads as three times the pages there are, so that no loop is without end."""

    def __init__(self, file: BinaryIO, order: str, size: int, count: int) -> None:
        self._file, self._order, self._size = file, order, size
        self.count = count
        self.bad = 0
        self._left = 3 * count

    def headers(self) -> Iterator[bytes]:
        for number in range(1, self.count):
            head = self._read(number, _PAGE_HEAD)
            if head[25:26] and head[25] in (_UNSORTED, _SORTED):
                yield from self._entries(self._read(number, self._size))

    def _entries(self, page: bytes) -> Iterator[bytes]:
        """The values of a hash page: offsets of key, value, key, ... from its start, bytes from its end."""
        if not page:
            return
        entries = min(self._u16(page, 20), (self._size - _PAGE_HEAD) // 2)
        offsets = struct.unpack_from(f"{self._order}{entries}H", page, _PAGE_HEAD)
        for key, value in zip(offsets[::2], offsets[1::2], strict=False):
            if not _PAGE_HEAD <= value < key <= self._size - 1:
                self.bad += 1
                continue
            if page[key] == _ON_PAGE and page[key + 1 : key + 5] == bytes(4):
                continue  # number 0 holds the last number that was given away
            header = self._value(page[value:key])
            if header is None:
                self.bad += 1
            else:
                yield header

    def _value(self, value: bytes) -> bytes | None:
        if value[0] == _ON_PAGE:
            return value[1:]
        if value[0] != _OFF_PAGE or len(value) != 12:
            return None
        number, length = struct.unpack_from(self._order + "II", value, 4)
        data = bytearray()
        wanted = 8
        while len(data) < min(wanted, length):
            page = self._read(number, self._size)
            if len(page) < self._size or page[25] != _OVERFLOW:
                return None
            used = self._u16(page, 22)
            if not 0 < used <= self._size - _PAGE_HEAD:
                return None
            data += page[_PAGE_HEAD : _PAGE_HEAD + used]
            number = struct.unpack_from(self._order + "I", page, 16)[0]
            wanted = wanted_bytes(bytes(data[:8]))
        return bytes(data[:length])

    def _read(self, number: int, length: int) -> bytes:
        """The start of a page; nothing for a page that is not there, or says that it is another."""
        if not 0 < number < self.count or self._left <= 0:
            return b""
        self._left -= 1
        self._file.seek(number * self._size)
        data = self._file.read(length)
        if len(data) < length or struct.unpack_from(self._order + "I", data, 8)[0] != number:
            return b""
        return data

    def _u16(self, page: bytes, at: int) -> int:
        value: int = struct.unpack_from(self._order + "H", page, at)[0]
        return value
