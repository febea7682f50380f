# SPDX-License-Identifier: Apache-2.0
"""Boot images: what an x86 bzImage, an EFI zboot image and a flat arm64 or RISC-V Image say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from xcrash.images.banner import CHUNK, BannerSearch
from xcrash.images.compressed import Inside, look_inside
from xcrash.images.magic import COMPRESSED, classify
from xcrash.images.source import Source
from xcrash.images.streams import READABLE, Part, unpacked
from xcrash.images.text import c_string

FARTHEST_FLAT = 96 << 20
"""Bytes of a flat image to search."""

_PAYLOAD_PROTOCOL, _XLOADFLAGS_PROTOCOL = 0x208, 0x20C
_GNU_BUILD_ID = re.compile(rb"\x04\0\0\0([\x10\x14])\0\0\0\x03\0\0\0GNU\0")
_VDSO_NOTE = b"\6\0\0\0\4\0\0\0\0\0\0\0Linux\0"
_NOTES_AROUND = 192
_OVERLAP = 512


class BootImage(NamedTuple):
    """A bzImage; ``payload`` is the compression of the kernel in it, ``inside`` what was reached of that."""

    version: str | None
    machine: str | None
    payload: str | None
    inside: Inside | None


class FlatImage(NamedTuple):
    """What a search of a flat image found."""

    banner: BannerSearch
    build_id: str | None


def read_bzimage(image: Source) -> BootImage:
    """The setup header and the notes of the kernel inside (kernel Documentation/arch/x86/boot.rst).

    The version is that of ``kernel_version``, "6.1.0-49-cloud-amd64 (builder) #1 SMP ...".
    """
    setup = image.read_at(0x1F1, 0x7F)
    protocol, version_at = _number(setup, 0x206, 2), _number(setup, 0x20E, 2)
    version = c_string(image.read_at(0x200 + version_at, 512)) if version_at else None
    machine = "x86_64" if protocol >= _XLOADFLAGS_PROTOCOL and _number(setup, 0x236, 2) & 1 else None
    if protocol < _PAYLOAD_PROTOCOL:
        return BootImage(version, machine, None, None)
    # A setup of no sectors means four, for the loaders of old.
    start = ((_number(setup, 0x1F1, 1) or 4) + 1) * 512 + _number(setup, 0x248, 4)
    part = Part(image, start, _number(setup, 0x24C, 4))
    payload = classify(part.read_at(0, 4096))
    if payload not in COMPRESSED:
        return BootImage(version, machine, None, None)
    inside = look_inside(part, payload, thorough=False, small=0) if payload in READABLE else None
    return BootImage(version, machine, payload, inside)


def zboot_payload(image: Source) -> tuple[Part, str] | None:
    """The compressed Image in an EFI zboot image, and its compression (drivers/firmware/efi/libstub/zboot-header.S)."""
    head = image.read_at(0, 64)
    if len(head) < 64:
        return None
    part = Part(image, int.from_bytes(head[8:12], "little"), int.from_bytes(head[12:16], "little"))
    payload = classify(part.read_at(0, 4096))
    return (part, payload) if payload in READABLE else None


def contents(source: Source, compression: str | None) -> Iterator[bytes]:
    """FARTHEST_FLAT bytes of a file or of what is in it, chunk by chunk."""
    if compression:
        yield from unpacked(source, compression)
        return
    for at in range(0, FARTHEST_FLAT, CHUNK):
        if not (chunk := source.read_at(at, CHUNK)):
            return
        yield chunk


def search_flat(stream: Iterable[bytes]) -> FlatImage:
    """The banner and the build-id of an image without headers to lead there.

    Each vDSO inside has a build-id too. Its notes hold the number of the kernel's version, before the build-id or
    behind it (kernel arch/*/vdso/note.S); the kernel's own notes do not.
    """
    banner, build_id, tail = BannerSearch(), None, b""
    for chunk in stream:
        if not banner.done:
            banner.feed(chunk)
        window = tail + chunk
        if build_id is None:
            build_id = _kernel_build_id(window, min(len(tail), _NOTES_AROUND), len(window) - _NOTES_AROUND)
        if banner.done and build_id:
            break
        tail = window[-_OVERLAP:]
    first = _NOTES_AROUND if len(tail) == _OVERLAP else 0
    return FlatImage(banner, build_id or _kernel_build_id(tail, first, len(tail)))


def _kernel_build_id(window: bytes, first: int, last: int) -> str | None:
    """The build-id among the notes between two places that is not a vDSO's."""
    for found in _GNU_BUILD_ID.finditer(window, first):
        end = found.end() + found[1][0]
        if end > last:
            return None
        around = window[max(0, found.start() - _NOTES_AROUND) : end + _NOTES_AROUND]
        if _VDSO_NOTE not in around:
            return window[found.end() : end].hex()
    return None


def _number(setup: bytes, at: int, size: int) -> int:
    return int.from_bytes(setup[at - 0x1F1 : at - 0x1F1 + size], "little")
