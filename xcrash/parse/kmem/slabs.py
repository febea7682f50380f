# SPDX-License-Identifier: Apache-2.0
"""``kmem -s``, ``-S`` and ``-r``: the slab caches, their slabs and the objects in them, of SLAB and of SLUB.

Source of the format: memory.c:kmem_cache_init (headers; NAME is the last column since crash 7.2.4, the second before),
memory.c:dump_kmem_cache_slub, memory.c:do_slab_slub, memory.c:do_node_lists_slub, memory.c:dump_kmem_cache_percpu_v2,
memory.c:dump_slab_objects_percpu, memory.c:kmem_cache_list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

SlabList = Literal["cpu", "cpu partial", "node partial", "node full"]

_ADDRESS = "([0-9a-f]{6,16})"
_NUMBER = r"(-?\d{1,19})"
_COUNT = r"(-?\d{1,19}|\?)"
_FIVE = f"{_NUMBER} +{_COUNT} +{_COUNT} +{_COUNT} +(?:{_NUMBER}k|\\?)"
_CACHE = re.compile(rf"\s*{_ADDRESS} +{_FIVE} +(\S.*)$")
_COUNTS = re.compile(rf"{_FIVE}\s*$")
_NAMED = re.compile(rf"\s*{_ADDRESS} +(\S.*)$")
_NOTE = re.compile(r"(?:(.*\S) +)?\[(IGNORED|INVALID/CORRUPTED)\](?: +(\S.*))?\s*$")
_SLAB = re.compile(rf"\s*{_ADDRESS} +{_ADDRESS}(?: +(\d{{1,6}}))? +{_NUMBER} +{_NUMBER} +{_NUMBER}\s*$")
_OBJECT = re.compile(rf"\s*(?:\[{_ADDRESS}\]|{_ADDRESS})\s*(?:\(([^()]{{1,60}})\)\s*)?$")
_NODE = re.compile(rf"\s*([0-9a-f]{{1,16}}) +(\d{{1,6}}) +{_NUMBER} +{_NUMBER} +{_NUMBER}\s*$")
_PART = re.compile(r"\s*(CPU|NODE) (\d{1,6}) (?:(KMEM_CACHE_CPU|SLAB|PARTIAL|FULL):|\[(OFFLINE)\])\s*$")
_CPU = re.compile(r"\s*([0-9a-f]{6,16})\s*$")
_CPU_CACHE = re.compile(r"cpu (\d{1,6}) cache")
_NODE_HEADER = ["KMEM_CACHE_NODE", "NODE", "SLABS", "PARTIAL", "PER-CPU"]
_HEADERS = (
    ["SLAB", "MEMORY", "NODE", "TOTAL", "ALLOCATED", "FREE"],
    ["SLAB", "MEMORY", "TOTAL", "ALLOCATED", "FREE"],
    _NODE_HEADER,
    ["FREE", "/", "[ALLOCATED]"],
    ["CACHE", "OBJSIZE", "ALLOCATED", "TOTAL", "SLABS", "SSIZE", "NAME"],
    ["CACHE", "NAME", "OBJSIZE", "ALLOCATED", "TOTAL", "SLABS", "SSIZE"],
)
_LISTS: dict[tuple[str, str], SlabList] = {
    ("CPU", "SLAB"): "cpu",
    ("CPU", "PARTIAL"): "cpu partial",
    ("NODE", "PARTIAL"): "node partial",
    ("NODE", "FULL"): "node full",
}


class Cache(Row, frozen=True, kw_only=True):
    """One kmem_cache: ``objsize`` and ``ssize`` in bytes, the counts of objects and slabs.

    ``note`` is IGNORED (``-I``) or INVALID/CORRUPTED; then, and in ``kmem -s list``, the numbers are None. The counts
    are None, too, where crash could not gather them and prints ``?``.
    """

    cache: str
    name: str
    objsize: int | None = None
    allocated: int | None = None
    total: int | None = None
    slabs: int | None = None
    ssize: int | None = None
    note: str | None = None


class SlabObject(Row, frozen=True, kw_only=True):
    """One object of a slab, or what else ``note`` says that the address is.

    ``cpu`` is the CPU in whose cache a free object waits, as ``note`` says too.
    """

    address: str
    allocated: bool
    cpu: int | None = None
    note: str | None = None


class Slab(Row, frozen=True, kw_only=True):
    """One slab of the kmem_cache ``cache``; ``node`` only of SLUB, which has the slab on ``list`` of ``owner``.

    ``owner`` is the number of a CPU or a node, as ``list`` says. ``total``, ``allocated`` and ``free`` count objects.
    """

    cache: str | None
    list: SlabList | None
    owner: int | None
    slab: str
    memory: str
    node: int | None
    total: int
    allocated: int
    free: int
    objects: tuple[SlabObject, ...] = ()


class CacheCpu(Row, frozen=True, kw_only=True):
    """What SLUB keeps of a cache for one CPU; ``kmem_cache_cpu`` is None for a CPU that is offline."""

    cache: str | None
    cpu: int
    kmem_cache_cpu: str | None
    offline: bool


class CacheNode(Row, frozen=True, kw_only=True):
    """What SLUB keeps of a cache for one memory node: counts of slabs.

    ``full_tracked`` says whether the kernel has a list of full slabs; None if crash did not say.
    """

    cache: str | None
    kmem_cache_node: str
    node: int
    slabs: int
    partial: int
    per_cpu: int
    full_tracked: bool | None = None


class KmemSlabs(CommandOutput, frozen=True, kw_only=True, tag="kmem-s"):
    """The caches; slabs, CPUs and nodes name the cache that they belong to by its address."""

    caches: tuple[Cache, ...]
    slabs: tuple[Slab, ...] = ()
    cpus: tuple[CacheCpu, ...] = ()
    nodes: tuple[CacheNode, ...] = ()


def parse(text: str) -> KmemSlabs:
    """Read ``kmem -s``, ``-S`` or ``-r``, of all caches, one cache or an address."""
    return _parse(text, SlabTables())


def parse_list(text: str) -> KmemSlabs:
    """Read ``kmem -s list``: addresses and names."""
    return _parse(text, _CacheNames())


def _parse(text: str, tables: SlabTables) -> KmemSlabs:
    rest = read(text, tables)
    tables.close()
    return KmemSlabs(
        caches=tuple(tables.caches),
        slabs=tuple(tables.slabs),
        cpus=tuple(tables.cpus),
        nodes=tuple(tables.nodes),
        remarks=rest.remarks,
        unread=rest.unread,
    )


class SlabTables:
    """Collects ``caches``, ``slabs``, ``cpus`` and ``nodes``; ``close`` completes the last slab."""

    def __init__(self) -> None:
        self.caches: list[Cache] = []
        self.slabs: list[Slab] = []
        self.cpus: list[CacheCpu] = []
        self.nodes: list[CacheNode] = []
        self._objects: list[SlabObject] = []
        self._slab_open = False
        self._list: SlabList | None = None
        self._owner: int | None = None
        self._cpu_next = False
        self._node_next = False
        self._readers: tuple[Callable[[Line], bool], ...] = (
            self._object, self._cache, self._slab, self._node, self._part, self._header
        )  # fmt: skip

    def take(self, line: Line) -> bool:
        """Read a line of any of the tables."""
        return any(reader(line) for reader in self._readers)

    def close(self) -> None:
        """Complete the last slab."""
        if self._objects:
            slab = self.slabs[-1]
            self.slabs[-1] = msgspec.structs.replace(
                slab, span=(slab.span[0], self._objects[-1].span[1]), objects=tuple(self._objects)
            )
            self._objects = []
        self._slab_open = False

    @property
    def _of(self) -> str | None:
        return self.caches[-1].cache if self.caches else None

    def _cache(self, line: Line) -> bool:
        cache = cache_row(line)
        if cache:
            self.close()
            self._list = self._owner = None
            self.caches.append(cache)
        return cache is not None

    def _object(self, line: Line) -> bool:
        found = _OBJECT.match(line.text) if self._slab_open else None
        if not found:
            return False
        allocated, free, note = found.groups()
        cpu = _CPU_CACHE.fullmatch(note) if note else None
        self._objects.append(
            SlabObject(
                line=line.number,
                span=(line.start, line.end),
                address="0x" + (allocated or free),
                allocated=free is None,
                cpu=int(cpu[1]) if cpu else None,
                note=note,
            )
        )
        return True

    def _slab(self, line: Line) -> bool:
        found = _SLAB.match(line.text)
        if not found:
            return False
        self.close()
        slab, memory, node, total, allocated, free = found.groups()
        self.slabs.append(
            Slab(
                **place(line),
                cache=self._of,
                list=self._list,
                owner=self._owner,
                slab=pointer(slab),
                memory=pointer(memory),
                node=int(node) if node else None,
                total=int(total),
                allocated=int(allocated),
                free=int(free),
            )
        )
        self._slab_open = True
        return True

    def _node(self, line: Line) -> bool:
        expected, self._node_next = self._node_next, False
        found = _NODE.match(line.text) if expected else None
        if not found:
            return False
        node, number, slabs, partial, per_cpu = found.groups()
        self.nodes.append(
            CacheNode(
                **place(line),
                cache=self._of,
                kmem_cache_node=pointer(node),
                node=int(number),
                slabs=int(slabs),
                partial=int(partial),
                per_cpu=int(per_cpu),
            )
        )
        return True

    def _part(self, line: Line) -> bool:
        """Read the title of a part, or the address of a kmem_cache_cpu below its title."""
        expected, self._cpu_next = self._cpu_next, False
        if expected and (found := _CPU.match(line.text)):
            self.cpus[-1] = msgspec.structs.replace(
                self.cpus[-1], span=(self.cpus[-1].span[0], line.end), kmem_cache_cpu=pointer(found[1])
            )
            return True
        found = _PART.match(line.text)
        if not found:
            return False
        self.close()
        kind, number, title, offline = found.groups()
        if offline or title == "KMEM_CACHE_CPU":
            self._cpu_next = not offline
            self.cpus.append(
                CacheCpu(**place(line), cache=self._of, cpu=int(number), kmem_cache_cpu=None, offline=bool(offline))
            )
        else:
            self._list, self._owner = _LISTS.get((kind, title)), int(number)
            if self._list == "node full":
                self._full(tracked=True)
        return True

    def _header(self, line: Line) -> bool:
        words = line.text.split()
        if words == ["(not", "tracked)"]:
            self._full(tracked=False)
            return True
        if words in _HEADERS[:3]:
            self.close()
        self._node_next = words == _NODE_HEADER
        return words in _HEADERS or words == ["(empty)"]

    def _full(self, *, tracked: bool) -> None:
        if self.nodes:
            self.nodes[-1] = msgspec.structs.replace(self.nodes[-1], full_tracked=tracked)


class _CacheNames(SlabTables):
    def _cache(self, line: Line) -> bool:
        found = _NAMED.match(line.text)
        if found:
            self.caches.append(Cache(**place(line), cache=pointer(found[1]), name=found[2].rstrip()))
        return found is not None


def cache_row(line: Line) -> Cache | None:
    """The cache of a row of either layout, whose name may hold blanks; None for a line that is none."""
    found = _CACHE.match(line.text)
    if found:
        address, *counts, name = found.groups()
        return _counted(line, address, name, counts)
    named = _NAMED.match(line.text)
    if not named:
        return None
    if note := _NOTE.match(named[2]):
        name = note[1] or note[3] or ""
        return Cache(**place(line), cache=pointer(named[1]), name=name.rstrip(), note=note[2])
    name, *counts = named[2].rsplit(None, 5)
    counted = _COUNTS.match(" ".join(counts)) if len(counts) == 5 else None
    return _counted(line, named[1], name, list(counted.groups())) if counted else None


def _counted(line: Line, address: str, name: str, counts: list[str]) -> Cache:
    objsize, allocated, total, slabs, ssize = (None if not word or word == "?" else int(word) for word in counts)
    return Cache(
        **place(line),
        cache=pointer(address),
        name=name.rstrip(),
        objsize=objsize,
        allocated=allocated,
        total=total,
        slabs=slabs,
        ssize=ssize * 1024 if ssize is not None else None,
    )
