# SPDX-License-Identifier: Apache-2.0
"""The build-id of a Linux kernel that runs under Xen, in its memory.

A kernel that Xen can start has notes for it among its own (arch/x86/xen/xen-head.S); the first says "linux".
"""

from __future__ import annotations

from xcrash.images.memory import Memory, Run
from xcrash.images.notes import NT_GNU_BUILD_ID, build_id_of, iter_notes

USUAL = Run(1 << 20, 128 << 20)
"""Where the kernel lies: its domain builder does not move it."""

NOTES_BYTES = 4096
_WINDOW = 1 << 20
_GUEST_OS = b"\x04\0\0\0\x06\0\0\0\x06\0\0\0Xen\0linux\0"
_GNU = NT_GNU_BUILD_ID.to_bytes(4, "little") + b"GNU\0"


def kernel_build_id(memory: Memory) -> str | None:
    """The build-id among the notes that the kernel has for Xen; None when they are not found."""
    for run in memory.runs:
        for start in range(max(run.start, USUAL.start), min(run.end, USUAL.end), _WINDOW):
            at = memory.read(start, _WINDOW + len(_GUEST_OS)).find(_GUEST_OS)
            if at >= 0 and (found := _beside(memory, start + at)):
                return found
    return None


def _beside(memory: Memory, address: int) -> str | None:
    """The build-id next to Xen's notes, which a linker script may put before or behind it."""
    behind = memory.read(address, NOTES_BYTES)
    if found := build_id_of(iter_notes(behind, "little")):
        return found
    start = max(0, address - NOTES_BYTES)
    before = memory.read(start, address - start)
    at = before.rfind(_GNU)
    return build_id_of(iter_notes(before[at - 8 :], "little")) if at >= 8 else None
