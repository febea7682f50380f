# SPDX-License-Identifier: Apache-2.0
"""The bytes of a recording, unpacked, and what kind of recording they are."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Literal, NamedTuple

from xcrash.errors import ReplayError
from xcrash.images.magic import classify
from xcrash.images.streams import READABLE, DamagedError, chunks
from xcrash.transcript.asciicast import looks_like_cast

Kind = Literal["asciicast", "ttyrec", "typescript", "text"]

LARGEST = 1 << 30
"""Bytes of a recording, packed or not."""
_HEAD = 4096
_PIECE = 1 << 20

TTYREC_HEADER = struct.Struct("<III")
"""Seconds, microseconds and length of each record of a ttyrec (ttyrec.h, io.c)."""

_TYPESCRIPT = re.compile(rb"Script started on ")
_SESSION = re.compile(
    rb"^[>| \t]*(?:%?[\w.+-]*crash[\w.+-]*> |crash \d+\.\d|crash: |GNU gdb |Output of '"
    rb"|(?:KERNEL|DUMPFILE|CPUS|TASKS|RELEASE|PANIC): )",
    re.MULTILINE,
)


class Contents(NamedTuple):
    """The bytes of a recording, unpacked; not ``whole`` if it was compressed and only a part could be unpacked."""

    data: bytes
    whole: bool


def read_bytes(path: Path) -> bytes:
    """The data of ``read_contents``."""
    return read_contents(path).data


def read_contents(path: Path) -> Contents:
    """The file, unpacked if it is compressed; raises ReplayError when it cannot be read or is too large.

    Of a compressed file that is cut off or damaged it is what can be unpacked.
    """
    try:
        with path.open("rb") as handle:
            data = bytearray()
            while len(data) <= LARGEST and (piece := handle.read(_PIECE)):
                data += piece
    except OSError as error:
        raise ReplayError(
            "recording-unreadable", f"cannot read {path}: {error.strerror}", "check path and rights"
        ) from error
    return unpack(bytes(data), str(path))


def unpack(data: bytes, name: str) -> Contents:
    """``data`` unpacked if it is compressed; raises ReplayError, which calls it ``name``, when it is too large."""
    whole = True
    if (packing := classify(data[:_HEAD])) in READABLE and len(data) <= LARGEST:
        data, whole = _unpacked(data, packing, LARGEST, name)
    if len(data) > LARGEST:
        raise ReplayError("recording-too-large", f"{name} is larger than 1 GiB", "cut out the part of interest")
    return Contents(data, whole)


def _unpacked(data: bytes, packing: str, most: int, name: str) -> Contents:
    found, whole = bytearray(), True
    try:
        for chunk in chunks(_Bytes(data, name), packing):
            found += chunk
            if len(found) > most:
                break
    except DamagedError as error:
        if not found:
            raise ReplayError(
                "recording-damaged", f"{name} cannot be unpacked: {error}", "copy it again and compare sizes"
            ) from error
        whole = False
    return Contents(bytes(found), whole)


class _Bytes(NamedTuple):
    """Bytes in memory as a source that can be unpacked."""

    data: bytes
    path: str

    @property
    def size(self) -> int:
        return len(self.data)

    def read_at(self, offset: int, size: int) -> bytes:
        return self.data[offset : offset + size]


def kind_of(data: bytes) -> Kind:
    """What kind of recording the unpacked ``data`` is, by what is in it."""
    head = data[:_HEAD]
    if looks_like_cast(head):
        return "asciicast"
    if _TYPESCRIPT.match(head):
        return "typescript"
    return "ttyrec" if _is_ttyrec(data) else "text"


def looks_like_recording(head: bytes) -> bool:
    """Do the first bytes of a file, some hundred thousand of them, belong to a recorded crash session?

    For telling a recording from a dump: a text must show crash in it, and so must what is unpacked of a compressed
    file, which would be a kernel otherwise.
    """
    if (packing := classify(head[:_HEAD])) in READABLE:
        try:
            head = _unpacked(head, packing, len(head), "").data
        except ReplayError:
            return False
    kind = kind_of(head)
    if kind in ("asciicast", "typescript"):
        return True
    return (kind == "ttyrec" or b"\0" not in head) and bool(_SESSION.search(head))


def _is_ttyrec(data: bytes) -> bool:
    """Does every one of the first records begin where the one before ends, and later?"""
    at, clock, records = 0, 0, 0
    while at + TTYREC_HEADER.size <= len(data) and records < 8:
        seconds, micros, size = TTYREC_HEADER.unpack_from(data, at)
        if micros >= 1_000_000 or seconds < clock or size > 1 << 24 or (records and seconds > clock + 10**7):
            return False
        at, clock, records = at + TTYREC_HEADER.size + size, seconds, records + 1
    is_cut = at > len(data) and records < 2
    return records > 0 and b"\0" in data[:12] and any(data[8:12]) and not is_cut
