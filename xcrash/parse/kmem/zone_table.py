# SPDX-License-Identifier: Apache-2.0
"""The table of zones that ``kmem -f`` and ``kmem -n`` print: header and one row for each zone.

Source of the format: memory.c:dump_free_pages_zones_v2, memory.c:dump_memory_nodes.
"""

from __future__ import annotations

from collections.abc import Sequence

from xcrash.parse.kmem.tables import Row, place, pointer
from xcrash.parse.number import decimal, hexadecimal
from xcrash.parse.table import cells
from xcrash.parse.text import Line

_COLUMNS = ("ZONE", "NAME", "SIZE", "FREE", "MEM_MAP", "START_PADDR", "START_MAPNR")
_HEADERS = (_COLUMNS, tuple(name for name in _COLUMNS if name != "FREE"))


class Zone(Row, frozen=True, kw_only=True):
    """One zone: ``size`` and ``free`` in pages, ``start_mapnr`` its first page frame; ``free`` only of ``kmem -f``."""

    node: int | None
    zone: int
    name: str
    size: int
    free: int | None
    mem_map: str
    start_paddr: str
    start_mapnr: int


def header(text: str) -> tuple[str, ...] | None:
    """The columns of a header line; None for any other line."""
    found = tuple(text.split())
    return found if found in _HEADERS else None


def zone(line: Line, names: Sequence[str], node: int | None) -> Zone | None:
    """The zone of a row; None for a line that is none."""
    row = cells(line.text, names) if names and len(line.text) < 400 else None
    if not row:
        return None
    number, size, free = decimal(row["ZONE"]), decimal(row["SIZE"]), decimal(row.get("FREE", "0"))
    mapped, start, mapnr = row["MEM_MAP"], row["START_PADDR"], decimal(row["START_MAPNR"])
    if number is None or size is None or free is None or mapnr is None:
        return None
    if hexadecimal(mapped) is None or hexadecimal(start) is None:
        return None
    return Zone(
        **place(line),
        node=node,
        zone=number,
        name=row["NAME"],
        size=size,
        free=free if "FREE" in row else None,
        mem_map=pointer(mapped),
        start_paddr=pointer(start),
        start_mapnr=mapnr,
    )
