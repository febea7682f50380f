# SPDX-License-Identifier: Apache-2.0
"""The table of zones that ``kmem -f`` and ``kmem -n`` print: header and one row for each zone.

Source of the format: memory.c:dump_free_pages_zones_v2, memory.c:dump_memory_nodes.
"""

from __future__ import annotations

from collections.abc import Sequence

from xcrash.parse.kmem.tables import Row, place, pointer
from xcrash.parse.number import decimal, hexadecimal
from xcrash.parse.table import cells, columns
from xcrash.parse.text import Line

_COLUMNS = ("ZONE", "NAME", "SIZE", "FREE", "MEM_MAP", "START_PADDR", "START_MAPNR")


class Zone(Row, frozen=True, kw_only=True):
    """One zone: ``size`` and ``free`` in pages, ``start_mapnr`` its first page frame; ``free`` only of ``kmem -f``."""

    node: int | None
    zone: int
    name: str
    size: int
    free: int | None
    mem_map: str | None
    start_paddr: str
    start_mapnr: int | None


def header(text: str) -> tuple[str, ...] | None:
    """The columns of a header line; None for any other line."""
    found = columns(text, _COLUMNS)
    return found if found and found[:3] == _COLUMNS[:3] else None


def zone(line: Line, names: Sequence[str], node: int | None) -> Zone | None:
    """The zone of a row; None for a line that is none."""
    row = cells(line.text, names) if names else None
    if not row or len(line.text) > 400:
        return None
    number, size, start = decimal(row["ZONE"]), decimal(row["SIZE"]), row.get("START_PADDR", "")
    mapped = row.get("MEM_MAP", "0")
    if number is None or size is None or hexadecimal(start) is None or hexadecimal(mapped) is None:
        return None
    return Zone(
        **place(line),
        node=node,
        zone=number,
        name=row["NAME"],
        size=size,
        free=decimal(row.get("FREE", "")),
        mem_map=pointer(mapped) if "MEM_MAP" in row else None,
        start_paddr=pointer(start),
        start_mapnr=decimal(row.get("START_MAPNR", "")),
    )
