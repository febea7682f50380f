# SPDX-License-Identifier: Apache-2.0
"""Identify an LKCD dump. Layouts: crash's lkcd_vmdump_v1.h, lkcd_vmdump_v2_v3.h, lkcd_dump_v5.h, lkcd_dump_v8.h."""

from __future__ import annotations

from typing import NamedTuple

from xcrash.images.fields import epoch_seconds, page_size_or_none, read_fields
from xcrash.images.identity import DumpIdentity
from xcrash.images.source import Source, shortfall
from xcrash.images.text import c_string

LIVE = 0xA8190173618F23CD
VERSION_MASK = 0xF
PAGES_AT = 64 << 10
PAGE_HEADER_BYTES = 16
COMPRESSIONS = {1: "rle", 2: "zlib"}

_UTSNAME_BYTES = 65
_COMMON = {
    "magic": (0, "Q"),
    "version": (8, "I"),
    "level": (16, "I"),
    "page_size": (20, "I"),
}


class _Layout(NamedTuple):
    """Where the fields lie that moved between versions and with the size of a long."""

    versions: range
    pages_at: int
    time: tuple[int, str]
    utsname_at: int
    compress_at: int
    everything: int


_LAYOUTS = (
    _Layout(range(1, 2), 56, (320, "Q"), 336, 0, 4),
    _Layout(range(1, 2), 56, (316, "I"), 324, 0, 4),
    _Layout(range(2, 4), 48, (312, "Q"), 328, 0, 4),
    _Layout(range(2, 4), 48, (308, "I"), 316, 0, 4),
    _Layout(range(5, 8), 48, (312, "Q"), 328, 728, 8),
    _Layout(range(5, 8), 48, (308, "I"), 316, 712, 8),
    _Layout(range(8, 11), 48, (308, "Q"), 324, 722, 8),
)


def read_lkcd(source: Source) -> DumpIdentity:
    """Identify the dump; its level is LKCD's own and only tells whether pages were left out."""
    head = source.read_at(0, 4096)
    order = "<" if head[:1] in (b"\xed", b"\xcd") else ">"
    common = read_fields(head, order, _COMMON)
    layout = next((each for each in _LAYOUTS if _fits(each, common["version"] & VERSION_MASK, head)), None)
    if layout is None:
        return DumpIdentity(path=source.path, size=source.size or 0, format="lkcd", flags=("unreadable-header",))
    more = {"pages": (layout.pages_at, "I"), "time": layout.time, "compress": (layout.compress_at, "I")}
    fields = read_fields(head, order, more)
    names = [c_string(_utsname(head, layout, number)) for number in range(5)]
    flags = {
        "live": common["magic"] == LIVE,
        "pages-left-out": not common["level"] & layout.everything,
        "big-endian": order == ">",
    }
    missing = shortfall(PAGES_AT + fields["pages"] * PAGE_HEADER_BYTES, source.size or 0)
    return DumpIdentity(
        path=source.path,
        size=source.size or 0,
        format="lkcd",
        compression=COMPRESSIONS.get(fields["compress"]) if layout.compress_at else None,
        machine="i686" if names[4] in ("i386", "i486", "i586") else names[4],
        release=names[2],
        version=names[3],
        nodename=names[1],
        crash_time=epoch_seconds(fields["time"]),
        page_size=page_size_or_none(common["page_size"]),
        flags=tuple(name for name, present in flags.items() if present),
        producer="LKCD",
        # Pages are packed: only that not even their headers fit is sure.
        missing_bytes=missing or None,
        identified_by=("release: utsname in the header",) if names[2] else (),
        pages=fields["pages"] or None,
    )


def _fits(layout: _Layout, version: int, head: bytes) -> bool:
    return version in layout.versions and c_string(_utsname(head, layout, 0)) == "Linux"


def _utsname(head: bytes, layout: _Layout, number: int) -> bytes:
    at = layout.utsname_at + number * _UTSNAME_BYTES
    return head[at : at + _UTSNAME_BYTES]
