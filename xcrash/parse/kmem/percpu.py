# SPDX-License-Identifier: Apache-2.0
"""``kmem -o``: what each CPU adds to the value of a per-CPU symbol.

Source of the format: memory.c:dump_per_cpu_offsets.
"""

from __future__ import annotations

import re

from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_HEADER = "PER-CPU OFFSET VALUES:"
_ROW = re.compile(r"\s*CPU (\d{1,6}): ([0-9a-f]{1,16})(?: \[OFFLINE\])?\s*$")


class PerCpuOffset(Row, frozen=True, kw_only=True):
    """The offset of one CPU."""

    cpu: int
    offset: str


class KmemPerCpuOffsets(CommandOutput, frozen=True, kw_only=True, tag="kmem-o"):
    """The offsets by CPU."""

    offsets: tuple[PerCpuOffset, ...]


def parse(text: str) -> KmemPerCpuOffsets:
    """Read ``kmem -o``."""
    table = _Offsets()
    rest = read(text, table)
    return KmemPerCpuOffsets(offsets=tuple(table.offsets), remarks=rest.remarks, unread=rest.unread)


class _Offsets:
    def __init__(self) -> None:
        self.offsets: list[PerCpuOffset] = []

    def take(self, line: Line) -> bool:
        found = _ROW.match(line.text)
        if not found:
            return line.text.strip() == _HEADER
        self.offsets.append(PerCpuOffset(**place(line), cpu=int(found[1]), offset=pointer(found[2])))
        return True
