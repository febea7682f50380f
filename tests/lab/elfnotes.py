# SPDX-License-Identifier: Apache-2.0
"""The sections of a 64-bit ELF file; the build-id and the release of a vmlinux, from its notes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from tests.lab.proc import LabError

_SHT_NOTE = 7
_GNU_BUILD_ID = ("GNU", 3)
_LINUX_BUILD_SALT = ("Linux", 0x100)


def identify(vmlinux: Path) -> tuple[str, str]:
    """Return (release, build-id) of a 64-bit little-endian vmlinux."""
    notes = {(owner, kind): value for owner, kind, value in _notes(vmlinux)}
    try:
        release = notes[_LINUX_BUILD_SALT].rstrip(b"\0").decode()
        return release, notes[_GNU_BUILD_ID].hex()
    except (KeyError, UnicodeDecodeError) as error:
        raise LabError(f"{vmlinux} has no build-id or no release in its notes") from error


def identify_xen(symbols: Path) -> str:
    """Return the build-id of a xen-syms."""
    for owner, kind, value in _notes(symbols):
        if (owner, kind) == _GNU_BUILD_ID:
            return value.hex()
    raise LabError(f"{symbols} has no build-id in its notes")


def sections(path: Path) -> dict[str, bytes]:
    """Return the contents of a small file's sections by name."""
    found = list(_headers(path))
    data = path.read_bytes()
    (names,) = struct.unpack_from("<H", data, 0x3E)
    _, _, start, _ = found[names]
    texts = data[start:]
    return {
        texts[name : texts.index(b"\0", name)].decode("ascii", "replace"): data[offset : offset + length]
        for name, _, offset, length in found
    }


def _headers(path: Path) -> Iterator[tuple[int, int, int, int]]:
    """Name, type, offset and length of every section (System V ABI, "Sections")."""
    with path.open("rb") as file:
        header = file.read(64)
        if header[:6] != b"\x7fELF\x02\x01":
            raise LabError(f"{path} is not a 64-bit ELF file")
        (table,) = struct.unpack_from("<Q", header, 0x28)
        size, count = struct.unpack_from("<HH", header, 0x3A)
        file.seek(table)
        data = file.read(size * count)
    for index in range(count):
        name, kind, _, _, offset, length = struct.unpack_from("<IIQQQQ", data, index * size)
        yield name, kind, offset, length


def _notes(path: Path) -> Iterator[tuple[str, int, bytes]]:
    with path.open("rb") as file:
        for _, kind, offset, length in _headers(path):
            if kind == _SHT_NOTE:
                file.seek(offset)
                yield from _split(file.read(length))


def _split(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    place = 0
    while place + 12 <= len(data):
        name_size, value_size, kind = struct.unpack_from("<III", data, place)
        name = place + 12
        value = name + (name_size + 3 & ~3)
        owner = data[name : name + name_size].rstrip(b"\0").decode("ascii", "replace")
        yield owner, kind, data[value : value + value_size]
        place = value + (value_size + 3 & ~3)
