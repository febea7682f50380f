# SPDX-License-Identifier: Apache-2.0
"""rpm's own database format "ndb" (Packages.db), which SUSE uses."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from xcrash.host.packages.rpm_header import DamagedDatabaseError, wanted_bytes

MAGIC: Final = b"RpmP"
_PAGE = 4096
_SLOT = 16
_BLOCK = 16
_BLOB_HEAD = 16
_MOST_PAGES = 4096


def headers(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Each package's header, cut to what names it; ``size`` in bytes. Raises DamagedDatabaseError, OSError.

    The format (rpm's lib/backend/ndb/rpmpkg.c), little-endian: a head with the number of slot pages; slots of magic,
    package number, offset and length in blocks of 16 bytes; a blob of magic, package number, time, length, bytes.
    """
    head = file.read(32)
    if len(head) < 32 or head[:4] != MAGIC:
        raise DamagedDatabaseError("not an ndb database")
    version, _, pages = struct.unpack_from("<III", head, 4)
    if version != 0:
        raise DamagedDatabaseError(f"ndb version {version} is not known")
    if not 0 < pages <= min(_MOST_PAGES, size // _PAGE):
        raise DamagedDatabaseError("its table of packages is cut")
    file.seek(0)
    table = file.read(pages * _PAGE)
    bad = 0
    for at in range(32, len(table) - _SLOT + 1, _SLOT):
        magic, number, block, count = struct.unpack_from("<4sIII", table, at)
        if magic != b"Slot":
            raise DamagedDatabaseError("its table of packages is damaged")
        if block == 0:
            continue
        header = _blob(file, number, block, count)
        if header is None:
            bad += 1
        else:
            yield header
    if bad:
        raise DamagedDatabaseError(f"{bad} of its packages are damaged")


def _blob(file: BinaryIO, number: int, block: int, count: int) -> bytes | None:
    file.seek(block * _BLOCK)
    head = file.read(_BLOB_HEAD + 8)
    if len(head) < _BLOB_HEAD + 8:
        return None
    magic, own_number, _, length = struct.unpack_from("<4sIII", head)
    if magic != b"BlbS" or own_number != number or _BLOB_HEAD + length > count * _BLOCK:
        return None
    start = head[_BLOB_HEAD:]
    more = min(length, wanted_bytes(start)) - len(start)
    return start + file.read(more) if more > 0 else start[:length]
