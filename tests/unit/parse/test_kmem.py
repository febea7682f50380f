# SPDX-License-Identifier: Apache-2.0
"""``kmem``: every option, the layouts of old and new versions, an address without an option."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parse import kmem_samples as samples
from tests.unit.parse.account import check_damaged, check_time, damaged, unaccounted
from xcrash.parse import kmem, parser_for
from xcrash.parse.kmem import (
    address,
    free,
    hugepages,
    nodes,
    page_cache,
    page_flags,
    pages,
    percpu,
    statistics,
    usage,
    vmalloc,
    zones,
)
from xcrash.parse.lazy import Rows
from xcrash.parse.value import CommandOutput

MB, GB = 2**20, 2**30
SAMPLES = {
    "-i": (samples.USAGE, samples.USAGE_ZONES),
    "-s": (samples.CACHES, samples.CACHES_OLD),
    "-S": (samples.SLUB, samples.SLAB),
    "-z": (samples.ZONES,),
    "-n": (samples.NODES, samples.NODES_OLD),
    "-v": (samples.VMALLOC, samples.VMALLOC_OLD),
    "-V": (samples.STATISTICS, samples.STATISTICS_OLD),
    "-f": (samples.FREE, samples.FREE_DIMENSIONS),
    "-F": (samples.FREE_PAGES,),
    "-h": (samples.HUGEPAGES,),
    "-p": (samples.PAGES, samples.PAGES_INODES),
    "-m": (samples.MEMBERS,),
    "-C": (samples.PAGE_CACHE,),
    "-o": (samples.OFFSETS,),
    "-g": (samples.FLAGS,),
    "0": (samples.TASK_ADDRESS, samples.MODULE_ADDRESS, samples.FREE_ADDRESS, samples.NOWHERE),
}
ALL = [(option, text) for option, texts in SAMPLES.items() for text in texts]
HEADERS = frozenset(line for option, text in ALL for line in unaccounted(kmem.parser([option])(text), text))


def test_usage_in_bytes_pages_and_percent() -> None:
    found = usage.parse(samples.USAGE)
    rows = {row.name: (row.pages, row.total, row.percent, row.of) for row in found.usage}
    assert rows["TOTAL MEM"] == (8362460, int(510.4 * GB), None, None)
    assert rows["FREE"] == (29, int(1.8 * MB), 0, "TOTAL MEM")
    assert rows["BUFFERS"] == (0, 0, 0, "TOTAL MEM")
    assert rows["TOTAL SWAP"] == (261119, 1020 * MB, None, None)
    assert rows["COMMITTED"] == (408850, int(1.6 * GB), 82, "TOTAL LIMIT")
    assert (len(rows), found.unread) == (13, ())


def test_usage_of_the_zones_of_old_kernels() -> None:
    found = usage.parse(samples.USAGE_ZONES)
    assert found.usage[0].of == "TOTAL MEM"
    normal = found.zones[1]
    assert (normal.name, normal.free, normal.active, normal.inactive_dirty, normal.inactive_clean) == (
        "Normal",
        106112,
        11284,
        2711,
        3054,
    )
    assert (normal.pages_min, normal.pages_low, normal.pages_high) == (1279, 4544, 6304)


def test_a_usage_row_that_was_cut_keeps_what_is_there() -> None:
    found = usage.parse(" COMMIT LIMIT  12681777      48.4 GB         \n    COMMITTED  408850      \n")
    assert [(row.name, row.percent) for row in found.usage] == [("COMMIT LIMIT", None)]
    assert [line.line for line in found.unread] == [2]


def test_zones_with_what_each_kernel_says_of_them() -> None:
    dma, normal, dma32 = zones.parse(samples.ZONES).zones
    assert (dma.node, dma.zone, dma.address, dma.name) == (0, 0, "0xffff8c185fc3b680", "DMA")
    assert (dma.size, dma.present, dma.pages_min, dma.pages_low, dma.pages_high) == (4095, 3998, 22, 27, 32)
    assert [(counter.name, counter.value) for counter in dma.vm_stat] == [
        ("NR_FREE_PAGES", 3808),
        ("NR_ZONE_INACTIVE_ANON", 0),
    ]
    assert samples.ZONES[slice(*dma.span)].endswith("NR_ZONE_INACTIVE_ANON: 0")
    assert (normal.populated, normal.size, dma.populated) == (False, None, True)
    assert (dma32.nr_active, dma32.nr_inactive, dma32.free) == (4113, 20002, 785012)
    assert (dma32.all_unreclaimable, dma32.pages_scanned) == (False, 17)


def test_nodes_sections_and_blocks() -> None:
    found = nodes.parse(samples.NODES)
    node = found.nodes[0]
    assert (node.node, node.size, node.bootmem_data) == (0, 131036, None)
    assert node.node_zones == ("0xffff8c185fc3b680", "0xffff8c185fc3bc80")
    assert (node.mem_map, node.start_paddr, node.start_mapnr) == ("0xffffef0fc0000040", "0x1000", 1)
    assert [(zone.name, zone.size, zone.mem_map) for zone in found.zones] == [
        ("DMA", 4095, "0xffffef0fc0000040"),
        ("Normal", 0, "0x0"),
    ]
    assert [(section.nr, section.state, section.pfn) for section in found.sections] == [
        (0, "PMOE", 0),
        (3, "PM", 98304),
    ]
    block = found.mem_blocks[0]
    assert (block.name, block.start, block.end, block.node, block.state) == (
        "memory0",
        "0x0",
        "0x7ffffff",
        0,
        "UNKNOWN",
    )


def test_nodes_of_32_bits_and_of_versions_without_state_and_node() -> None:
    found = nodes.parse(samples.NODES_OLD)
    assert (found.nodes[0].bootmem_data, found.nodes[0].mem_map, found.unread) == ("0xc04c1f9c", "0xc1000030", ())
    assert found.zones[0].node == 1
    assert (found.sections[0].state, found.sections[0].pfn) == (None, 229376)
    assert (found.mem_blocks[0].node, found.mem_blocks[0].start_section_no) == (None, 7)


def test_vmalloc_with_and_without_vmap_areas() -> None:
    area = vmalloc.parse(samples.VMALLOC).areas[0]
    assert (area.vmap_area, area.vm_struct) == ("0xffff8c184104fa20", "0xffff8c1841138a80")
    assert (area.start, area.end, area.size) == ("0xffffcd9600000000", "0xffffcd9600005000", 20480)
    area = vmalloc.parse(samples.VMALLOC_OLD).areas[0]
    assert (area.vmap_area, area.vm_struct, area.size) == (None, "0xcbe2e0a0", 8192)


def test_statistics_by_table() -> None:
    counters = [(one.table, one.name, one.value) for one in statistics.parse(samples.STATISTICS).counters]
    assert counters == [
        ("VM_ZONE_STAT", "NR_FREE_PAGES", 109095),
        ("VM_ZONE_STAT", "NR_ZONE_INACTIVE_ANON", 0),
        ("VM_EVENT_STATES", "PGPGIN", 282492),
    ]
    assert [one.table for one in statistics.parse(samples.STATISTICS_OLD).counters] == [None, None]


def test_free_lists_by_zone() -> None:
    found = free.parse(samples.FREE)
    assert [(zone.node, zone.name, zone.size, zone.free, zone.mem_map) for zone in found.zones] == [
        (0, "DMA", 4095, 3808, "0xffffef0fc0000040"),
        (0, "Device", 0, 0, "0x0"),
    ]
    assert [(area.zone, area.order, area.size, area.blocks, area.pages) for area in found.areas] == [
        (0, 0, 4096, 0, 0),
        (0, 10, 4096 * 1024, 3, 3072),
    ]
    assert found.total and (found.total.nr_free_pages, found.total.found, found.unread) == (109095, 109095, ())


def test_pages_of_the_free_lists() -> None:
    found = free.parse(samples.FREE_PAGES)
    assert [(area.order, area.page_addresses, area.note) for area in found.areas] == [
        (0, ("0xc400ded8", "0xc4042528"), None),
        (2, ("0xc40425b0",), "c40425b0 is 1st of 4 pages"),
    ]
    assert samples.FREE_PAGES[slice(*found.areas[0].span)].endswith("c4042528")


def test_free_lists_of_several_dimensions_that_do_not_add_up() -> None:
    found = free.parse(samples.FREE_DIMENSIONS)
    assert [(area.dimension, area.order, area.pages) for area in found.areas] == [(0, 0, 29), (1, 1, 2)]
    assert found.total and (found.total.nr_free_pages, found.total.found) == (31, 30)


def test_huge_pages() -> None:
    found = hugepages.parse(samples.HUGEPAGES)
    assert [(one.size, one.free, one.total, one.name) for one in found.hstates] == [
        (2 * MB, 10, 64, "hugepages-2048kB"),
        (GB, 0, 0, "hugepages-1048576kB"),
    ]


def test_pages_and_their_flags() -> None:
    first, index, mapped, bare = pages.parse(samples.PAGES).pages
    assert first.flags and (first.flags.value, first.flags.names) == ("0x7ffffc0002000", ("reserved",))
    assert (first.page, first.physical, first.mapping) == ("0xffffef0fc0000000", "0x0", "0x0")
    assert (index.index, index.flags and index.flags.names) == (0xFFFF8C1856FB3740, ())
    assert (mapped.mapping, mapped.index, mapped.cnt) == ("0xffff88003c2f1d78", 0x11C, 2)
    assert mapped.flags and mapped.flags.names == ("referenced", "uptodate", "lru", "active")
    assert (bare.mapping, bare.index, bare.cnt, bare.flags and bare.flags.value) == (None, None, 0, "0x0")


def test_pages_of_kernels_with_inodes() -> None:
    first, second = pages.parse(samples.PAGES_INODES).pages
    assert (first.inode, first.offset, first.mapping, first.index) == ("0xc1b63d30", "0xf000", None, None)
    assert second.flags and (second.flags.value, second.flags.names) == (None, ("slab",))


def test_a_long_table_of_pages_is_read_row_by_row() -> None:
    header, *rows = samples.PAGES_INODES.splitlines()
    text = "\n".join([header, *rows * 15000, "cut off", rows[0]])
    found = pages.parse(text)
    assert isinstance(found.pages, Rows)
    assert (len(found.pages), found.pages[-1].line, found.pages[29999].inode) == (30001, 30003, "0x0")
    assert text[slice(*found.pages[30000].span)] == rows[0]
    assert [(line.line, line.text) for line in found.unread] == [(30002, "cut off")]


def test_members_of_pages() -> None:
    found = pages.parse_members(samples.MEMBERS)
    assert found.members == ("flags", "lru", "_refcount")
    assert found.pages[0].values == ("000fffffc0000000", "ffff8c1841042700,dead000000000122", "00000001")
    assert [line.line for line in pages.parse_members(samples.MEMBERS + "ffffef0fc05becc0  0\n").unread] == [3]


def test_page_cache() -> None:
    found = page_cache.parse(samples.PAGE_CACHE)
    assert [(bucket.index, bucket.pages) for bucket in found.buckets] == [
        (0, ("0xc0325b40", "0xc03a0598")),
        (2047, ("0xc033a798",)),
    ]
    totals = [
        (found.total.page_cache_size, found.total.found)
        for text in (samples.PAGE_CACHE, "page_cache_size: 18431 (verified)\n", "page cache size: 18431\n")
        if (found := page_cache.parse(text)).total
    ]
    assert totals == [(18437, 3), (18431, 18431), (18431, None)]


def test_offsets_and_flags() -> None:
    assert [(one.cpu, one.offset) for one in percpu.parse(samples.OFFSETS).offsets] == [
        (0, "0xffff8c185f200000"),
        (1, "0xffff8c185f300000"),
    ]
    found = page_flags.parse(samples.FLAGS)
    assert found.flags and found.flags.value == "0x4080"
    assert [(one.page_flag, one.bit, one.value) for one in found.page_flags] == [
        ("PG_waiters", 7, "0x80"),
        ("PG_private", 14, "0x4000"),
    ]


def test_an_address_of_a_task() -> None:
    found = address.parse(samples.TASK_ADDRESS)
    assert found.caches[0].name == "task_struct"
    assert [(one.address, one.allocated) for one in found.slabs[0].objects] == [("0xffff8c1841231840", True)]
    assert found.context and (found.context.pid, found.context.command) == (1, "init")
    assert (found.pages[0].index, found.unread) == (8, ())


def test_an_address_with_a_symbol() -> None:
    found = address.parse(samples.MODULE_ADDRESS)
    symbol = found.symbols[0]
    assert (symbol.address, symbol.type, symbol.name, symbol.offset, symbol.module) == (
        "0xffffffffc0350340",
        "?",
        "__this_module",
        "16",
        "qemu_fw_cfg",
    )
    assert (found.areas[0].size, len(found.pages)) == (12288, 1)
    found = address.parse(samples.FREE_ADDRESS)
    assert found.symbols[0].source == "../arch/x86/kernel/head64.c: 51"
    assert found.free_areas[0].note == "ffffffff8c00d940 is 14th of 512 pages"


def test_an_address_that_is_nowhere() -> None:
    found = address.parse(samples.NOWHERE)
    assert [remark.severity for remark in found.remarks] == ["warning", "error"]
    assert [(one.address, one.memory) for one in found.missing] == [("0x8b7ff000", "kernel virtual")]


def test_half_a_context_is_unread() -> None:
    found = address.parse('    PID: 1\nCOMMAND: "init"\nffffef0fc05be840 16fa1000  0  0  1 0\n')
    assert (found.context, [line.line for line in found.unread], len(found.pages)) == (None, [1, 2], 1)


@pytest.mark.parametrize(("option", "text"), ALL)
@pytest.mark.parametrize("margin", ["", "    ", "\t"])
def test_every_line_is_read_whatever_the_margin(option: str, text: str, margin: str) -> None:
    parse = kmem.parser([option])
    straight, moved = parse(text), parse("".join(f"{margin}{line}\n" for line in text.splitlines()))
    assert isinstance(straight, CommandOutput) and isinstance(moved, CommandOutput)
    assert straight.unread == ()
    if not straight.remarks:
        assert moved.unread == ()
    assert len(unaccounted(straight, text)) < 12


@pytest.mark.parametrize("option", SAMPLES)
def test_errors_inside_of_data_are_remarks(option: str) -> None:
    parse, text = kmem.parser([option]), SAMPLES[option][0]
    head, _, tail = text.rpartition("\n\n") if "\n\n" in text else text[:-1].rpartition("\n")
    found = parse(f'{head}\nkmem: seek error: kernel virtual address: 0  type: "x"\n\n{tail}\n')
    assert isinstance(found, CommandOutput)
    assert (found.remarks[-1].text, found.unread) == ('kmem: seek error: kernel virtual address: 0  type: "x"', ())


@pytest.mark.parametrize(
    ("line", "parse"),
    [
        ("kmem -i=shared", usage.parse),
        ("kmem -pP 1000", pages.parse),
        ("kmem -m lru", pages.parse_members),
        ("kmem -V", statistics.parse),
        ("kmem -v | grep 8192", vmalloc.parse),
        ("kmem ffff8c1841231840", address.parse),
        ("kmem -P 1000", address.parse),
        ("kmem", address.parse),
    ],
)
def test_options_choose_the_shape(line: str, parse: Callable[[str], object]) -> None:
    assert parser_for(line) is parse


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ALL).flatmap(lambda one: st.tuples(st.just(one), damaged(one[1]))))
def test_no_line_of_damaged_text_is_lost(drawn: tuple[tuple[str, str], str]) -> None:
    (option, sample), text = drawn
    # Half of the header of -m is a header, too: of other members.
    known = HEADERS if option != "-m" else unaccounted(pages.parse_members(text), text)
    check_damaged(kmem.parser([option]), sample, text, known)


@settings(max_examples=20, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    for option in SAMPLES:
        assert isinstance(kmem.parser([option])(text), CommandOutput)


HOSTILE: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: " " * n + "x\n" + "ffffffff 1 1 1 1" + " " * n + "!\n" + "[ffffffff]" + " " * n + "!",
    "words": lambda n: "A: A" * n + "\n" + "  A:" + "A" * n + ": x" + " 1" * n,
    "numbers": lambda n: "1 " * n + "\n" + "f" * n + "\n" + "ffffffff " * n,
    "flags": lambda n: "ffffffff 1 1 1 1 " + "a," * n + "!\n",
    "objects": lambda n: "ffffffff ffffffff 1 1 1\n" + "[ffffffff]\n" * n,
    "zones": lambda n: 'NODE: 0  ZONE: 0  ADDR: 0  NAME: "' + '"' * n + "\n" + "  SIZE: 1  \n" * n,
    "node zones": lambda n: "  0  1  ffffffff  ----  ffffffff\n" + " ffffffff\n" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_text(name: str) -> None:
    for option in SAMPLES:
        check_time(kmem.parser([option]), HOSTILE[name], 1000)
