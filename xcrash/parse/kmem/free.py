# SPDX-License-Identifier: Apache-2.0
"""``kmem -f`` and ``-F``: the free lists of the page allocator.

Source of the format: memory.c:dump_free_pages, memory.c:dump_multidimensional_free_pages,
memory.c:dump_free_pages_zones_v1, memory.c:dump_free_pages_zones_v2, memory.c:dump_zone_free_area.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.kmem import zone_table
from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.kmem.zone_table import Zone
from xcrash.parse.number import size
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_AREA_HEADERS = (
    ["AREA", "SIZE", "FREE_AREA_STRUCT", "BLOCKS", "PAGES"],
    ["AREA", "SIZE", "FREE_AREA_STRUCT"],
)
_RULE = re.compile(r"\s*-{20,}\s*$")
_NODE = re.compile(r"\s*(\d{1,6})\s*$")
_AREA = re.compile(
    r"\s*(?:\[(\d{1,4})\]\[(\d{1,4})\]|(\d{1,4})) +(\d{1,12}k) +([0-9a-f]{6,16})(?: +(\d{1,19}) +(\d{1,19}))?\s*$"
)
_PAGE = re.compile(r"\s*([0-9a-f]{6,16})\s*(?:\(([^()]{1,200})\)\s*)?$")
_TOTAL = re.compile(r"\s*nr_free_pages: (-?\d{1,19})\s+\((?:(verified)|found (-?\d{1,19}))\)\s*$")


class FreeArea(Row, frozen=True, kw_only=True):
    """One free list: blocks of ``size`` bytes, 2 to the power of ``order`` pages.

    ``dimension`` is the first index of a free_area[][] array. ``blocks`` and ``pages`` are counts (``-f``),
    ``page_addresses`` the page structures linked to the list (``-F``), ``note`` what is said of the last of them.
    """

    node: int | None
    zone: int | None
    dimension: int | None
    order: int
    size: int | None
    free_area_struct: str
    blocks: int | None
    pages: int | None
    page_addresses: tuple[str, ...] = ()
    note: str | None = None


class FreeTotal(Row, frozen=True, kw_only=True):
    """The pages that the kernel believes free, and those that crash ``found``: equal if all is well."""

    nr_free_pages: int
    found: int


class KmemFree(CommandOutput, frozen=True, kw_only=True, tag="kmem-f"):
    """The zones and their free lists; ``total`` is None for an address."""

    zones: tuple[Zone, ...]
    areas: tuple[FreeArea, ...]
    total: FreeTotal | None


def parse(text: str) -> KmemFree:
    """Read ``kmem -f`` or ``-F``, also of an address."""
    table = FreeTables()
    rest = read(text, table)
    table.close()
    return KmemFree(
        zones=tuple(table.zones),
        areas=tuple(table.areas),
        total=table.total,
        remarks=rest.remarks,
        unread=rest.unread,
    )


class FreeTables:
    """Collects ``zones``, ``areas`` and the ``total``; ``close`` completes the last list."""

    def __init__(self) -> None:
        self.zones: list[Zone] = []
        self.areas: list[FreeArea] = []
        self.total: FreeTotal | None = None
        self._columns: tuple[str, ...] = ()
        self._node: int | None = None
        self._node_next = False
        self._pages: list[str] = []
        self._note: str | None = None
        self._end = 0

    def take(self, line: Line) -> bool:
        """Read a line of any of the tables."""
        text = line.text
        expected, self._node_next = self._node_next, False
        if self.areas and (found := _PAGE.match(text)):
            self._pages.append(pointer(found[1]))
            self._note, self._end = found[2] and found[2].strip(), line.end
        elif found := _AREA.match(text):
            self.close()
            self.areas.append(self._area(line, found))
        elif zone := zone_table.zone(line, self._columns, self._node):
            self.close()
            self.zones.append(zone)
        elif not self.total and (found := _TOTAL.match(text)):
            count = int(found[1])
            self.total = FreeTotal(**place(line), nr_free_pages=count, found=count if found[2] else int(found[3]))
        elif expected and (found := _NODE.match(text)):
            self._node = int(found[1])
        else:
            return self._header(text)
        return True

    def _header(self, text: str) -> bool:
        words = text.split()
        if words == ["NODE"]:
            self.close()
            self._node_next = True
            return True
        if columns := zone_table.header(text):
            self._columns = columns
            return True
        return words in _AREA_HEADERS or _RULE.match(text) is not None

    def _area(self, line: Line, found: re.Match[str]) -> FreeArea:
        dimension, index, order, size_, struct, blocks, pages = found.groups()
        return FreeArea(
            **place(line),
            node=self._node,
            zone=self.zones[-1].zone if self.zones else None,
            dimension=int(dimension) if dimension else None,
            order=int(order or index),
            size=size(size_),
            free_area_struct=pointer(struct),
            blocks=int(blocks) if blocks else None,
            pages=int(pages) if pages else None,
        )

    def close(self) -> None:
        """Complete the last free list."""
        if self._pages:
            area = self.areas[-1]
            self.areas[-1] = msgspec.structs.replace(
                area, span=(area.span[0], self._end), page_addresses=tuple(self._pages), note=self._note
            )
        self._pages, self._note = [], None
