# SPDX-License-Identifier: Apache-2.0
"""Identify a dump of Mission Critical Linux. Layout: crash's vas_crash.h (crash_map_hdr_v1)."""

from __future__ import annotations

from xcrash.images.fields import read_fields
from xcrash.images.identity import DumpIdentity
from xcrash.images.source import Source, shortfall

_HEADERS = {
    32: {"block": (16, "I"), "map": (20, "I"), "map_blocks": (24, "I"), "per_entry": (32, "I"), "left": (36, "I")},
    64: {"block": (32, "I"), "map": (36, "I"), "map_blocks": (40, "I"), "per_entry": (48, "Q"), "left": (56, "Q")},
}


def read_mclx(source: Source) -> DumpIdentity:
    """Identify the dump: only its map of blocks says how long it must be, at least."""
    head = source.read_at(0, 512)
    bits = 64 if head[4:8] == bytes(4) else 32
    header = read_fields(head, "<", _HEADERS[bits])
    sensible = header["block"] in (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
    end_of_map = (header["map"] + header["map_blocks"]) * header["block"]
    return DumpIdentity(
        path=source.path,
        size=source.size or 0,
        format="mclx",
        machine="i686" if bits == 32 else None,
        # Only the later version of the header has the field, told by how much memory an entry of the map stands for.
        incomplete=sensible and header["per_entry"] > 0 and header["per_entry"] % 4096 == 0 and header["left"] > 0,
        flags=() if sensible else ("unreadable-header",),
        producer="Mission Critical Linux",
        missing_bytes=(shortfall(end_of_map, source.size or 0) or None) if sensible else None,
    )
