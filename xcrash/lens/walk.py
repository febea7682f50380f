# SPDX-License-Identifier: Apache-2.0
"""Walk page tables from a virtual address to the frame behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from xcrash.lens.table import ADDRESS, ENTRIES, LARGE, PRESENT, ToFrame

EntryAt = Callable[[int, int], int | None]
"""The entry of a table, by the table's frame and the slot; None when it cannot be read."""


class Mapping(NamedTuple):
    """Where an address leads: the frame, and the entry that maps it."""

    frame: int
    entry: int
    level: int


def walk(address: int, root: int, levels: int, entry_at: EntryAt, to_frame: ToFrame = int) -> Mapping | None:
    """Follow ``address`` down from the table in frame ``root``; None where nothing is mapped.

    ``to_frame`` turns the frames of entries into those that ``entry_at`` takes: none for tables that hold them already.
    """
    table: int | None = root
    for level in range(levels, 0, -1):
        shift = 12 + 9 * (level - 1)
        entry = entry_at(table, address >> shift & ENTRIES - 1) if table is not None else None
        if entry is None or not entry & PRESENT:
            return None
        frame = (entry & ADDRESS) >> 12
        if level == 1 or (entry & LARGE and level in (2, 3)):
            count = ENTRIES ** (level - 1)
            found = to_frame((frame & -count) + (address >> 12) % count)
            return None if found is None else Mapping(found, entry, level)
        table = to_frame(frame)
    return None
