# SPDX-License-Identifier: Apache-2.0
"""One page of a page table: machine frames out, the kernel's own frames in.

Source: Intel SDM vol. 3A, 4.5 (4 and 5 levels); Xen xen/include/public/arch-x86/xen.h for the slots Xen owns; kernel
arch/x86/xen/mmu_pv.c: only present entries hold machine frames.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

ENTRIES = 512
PRESENT, WRITABLE, LARGE = 1, 1 << 1, 1 << 7
ADDRESS = (1 << 52) - (1 << 12)
"""The bits of an entry that are a frame; all others are flags."""

XEN_SLOTS = range(256, 272)
"""What of the top level belongs to the hypervisor; Linux leaves it alone under 5 levels too (x86_64/mm.rst)."""

_TABLE = struct.Struct(f"<{ENTRIES}Q")

ToFrame = Callable[[int], int | None]
"""The domain's own frame for a machine frame; None when it has none."""


class Child(NamedTuple):
    """A table one level down: the slot that points to it, its machine frame and its own frame."""

    slot: int
    machine_frame: int
    frame: int


class Canonical(NamedTuple):
    """A page that crash can walk: ``data``, the tables below it, and what became of its present entries."""

    data: bytes
    children: tuple[Child, ...]
    translated: int
    cleared: int
    of_xen: int


def canonical(raw: bytes, level: int, top: bool, to_frame: ToFrame) -> Canonical:
    """The 4096 bytes of a table of ``level`` (1: PTEs) with the domain's own frames in it.

    An entry whose frame is not the domain's is cleared, as is one of a large page that does not lie in one piece there,
    and what Xen owns in a ``top`` one.
    """
    entries = list(_TABLE.unpack(raw))
    children = []
    translated = cleared = of_xen = 0
    for slot, entry in enumerate(entries):
        if not entry & PRESENT:
            continue
        if top and slot in XEN_SLOTS:
            entries[slot] = 0
            of_xen += 1
            continue
        large = bool(entry & LARGE) and level in (2, 3)
        machine_frame = (entry & ADDRESS) >> 12
        frame = _large_frame(machine_frame, level, to_frame) if large else to_frame(machine_frame)
        if frame is None:
            entries[slot] = 0
            cleared += 1
            continue
        entries[slot] = (entry & ~ADDRESS) | frame << 12
        translated += 1
        if level > 1 and not large:
            children.append(Child(slot, machine_frame, frame))
    return Canonical(_TABLE.pack(*entries), tuple(children), translated, cleared, of_xen)


def _large_frame(machine_frame: int, level: int, to_frame: ToFrame) -> int | None:
    """The frame of a large page that lies in one piece, else None; bit 12 (PAT, no part of the address) is kept."""
    count = ENTRIES ** (level - 1)
    first = machine_frame & -count
    frame = to_frame(first)
    if frame is None or frame % count or any(to_frame(first + more) != frame + more for more in range(1, count)):
        return None
    return frame | machine_frame & 1
