# SPDX-License-Identifier: Apache-2.0
"""``kmem -V``: the counters of the memory management of the kernel.

Source of the format: memory.c:dump_vm_stat, memory.c:dump_page_states, memory.c:dump_vm_event_state.
"""

from __future__ import annotations

import re

from xcrash.parse.kmem.tables import Row, place, read
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_TABLE = re.compile(r"\s*((?:VM|PAGE)_(?:[A-Z]{1,16}_)?STAT(?:E?S)?):\s*$")
_ROW = re.compile(r"\s*([A-Za-z_]\w*): (-?\d{1,20})\s*$")


class Counter(Row, frozen=True, kw_only=True):
    """One counter of ``table``, which is None where crash prints no title above (old kernels)."""

    table: str | None
    name: str
    value: int


class KmemStatistics(CommandOutput, frozen=True, kw_only=True, tag="kmem-vm-stat"):
    """The counters of VM_ZONE_STAT, VM_NODE_STAT, VM_NUMA_STAT, VM_STAT, PAGE_STATES, VM_EVENT_STATES."""

    counters: tuple[Counter, ...]


def parse(text: str) -> KmemStatistics:
    """Read ``kmem -V``."""
    found = _Counters()
    rest = read(text, found)
    return KmemStatistics(counters=tuple(found.counters), remarks=rest.remarks, unread=rest.unread)


def counter(line: Line, table: str | None) -> Counter | None:
    """The counter of a line; None for any other line."""
    found = _ROW.match(line.text)
    return Counter(**place(line), table=table, name=found[1], value=int(found[2])) if found else None


class _Counters:
    def __init__(self) -> None:
        self.counters: list[Counter] = []
        self._table: str | None = None

    def take(self, line: Line) -> bool:
        if found := counter(line, self._table):
            self.counters.append(found)
        elif title := _TABLE.match(line.text):
            self._table = title[1]
        else:
            return False
        return True
