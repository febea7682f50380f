# SPDX-License-Identifier: Apache-2.0
"""``kmem -v``: the ranges that vmalloc() mapped.

Source of the format: memory.c:dump_vmap_area, memory.c:dump_vmlist (kernels before 2.6.28: no VMAP_AREA column).
"""

from __future__ import annotations

import re

from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_HEADERS = (
    ["VMAP_AREA", "VM_STRUCT", "ADDRESS", "RANGE", "SIZE"],
    ["VM_STRUCT", "ADDRESS", "RANGE", "SIZE"],
)
_ROW = re.compile(
    r"\s*([0-9a-f]{6,16}) +(?:([0-9a-f]{6,16}|0) +)?([0-9a-f]{6,16}) +- +([0-9a-f]{6,16}) +(\d{1,20})\s*$"
)


class VmallocArea(Row, frozen=True, kw_only=True):
    """One range; ``end`` is the first address behind it, ``size`` in bytes."""

    vmap_area: str | None
    vm_struct: str
    start: str
    end: str
    size: int


class KmemVmalloc(CommandOutput, frozen=True, kw_only=True, tag="kmem-v"):
    """The ranges in the order of crash, which is that of their addresses."""

    areas: tuple[VmallocArea, ...]


def parse(text: str) -> KmemVmalloc:
    """Read ``kmem -v``."""
    table = VmallocTable()
    rest = read(text, table)
    return KmemVmalloc(areas=tuple(table.areas), remarks=rest.remarks, unread=rest.unread)


class VmallocTable:
    """Collects ``areas``."""

    def __init__(self) -> None:
        self.areas: list[VmallocArea] = []

    def take(self, line: Line) -> bool:
        """Read a row or the header."""
        found = _ROW.match(line.text)
        if not found:
            return line.text.split() in _HEADERS
        first, second, start, end, size = found.groups()
        self.areas.append(
            VmallocArea(
                **place(line),
                vmap_area=pointer(first) if second else None,
                vm_struct=pointer(second or first),
                start=pointer(start),
                end=pointer(end),
                size=int(size),
            )
        )
        return True
