# SPDX-License-Identifier: Apache-2.0
"""The header of an installed package, as rpm keeps it in its database."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

MOST_TAGS: Final = 65_535
"""rpm's own limit (lib/header.c, hdrchkTags)."""

_ENTRY: Final = 16
_STRINGS_WITHIN = 1 << 18
"""How far into the data name and version may lie: they come first, but older versions put signatures before them."""

_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_INT32, _STRING = 4, 6
_LONGEST = 256


class DamagedDatabaseError(Exception):
    """The database ends or contradicts itself; what was read before is good."""


class Package(NamedTuple):
    """An installed package; ``version`` is "[EPOCH:]VERSION-RELEASE", without an epoch of 0, as rpm -q shows it."""

    name: str
    version: str


def wanted_bytes(head: bytes) -> int:
    """How much of a header has to be read for ``package`` to succeed, told by its first 8 bytes; 0 if it is none."""
    if len(head) < 8:
        return 0
    tags, data = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    if not 0 < tags <= MOST_TAGS:
        return 0
    return 8 + tags * _ENTRY + min(data, _STRINGS_WITHIN)


def package(header: bytes) -> Package | None:
    """The package of a header (or of as much of it as ``wanted_bytes`` says); None when it is not one.

    The format: count of tags and bytes of data, big-endian; 16 bytes for each tag (tag, type, offset, count); data
    (rpm's lib/header.c, struct entryInfo_s).
    """
    if not wanted_bytes(header):
        return None
    tags = int.from_bytes(header[:4], "big")
    start = 8 + tags * _ENTRY
    found: dict[int, str] = {}
    for at in range(8, min(start, len(header) - _ENTRY + 1), _ENTRY):
        tag, kind, offset, count = struct.unpack_from(">IIII", header, at)
        if tag in (_NAME, _VERSION, _RELEASE) and kind == _STRING:
            found[tag] = _string(header, start + offset)
        elif tag == _EPOCH and kind == _INT32 and count == 1 and start + offset + 4 <= len(header):
            found[tag] = str(struct.unpack_from(">I", header, start + offset)[0])
    if not found.get(_NAME) or not found.get(_VERSION):
        return None
    epoch = found.get(_EPOCH, "0")
    version = f"{found[_VERSION]}-{found[_RELEASE]}" if found.get(_RELEASE) else found[_VERSION]
    return Package(found[_NAME], version if epoch == "0" else f"{epoch}:{version}")


def _string(header: bytes, at: int) -> str:
    end = header.find(b"\0", at, at + _LONGEST)
    return header[at:end].decode("utf-8", "replace") if end >= 0 else ""
