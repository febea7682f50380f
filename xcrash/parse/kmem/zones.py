# SPDX-License-Identifier: Apache-2.0
"""``kmem -z``: the zones of the page allocator.

Source of the format: memory.c:dump_zone_stats.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.kmem.statistics import Counter, counter
from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.number import decimal
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_ZONE = re.compile(r"\s*NODE: (\d{1,6})  ZONE: (\d{1,6})  ADDR: ([0-9a-f]{1,16})  NAME: \"(.*)\"\s*$")
_VALUE = r"([A-Z_]+(?:/LOW/HIGH)?): (\S+)"
_VALUES = re.compile(_VALUE)
_LINE = re.compile(rf"\s+{_VALUE}(?:\s+{_VALUE})*\s*$")


class ZoneStatistics(Row, frozen=True, kw_only=True):
    """One zone; sizes are in pages, and None where the kernel has or crash prints none.

    ``present`` is None if it equals ``size`` (crash leaves it out then). ``vm_stat`` are the counters of the zone.
    """

    node: int
    zone: int
    address: str
    name: str
    populated: bool = True
    size: int | None = None
    present: int | None = None
    pages_min: int | None = None
    pages_low: int | None = None
    pages_high: int | None = None
    nr_active: int | None = None
    nr_inactive: int | None = None
    free: int | None = None
    all_unreclaimable: bool | None = None
    pages_scanned: int | None = None
    vm_stat: tuple[Counter, ...] = ()


class KmemZones(CommandOutput, frozen=True, kw_only=True, tag="kmem-z"):
    """The zones of every node."""

    zones: tuple[ZoneStatistics, ...]


def parse(text: str) -> KmemZones:
    """Read ``kmem -z``."""
    table = _Zones()
    rest = read(text, table)
    table.close()
    return KmemZones(zones=tuple(table.zones), remarks=rest.remarks, unread=rest.unread)


class _Zones:
    def __init__(self) -> None:
        self.zones: list[ZoneStatistics] = []
        self._values: dict[str, int | bool | None] = {}
        self._counters: list[Counter] = []
        self._end = 0

    def take(self, line: Line) -> bool:
        if found := _ZONE.match(line.text):
            self.close()
            node, zone, address, name = found.groups()
            self.zones.append(
                ZoneStatistics(**place(line), node=int(node), zone=int(zone), address=pointer(address), name=name)
            )
        elif not self.zones or not self._inside(line):
            return False
        self._end = line.end
        return True

    def _inside(self, line: Line) -> bool:
        """Keep what a line says of the zone above."""
        text = line.text.strip()
        if text == "[unpopulated]":
            self._values["populated"] = False
        elif _LINE.match(line.text) and all(self._value(name, word) for name, word in _VALUES.findall(text)):
            pass
        elif found := counter(line, "VM_STAT"):
            self._counters.append(found)
        else:
            return text == "VM_STAT:"
        return True

    def _value(self, name: str, word: str) -> bool:
        """Keep one value; False if the name is none of a zone's or the word no value of it."""
        if name == "MIN/LOW/HIGH":
            numbers = [decimal(part) for part in word.split("/")]
            if len(numbers) != 3:
                return False
            self._values.update(zip(("pages_min", "pages_low", "pages_high"), numbers, strict=True))
            return True
        field = name.lower()
        if field == "all_unreclaimable":
            self._values[field] = word.lower() == "yes"
        elif field in ("size", "present", "nr_active", "nr_inactive", "free", "pages_scanned"):
            self._values[field] = decimal(word)
        else:
            return False
        return True

    def close(self) -> None:
        """Complete the last zone."""
        if self.zones:
            zone = self.zones[-1]
            self.zones[-1] = msgspec.structs.replace(
                zone, span=(zone.span[0], self._end), vm_stat=tuple(self._counters), **self._values
            )
        self._values, self._counters = {}, []
