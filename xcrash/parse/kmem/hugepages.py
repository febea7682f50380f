# SPDX-License-Identifier: Apache-2.0
"""``kmem -h``: the pools of huge pages.

Source of the format: memory.c:dump_hstates.
"""

from __future__ import annotations

import re

from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.number import size
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_HEADER = ["HSTATE", "SIZE", "FREE", "TOTAL", "NAME"]
_ROW = re.compile(r"\s*([0-9a-f]{6,16}) +(\d{1,9}(?:\.\d)?[KMGT]B) +(\d{1,19}) +(\d{1,19}) +(\S+)\s*$")


class Hstate(Row, frozen=True, kw_only=True):
    """One pool: ``size`` of a page in bytes, ``free`` and ``total`` in such pages."""

    hstate: str
    size: int | None
    free: int
    total: int
    name: str


class KmemHugepages(CommandOutput, frozen=True, kw_only=True, tag="kmem-h"):
    """The elements of hstates[] that are in use."""

    hstates: tuple[Hstate, ...]


def parse(text: str) -> KmemHugepages:
    """Read ``kmem -h``."""
    table = _Hstates()
    rest = read(text, table)
    return KmemHugepages(hstates=tuple(table.hstates), remarks=rest.remarks, unread=rest.unread)


class _Hstates:
    def __init__(self) -> None:
        self.hstates: list[Hstate] = []

    def take(self, line: Line) -> bool:
        found = _ROW.match(line.text)
        if not found:
            return line.text.split() == _HEADER
        self.hstates.append(
            Hstate(
                **place(line),
                hstate=pointer(found[1]),
                size=size(found[2]),
                free=int(found[3]),
                total=int(found[4]),
                name=found[5],
            )
        )
        return True
