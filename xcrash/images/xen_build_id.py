# SPDX-License-Identifier: Apache-2.0
"""The build-id of the hypervisor that lies in a dump's memory.

Since 4.7 Xen keeps its .note.gnu.build-id behind its read-only data (xen/arch/x86/xen.lds.S). Its 64-bit addresses
begin at XEN_VIRT_START, a multiple of 1 GiB in every version (asm-x86/config.h), which lies at xen_phys_start.
"""

from __future__ import annotations

from xcrash.images.memory import Memory
from xcrash.images.notes import NT_GNU_BUILD_ID, build_id_of, iter_notes

NOTE_SYMBOL = "__note_gnu_build_id_start"
VIRT_ALIGNMENT = 1 << 30
IMAGE_BYTES = 8 << 20
"""Of Xen's memory that are searched; .text and .rodata of a build with everything in it take 3 MiB."""

MOST_IDS = 64
_CHUNK = 1 << 20
_LONGEST_NOTE = 80
_TAIL = NT_GNU_BUILD_ID.to_bytes(4, "little") + b"GNU\0"


NOTHING_THERE = ""


def build_id_at(memory: Memory, phys_start: int, address: int) -> str | None:
    """The build-id in the note at a virtual address of Xen's; NOTHING_THERE when something else is there.

    None when the dump does not have that memory: it reads as zeros, or not at all.
    """
    data = memory.read(phys_start + address % VIRT_ALIGNMENT, _LONGEST_NOTE)
    found = build_id_of(list(iter_notes(data, "little"))[:1])
    return found or (NOTHING_THERE if data.strip(b"\0") else None)


def build_ids_near(memory: Memory, phys_start: int) -> tuple[str, ...]:
    """All build-ids where Xen's image lies, for finding files by them: memory given up after boot holds others, too."""
    found: dict[str, None] = {}
    for start in range(phys_start, phys_start + IMAGE_BYTES, _CHUNK):
        data = memory.read(start, _CHUNK + _LONGEST_NOTE)
        at = data.find(_TAIL)
        while at >= 0 and len(found) < MOST_IDS:
            # Owner's and contents' size stand before the type.
            if at >= 8 and (one := build_id_of(list(iter_notes(data[at - 8 : at + _LONGEST_NOTE], "little"))[:1])):
                found[one] = None
            at = data.find(_TAIL, at + 1)
    return tuple(found)
