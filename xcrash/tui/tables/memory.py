# SPDX-License-Identifier: Apache-2.0
"""The tables of the view Memory."""

from __future__ import annotations

from typing import Any

from xcrash.parse.kmem.nodes import KmemNodes, Node
from xcrash.parse.kmem.slabs import Cache, KmemSlabs
from xcrash.parse.kmem.statistics import Counter, KmemStatistics
from xcrash.parse.kmem.usage import KmemUsage, Usage
from xcrash.parse.kmem.vmalloc import KmemVmalloc, VmallocArea
from xcrash.parse.kmem.zones import KmemZones, ZoneStatistics
from xcrash.parse.ps import Ps, Task
from xcrash.parse.swap import Swap, SwapDevice
from xcrash.tui.tables.page import Page, address, bytes_of, lead, number, shown, text
from xcrash.tui.widgets.row_table import UNKNOWN, Column

BAR = 30
"""Cells of a whole bar."""

USAGE: Page[Usage] = Page(
    "Use",
    "kmem -i",
    "kinds of memory",
    lambda value: value.usage if isinstance(value, KmemUsage) else None,
    (
        text("KIND", lambda row: row.name),
        bytes_of("SIZE", lambda row: row.total),
        number("PAGES", lambda row: row.pages, rank=1),
        Column("%", lambda row: shown(row.percent), lambda row: row.percent, right=True),
        Column("", lambda row: bar(row.percent), width=BAR + 2),
        text("OF", lambda row: pressure(row)),
    ),
    look=lambda row: "doubt" if pressure(row).strip("— ").startswith("over") else "",
    about="SIZE is as coarse as crash prints it, PAGES is exact",
)

SLABS: Page[Cache] = Page(
    "Slabs",
    "kmem -s",
    "slab caches",
    lambda value: value.caches if isinstance(value, KmemSlabs) else None,
    (
        text("NAME", lambda row: row.name),
        bytes_of("TOTAL", lambda row: cache_bytes(row)),
        Column("IN USE", lambda row: in_use(row), lambda row: row.allocated, right=True),
        number("ALLOCATED", lambda row: row.allocated, rank=1),
        number("OBJECTS", lambda row: row.total, rank=2),
        number("OBJSIZE", lambda row: row.objsize),
        number("SLABS", lambda row: row.slabs, rank=3),
        text("CACHE", lambda row: row.cache, rank=4),
        text("", lambda row: row.note or " "),
    ),
    lead=lambda row: lead("struct kmem_cache", address(row.cache)),
    sort="TOTAL",
    reverse=True,
    about="TOTAL: slabs times their size; on a large host this command takes minutes",
)

ZONES: Page[ZoneStatistics] = Page(
    "Zones",
    "kmem -z",
    "zones",
    lambda value: value.zones if isinstance(value, KmemZones) else None,
    (
        number("NODE", lambda row: row.node),
        text("ZONE", lambda row: row.name),
        number("SIZE", lambda row: row.size, rank=2),
        number("PRESENT", lambda row: row.present, rank=3),
        number("FREE", lambda row: free_pages(row)),
        number("MIN", lambda row: row.pages_min),
        number("LOW", lambda row: row.pages_low),
        number("HIGH", lambda row: row.pages_high),
        text("STATE", lambda row: watermark(row)),
        text("ADDRESS", lambda row: row.address, rank=4),
    ),
    look=lambda row: "doubt" if watermark(row).startswith("below") else "" if row.populated else "dim",
    lead=lambda row: lead("struct zone", address(row.address)),
    about="sizes in pages; below LOW kswapd works, below MIN who allocates waits",
)

USERS: Page[Task] = Page(
    "Top users",
    "ps",
    "tasks",
    lambda value: [task for task in value.tasks if task.rss] if isinstance(value, Ps) else None,
    (
        number("PID", lambda row: row.pid),
        text("COMM", lambda row: row.comm),
        bytes_of("RSS", lambda row: row.rss),
        bytes_of("VSZ", lambda row: row.vsz),
        Column("%MEM", lambda row: shown(row.mem_percent), lambda row: row.mem_percent, right=True),
        text("ST", lambda row: row.st, rank=1),
    ),
    lead=lambda row: f"vm {row.pid}" if row.pid else None,
    sort="RSS",
    reverse=True,
    about="per task: the threads of a process all show the memory they share",
)

SWAP: Page[SwapDevice] = Page(
    "Swap",
    "swap",
    "swap areas",
    lambda value: value.devices if isinstance(value, Swap) else None,
    (
        text("FILE", lambda row: row.filename, most=60),
        text("TYPE", lambda row: row.type),
        bytes_of("SIZE", lambda row: row.size),
        bytes_of("USED", lambda row: row.used),
        Column("%", lambda row: shown(row.pct), lambda row: row.pct, right=True),
        number("PRIORITY", lambda row: row.pri),
        text("SWAP_INFO_STRUCT", lambda row: row.swap_info_struct, rank=1),
    ),
    lead=lambda row: lead("struct swap_info_struct", address(row.swap_info_struct)),
)

NODES: Page[Node] = Page(
    "Nodes",
    "kmem -n",
    "nodes",
    lambda value: value.nodes if isinstance(value, KmemNodes) else None,
    (
        number("NODE", lambda row: row.node),
        number("PAGES", lambda row: row.size),
        text("PGLIST_DATA", lambda row: row.pglist_data),
        text("ZONES", lambda row: " ".join(row.node_zones), rank=1, most=80),
    ),
    lead=lambda row: lead("struct pglist_data", address(row.pglist_data)),
)

VMALLOC: Page[VmallocArea] = Page(
    "vmalloc",
    "kmem -v",
    "vmalloc areas",
    lambda value: value.areas if isinstance(value, KmemVmalloc) else None,
    (
        text("START", lambda row: row.start),
        text("END", lambda row: row.end),
        bytes_of("SIZE", lambda row: row.size),
        text("VM_STRUCT", lambda row: row.vm_struct, rank=1),
        text("VMAP_AREA", lambda row: row.vmap_area, rank=2),
    ),
    lead=lambda row: lead("struct vm_struct", address(row.vm_struct)),
    sort="SIZE",
    reverse=True,
)

COUNTERS: Page[Counter] = Page(
    "Counters",
    "kmem -V",
    "counters",
    lambda value: value.counters if isinstance(value, KmemStatistics) else None,
    (
        text("TABLE", lambda row: row.table),
        text("NAME", lambda row: row.name),
        number("VALUE", lambda row: row.value),
    ),
)

MEMORY: tuple[Page[Any], ...] = (USAGE, USERS, SLABS, ZONES, SWAP, NODES, VMALLOC, COUNTERS)


def bar(percent: int | None) -> str:
    """A bar of signs that every terminal has; more than the whole ends in ``>``."""
    if percent is None:
        return ""
    cells = max(0, round(percent * BAR / 100))
    return "[" + ("=" * min(cells, BAR)).ljust(BAR) + (">" if cells > BAR else "]")


def pressure(row: Usage) -> str:
    """What a percentage is of, and whether it is more than there is."""
    if row.percent is None:
        return " "
    return f"over the limit {row.of or ''}".rstrip() if row.percent > 100 else row.of or " "


def cache_bytes(row: Cache) -> int | None:
    """The memory of all slabs of a cache."""
    return None if row.slabs is None or row.ssize is None else row.slabs * row.ssize


def in_use(row: Cache) -> str:
    """Of its objects, how many hundredths are allocated."""
    return f"{100 * row.allocated / row.total:.0f} %" if row.total and row.allocated is not None else UNKNOWN


def free_pages(row: ZoneStatistics) -> int | None:
    """The free pages of a zone: from the line of old kernels, or from its counters."""
    if row.free is not None:
        return row.free
    return next((one.value for one in row.vm_stat if one.name == "NR_FREE_PAGES"), None)


def watermark(row: ZoneStatistics) -> str:
    """Where the free pages stand between the watermarks, in words."""
    free = free_pages(row)
    if not row.populated:
        return "not populated"
    if free is None or row.pages_min is None or row.pages_low is None:
        return UNKNOWN
    return "below min" if free < row.pages_min else "below low" if free < row.pages_low else "enough free"
