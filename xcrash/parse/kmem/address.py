# SPDX-License-Identifier: Apache-2.0
"""``kmem ADDRESS``: everything that crash finds of an address, in the tables of the options.

Source of the format: memory.c:kmem_search, symbols.c:show_symbol, task.c:show_context.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse import set as set_
from xcrash.parse.answer import unread
from xcrash.parse.kmem.free import FreeArea, FreeTables, FreeTotal
from xcrash.parse.kmem.page_cache import Bucket, PageCacheTable, PageCacheTotal
from xcrash.parse.kmem.pages import PageTable
from xcrash.parse.kmem.slabs import Cache, CacheCpu, CacheNode, Slab, SlabTables
from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.kmem.vmalloc import VmallocArea, VmallocTable
from xcrash.parse.kmem.zone_table import Zone
from xcrash.parse.page import Page
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_SYMBOL = re.compile(
    r"\s*([0-9a-f]{6,16}) \(([A-Za-z?])\) ([^\s+]+)(?:\+(?:0x)?([0-9a-f]{1,16}))?(?: \[(\S+)\])?(?:\s+(\S.*?))?\s*$"
)
_CONTEXT = re.compile(r"\s*(?:PID|COMMAND|TASK|CPU|STATE): ")
_MISSING = re.compile(r"\s*([0-9a-f]{1,16}): (\S.{0,40}) address not found in mem map\s*$")


class Symbol(Row, frozen=True, kw_only=True):
    """The symbol that the address is in: ``offset`` as printed, in the radix of the session; ``source`` FILE: LINE."""

    address: str
    type: str
    name: str
    offset: str | None
    module: str | None
    source: str | None


class Missing(Row, frozen=True, kw_only=True):
    """An address that is in no memory map; ``memory`` is its kind (kernel virtual, physical)."""

    address: str
    memory: str


class KmemAddress(CommandOutput, frozen=True, kw_only=True, tag="kmem-address"):
    """What was found; ``context`` is the task whose structure or stack the address is in."""

    symbols: tuple[Symbol, ...] = ()
    areas: tuple[VmallocArea, ...] = ()
    caches: tuple[Cache, ...] = ()
    slabs: tuple[Slab, ...] = ()
    cpus: tuple[CacheCpu, ...] = ()
    nodes: tuple[CacheNode, ...] = ()
    zones: tuple[Zone, ...] = ()
    free_areas: tuple[FreeArea, ...] = ()
    free_total: FreeTotal | None = None
    buckets: tuple[Bucket, ...] = ()
    page_cache_total: PageCacheTotal | None = None
    context: set_.Context | None = None
    pages: tuple[Page, ...] = ()
    missing: tuple[Missing, ...] = ()


def parse(text: str) -> KmemAddress:
    """Read ``kmem ADDRESS``."""
    named, slabs, free, cache = _Named(), SlabTables(), FreeTables(), PageCacheTable()
    areas, pages = VmallocTable(), PageTable()
    rest = read(text, named, areas, pages, slabs, free, cache)
    for table in (slabs, free, cache):
        table.close()
    context = _context(text, named.context)
    first, last = context.span if context else (0, 0)
    outside = unread(line for line in named.context if not first <= line.start <= line.end <= last)
    left = tuple(sorted((*rest.unread, *outside), key=lambda one: one.line))
    return KmemAddress(
        symbols=tuple(named.symbols),
        areas=tuple(areas.areas),
        caches=tuple(slabs.caches),
        slabs=tuple(slabs.slabs),
        cpus=tuple(slabs.cpus),
        nodes=tuple(slabs.nodes),
        zones=tuple(free.zones),
        free_areas=tuple(free.areas),
        free_total=free.total,
        buckets=tuple(cache.buckets),
        page_cache_total=cache.total,
        context=context,
        pages=tuple(pages.pages),
        missing=tuple(named.missing),
        remarks=rest.remarks,
        unread=left,
    )


def _context(text: str, lines: list[Line]) -> set_.Context | None:
    """The context block in its lines."""
    if not lines:
        return None
    start = lines[0].start
    found = set_.parse(text[start : lines[-1].end])
    if not found:
        return None
    span = (found.span[0] + start, found.span[1] + start)
    return msgspec.structs.replace(found, span=span, remarks=(), unread=())


class _Named:
    """Collects the lines that belong to no table."""

    def __init__(self) -> None:
        self.symbols: list[Symbol] = []
        self.missing: list[Missing] = []
        self.context: list[Line] = []

    def take(self, line: Line) -> bool:
        if _CONTEXT.match(line.text):
            self.context.append(line)
        elif found := _MISSING.match(line.text):
            self.missing.append(Missing(**place(line), address=pointer(found[1]), memory=found[2]))
        elif len(line.text) < 1000 and (found := _SYMBOL.match(line.text)):
            self.symbols.append(
                Symbol(
                    **place(line),
                    address=pointer(found[1]),
                    type=found[2],
                    name=found[3],
                    offset=found[4],
                    module=found[5],
                    source=found[6],
                )
            )
        else:
            return False
        return True
