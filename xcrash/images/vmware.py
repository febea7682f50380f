# SPDX-License-Identifier: Apache-2.0
"""Identify a suspended VMware guest or its snapshot, and a debug.guest file.

Layouts: crash's vmware_vmss.h, vmware_vmss.c:vmware_vmss_init and vmware_guestdump.c. Their memory mostly lies in a
second file, named alike but .vmem.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from xcrash.images.fields import read_fields
from xcrash.images.identity import DumpIdentity
from xcrash.images.memory import Extent, StoredMemory
from xcrash.images.source import Source, shortfall
from xcrash.images.text import c_string

PAGE_SIZE = 4096
OLD_MAGIC = 0xBED0BED0
"""A 32-bit checkpoint, which crash does not read."""

MOST_GROUPS, MOST_ITEMS = 256, 4096
GROUP_BYTES = 80
SUFFIXES = {".vmss": ".vmem", ".vmsn": ".vmem", ".guest": ".vmem"}

_BLOCK, _COMPRESSED_BLOCK = 63, 62
_GUEST_BYTES = 78
_GUEST_BYTES_PER_CPU = 391 + PAGE_SIZE
_GUEST = {
    "version": (0, "I"),
    "cpus": (4, "I"),
    "last_address": (22, "Q"),
    "pages": (30, "Q"),
    "holes": (42, "I"),
    "hole_0": (46, "Q"),
    "hole_0_pages": (54, "Q"),
    "hole_1": (62, "Q"),
    "hole_1_pages": (70, "Q"),
}


class _Region(NamedTuple):
    """Pages of the memory file that lie together in the guest's memory."""

    page: int
    frame: int
    pages: int


class _Checkpoint(NamedTuple):
    """What a .vmss says of the guest's memory; ``memory_at`` is None when that is in the other file."""

    magic: int
    groups: int
    end: int
    cpus: int
    regions: tuple[_Region, ...]
    memory_at: int | None
    memory_size: int
    compressed: bool


def companion_name(path: str) -> str | None:
    """The name of the file with the memory; None when crash would not look for one."""
    return next((path.removesuffix(end) + other for end, other in SUFFIXES.items() if path.endswith(end)), None)


def read_vmss(source: Source, companion: Source | None) -> DumpIdentity:
    """Identify the dump; ``missing_bytes`` may be those of the companion."""
    found = _checkpoint(source)
    mapped = sum(region.pages for region in found.regions) * PAGE_SIZE
    size, memory = source.size or 0, found.memory_size or mapped
    inside = found.memory_at is not None
    short = shortfall(found.end, size)
    if not inside and companion is not None and mapped:
        short = max(short, shortfall(mapped, companion.size or 0))
    flags = {
        "vmem-missing": not inside and companion is None,
        "unreadable-header": not found.groups,
        "32-bit-checkpoint": found.magic == OLD_MAGIC,
        "compressed-memory": found.compressed,
    }
    known = inside or (companion is not None and mapped)
    return DumpIdentity(
        path=source.path,
        size=size,
        format="vmware-vmss",
        page_size=PAGE_SIZE if found.groups else None,
        flags=tuple(name for name, present in flags.items() if present),
        producer="VMware",
        missing_bytes=short if short or known else None,
        cpus=found.cpus or None,
        memory_bytes=memory or (companion.size if companion else None) or None,
    )


def read_guest(source: Source, companion: Source | None) -> DumpIdentity:
    """Identify a debug.guest file."""
    header = read_fields(source.read_at(0, 128), "<", _GUEST)
    dump = DumpIdentity(path=source.path, size=source.size or 0, format="vmware-guest", producer="VMware")
    flags = () if companion else ("vmem-missing",)
    if not 0 < header["version"] < 16 or header["holes"] > 2 or not 0 < header["cpus"] <= 4096:
        return msgspec.structs.replace(dump, flags=(*flags, "unreadable-header"))
    memory = header["pages"] * PAGE_SIZE
    short = shortfall(_GUEST_BYTES + header["cpus"] * _GUEST_BYTES_PER_CPU, dump.size)
    if companion is not None:
        short = max(short, shortfall(memory, companion.size or 0))
    return msgspec.structs.replace(
        dump,
        machine="x86_64",
        page_size=PAGE_SIZE,
        flags=flags,
        missing_bytes=short if short or companion else None,
        cpus=header["cpus"],
        memory_bytes=memory or None,
    )


def vmware_memory(source: Source, companion: Source | None, name: str) -> StoredMemory | None:
    """The guest's memory, in this file or its companion."""
    if name == "vmware-guest":
        return StoredMemory(companion, _guest_extents(source)) if companion else None
    found = _checkpoint(source)
    if found.compressed or found.magic == OLD_MAGIC:
        return None
    holder, at = (source, found.memory_at) if found.memory_at is not None else (companion, 0)
    if holder is None:
        return None
    regions = found.regions or (_Region(0, 0, (found.memory_size or holder.size or 0) // PAGE_SIZE),)
    return StoredMemory(
        holder, [Extent(frame * PAGE_SIZE, at + page * PAGE_SIZE, n * PAGE_SIZE) for page, frame, n in regions]
    )


def _guest_extents(source: Source) -> list[Extent]:
    """Memory without its holes, in the order of addresses."""
    header = read_fields(source.read_at(0, 128), "<", _GUEST)
    extents, frame, page = [], 0, 0
    for number in range(min(header["holes"], 2)):
        hole, pages = header[f"hole_{number}"], header[f"hole_{number}_pages"]
        if frame <= hole < 1 << 40 and pages < 1 << 40:
            extents.append(Extent(frame * PAGE_SIZE, page * PAGE_SIZE, (hole - frame) * PAGE_SIZE))
            page += hole - frame
            frame = hole + pages
    return [*extents, Extent(frame * PAGE_SIZE, page * PAGE_SIZE, max(0, header["pages"] - page) * PAGE_SIZE)]


def _checkpoint(source: Source) -> _Checkpoint:
    header = read_fields(source.read_at(0, 12), "<", {"magic": (0, "I"), "groups": (8, "I")})
    values: dict[tuple[str, int], int] = {}
    end, memory_at, memory_size, compressed = 12, None, 0, False
    groups = list(_groups(source, header["groups"])) if header["magic"] != OLD_MAGIC else []
    for name, at, size in groups:
        end = max(end, at + size)
        for item in _items(source, at) if name in ("memory", "cpu") else ():
            values.setdefault((item.name, item.number), item.value)
            if item.name == "Memory" and item.is_block:
                memory_at, memory_size, compressed = item.at, item.value, item.compressed
                end = max(end, item.at + item.size)
    count = min(values.get(("regionsCount", -1), 0), 64)
    fields = ("regionPageNum", "regionPPN", "regionSize")
    regions = tuple(_Region(*(values.get((field, number), 0) for field in fields)) for number in range(count))
    return _Checkpoint(
        magic=header["magic"],
        groups=len(groups),
        end=end,
        cpus=values.get(("cpu:numVCPUs", -1), 0),
        regions=regions,
        memory_at=memory_at,
        memory_size=memory_size,
        compressed=compressed,
    )


def _groups(source: Source, count: int) -> Iterator[tuple[str, int, int]]:
    table = source.read_at(12, min(count, MOST_GROUPS) * GROUP_BYTES)
    for at in range(0, len(table) // GROUP_BYTES * GROUP_BYTES, GROUP_BYTES):
        place = read_fields(table[at + 64 : at + GROUP_BYTES], "<", {"at": (0, "Q"), "size": (8, "Q")})
        name = c_string(table[at : at + 64])
        if name:
            yield name, place["at"], place["size"]


class _Item(NamedTuple):
    """A named value of a group; ``number`` is its first index, -1 without; a block lies at ``at``, ``size`` long."""

    name: str
    number: int
    value: int
    is_block: bool = False
    at: int = 0
    size: int = 0
    compressed: bool = False


def _items(source: Source, at: int) -> Iterator[_Item]:
    """The items of a group: a tag (length of the name, number of indices, length of the value), then these."""
    for _ in range(MOST_ITEMS):
        head = source.read_at(at, 2 + 255 + 12 + 18 + 63)
        tag = int.from_bytes(head[:2], "little")
        if not tag:
            return
        name_end = 2 + (tag >> 8)
        value_at = name_end + 4 * (tag >> 6 & 3)
        name, length = c_string(head[2:name_end]) or "", tag & 63
        index = int.from_bytes(head[name_end : name_end + 4], "little") if tag >> 6 & 3 else -1
        if length in (_BLOCK, _COMPRESSED_BLOCK):
            block = read_fields(head[value_at:], "<", {"size": (0, "Q"), "memory": (8, "Q"), "padding": (16, "H")})
            start = at + value_at + 18 + block["padding"]
            yield _Item(name, index, block["memory"], True, start, block["size"], length == _COMPRESSED_BLOCK)
            at = start + block["size"]
        else:
            yield _Item(name, index, int.from_bytes(head[value_at : value_at + min(length, 8)], "little"))
            at += value_at + length
