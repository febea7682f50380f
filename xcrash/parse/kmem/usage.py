# SPDX-License-Identifier: Apache-2.0
"""``kmem -i``: how much memory is used for what.

Source of the format: memory.c:dump_kmeminfo (``%13s  %7ld  %11s  %3ld%% of TOTAL MEM``), tools.c:pages_to_size;
memory.c:dump_zone_page_usage for the table of zones that old kernels have below.
"""

from __future__ import annotations

import re

from xcrash.parse.kmem.tables import Row, place, read
from xcrash.parse.number import size
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_HEADER = ["PAGES", "TOTAL", "PERCENTAGE"]
_ROW = re.compile(
    r"\s*([A-Z]+(?: [A-Z]+)?) +(-?\d{1,19}) +(0|\d{1,15}(?:\.\d)? [KMGT]B)"
    r"(?:\s*| +-{4}\s*| +(-?\d{1,18})%(?: of ([A-Z]+(?: [A-Z]+)?))?\s*)$"
)
_ZONES = ["ZONE", "NAME", "FREE", "ACTIVE", "INACTIVE_DIRTY", "INACTIVE_CLEAN", "MIN/LOW/HIGH"]
_ZONE = re.compile(r"\s*(\d{1,4}) +(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)/(\d+)/(\d+)\s*$")


class Usage(Row, frozen=True, kw_only=True):
    """One row: ``name`` as printed (TOTAL MEM, SWAP USED, ...), ``total`` in bytes as coarse as printed.

    ``percent`` of the row called ``of``; None where crash prints ``----``.
    """

    name: str
    pages: int
    total: int | None
    percent: int | None
    of: str | None


class ZoneUsage(Row, frozen=True, kw_only=True):
    """The pages of a zone, in kernels that have lists of inactive dirty and clean pages (2.4)."""

    zone: int
    name: str
    free: int
    active: int
    inactive_dirty: int
    inactive_clean: int
    pages_min: int
    pages_low: int
    pages_high: int


class KmemUsage(CommandOutput, frozen=True, kw_only=True, tag="kmem-i"):
    """The rows in the order of crash, which leaves out what a kernel has not (SHARED, TOTAL HUGE, ...)."""

    usage: tuple[Usage, ...]
    zones: tuple[ZoneUsage, ...] = ()


def parse(text: str) -> KmemUsage:
    """Read ``kmem -i``."""
    table = _Usage()
    rest = read(text, table)
    return KmemUsage(usage=tuple(table.usage), zones=tuple(table.zones), remarks=rest.remarks, unread=rest.unread)


class _Usage:
    def __init__(self) -> None:
        self.usage: list[Usage] = []
        self.zones: list[ZoneUsage] = []

    def take(self, line: Line) -> bool:
        if found := _ROW.match(line.text):
            self.usage.append(
                Usage(
                    **place(line),
                    name=found[1],
                    pages=int(found[2]),
                    total=size(found[3]),
                    percent=int(found[4]) if found[4] else None,
                    of=found[5],
                )
            )
        elif found := _ZONE.match(line.text):
            zone, name, *counts = found.groups()
            names = ("free", "active", "inactive_dirty", "inactive_clean", "pages_min", "pages_low", "pages_high")
            self.zones.append(
                ZoneUsage(**place(line), zone=int(zone), name=name, **dict(zip(names, map(int, counts), strict=True)))
            )
        else:
            return line.text.split() in (_HEADER, _ZONES)
        return True
