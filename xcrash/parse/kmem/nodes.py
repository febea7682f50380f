# SPDX-License-Identifier: Apache-2.0
"""``kmem -n``: memory nodes, their zones, the sections of a sparse memory map and the memory blocks.

Source of the format: memory.c:dump_memory_nodes, memory.c:dump_mem_sections, memory.c:dump_memory_blocks.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.kmem import zone_table
from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.kmem.zone_table import Zone
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_HEADERS = (
    ["NODE", "SIZE", "PGLIST_DATA", "BOOTMEM_DATA", "NODE_ZONES"],
    ["MEM_MAP", "START_PADDR", "START_MAPNR"],
    ["NR", "SECTION", "CODED_MEM_MAP", "MEM_MAP", "STATE", "PFN"],
    ["NR", "SECTION", "CODED_MEM_MAP", "MEM_MAP", "PFN"],
    ["MEM_BLOCK", "NAME", "PHYSICAL", "RANGE", "NODE", "STATE", "START_SECTION_NO"],
    ["MEM_BLOCK", "NAME", "PHYSICAL", "RANGE", "STATE", "START_SECTION_NO"],
)
_RULE = re.compile(r"\s*-{20,}\s*$")
_HEX = "[0-9a-f]{1,16}"
_NODE = re.compile(rf"\s*(\d{{1,6}}) +(\d{{1,19}}) +([0-9a-f]{{6,16}}) +(-{{2,}}|{_HEX}) +({_HEX})\s*$")
_NODE_ZONE = re.compile(r"\s+([0-9a-f]{6,16})\s*$")
_MEM_MAP = re.compile(rf"\s*({_HEX}) +({_HEX}) +(\d{{1,19}})\s*$")
_SECTION = re.compile(rf"\s*(\d{{1,9}}) +({_HEX}) +({_HEX}) +({_HEX}) +(?:([A-Z]{{1,8}}) +)?(\d{{1,19}})\s*$")
_BLOCK = re.compile(
    rf"\s*({_HEX}) +(\S+) +({_HEX}) +- +({_HEX}) +(?:(\d{{1,6}}) +)?([A-Z_]+) +(\d{{1,9}})(?:-(\d{{1,9}}))?\s*$"
)


class Node(Row, frozen=True, kw_only=True):
    """One node: ``size`` in pages, ``start_mapnr`` its first page frame; the last three are a table of their own."""

    node: int
    size: int
    pglist_data: str
    bootmem_data: str | None
    node_zones: tuple[str, ...]
    mem_map: str | None = None
    start_paddr: str | None = None
    start_mapnr: int | None = None


class MemSection(Row, frozen=True, kw_only=True):
    """One section of a sparse memory map; ``state`` are the letters P, M, O, E, D of ``help kmem``."""

    nr: int
    section: str
    coded_mem_map: str
    mem_map: str
    state: str | None
    pfn: int


class MemBlock(Row, frozen=True, kw_only=True):
    """One memory block: the physical addresses ``start`` to ``end``, both inclusive."""

    mem_block: str
    name: str
    start: str
    end: str
    node: int | None
    state: str
    start_section_no: int
    end_section_no: int | None


class KmemNodes(CommandOutput, frozen=True, kw_only=True, tag="kmem-n"):
    """The tables of ``kmem -n``, those that the kernel has."""

    nodes: tuple[Node, ...]
    zones: tuple[Zone, ...]
    sections: tuple[MemSection, ...]
    mem_blocks: tuple[MemBlock, ...]


def parse(text: str) -> KmemNodes:
    """Read ``kmem -n``."""
    tables = _Nodes()
    rest = read(text, tables)
    return KmemNodes(
        nodes=tuple(tables.nodes),
        zones=tuple(tables.zones),
        sections=tuple(tables.sections),
        mem_blocks=tuple(tables.mem_blocks),
        remarks=rest.remarks,
        unread=rest.unread,
    )


class _Nodes:
    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.zones: list[Zone] = []
        self.sections: list[MemSection] = []
        self.mem_blocks: list[MemBlock] = []
        self._zone_columns: tuple[str, ...] = ()

    def take(self, line: Line) -> bool:
        node = self.nodes[-1].node if self.nodes else None
        if found := _SECTION.match(line.text):
            self.sections.append(_section(line, found))
        elif found := _BLOCK.match(line.text):
            self.mem_blocks.append(_block(line, found))
        elif zone := zone_table.zone(line, self._zone_columns, node):
            self.zones.append(zone)
        elif found := _NODE.match(line.text):
            self.nodes.append(_node(line, found))
        elif self.nodes and (self._node_zone(line) or self._mem_map(line)):
            pass
        else:
            return self._header(line.text)
        return True

    def _header(self, text: str) -> bool:
        if columns := zone_table.header(text):
            self._zone_columns = columns
            return True
        if text.split() not in _HEADERS and not _RULE.match(text):
            return False
        self._zone_columns = ()
        return True

    def _node_zone(self, line: Line) -> bool:
        """One more zone of the last node, alone on its line."""
        found, node = _NODE_ZONE.match(line.text), self.nodes[-1]
        if found:
            self.nodes[-1] = msgspec.structs.replace(
                node, span=(node.span[0], line.end), node_zones=(*node.node_zones, pointer(found[1]))
            )
        return found is not None

    def _mem_map(self, line: Line) -> bool:
        """The second row of the last node."""
        found, node = _MEM_MAP.match(line.text), self.nodes[-1]
        if found and node.mem_map is None:
            self.nodes[-1] = msgspec.structs.replace(
                node,
                span=(node.span[0], line.end),
                mem_map=pointer(found[1]),
                start_paddr=pointer(found[2]),
                start_mapnr=int(found[3]),
            )
            return True
        return False


def _node(line: Line, found: re.Match[str]) -> Node:
    node, size, pglist, bootmem, zone = found.groups()
    return Node(
        **place(line),
        node=int(node),
        size=int(size),
        pglist_data=pointer(pglist),
        bootmem_data=None if bootmem[0] == "-" else pointer(bootmem),
        node_zones=(pointer(zone),),
    )


def _section(line: Line, found: re.Match[str]) -> MemSection:
    nr, section, coded, mem_map, state, pfn = found.groups()
    return MemSection(
        **place(line),
        nr=int(nr),
        section=pointer(section),
        coded_mem_map=pointer(coded),
        mem_map=pointer(mem_map),
        state=state,
        pfn=int(pfn),
    )


def _block(line: Line, found: re.Match[str]) -> MemBlock:
    block, name, start, end, node, state, first, last = found.groups()
    return MemBlock(
        **place(line),
        mem_block=pointer(block),
        name=name,
        start=pointer(start),
        end=pointer(end),
        node=int(node) if node else None,
        state=state,
        start_section_no=int(first),
        end_section_no=int(last) if last else None,
    )
