# SPDX-License-Identifier: Apache-2.0
"""The smallest kernel of a PV domain: its first instruction is not one, and Xen ends the domain.

Layout: xen/include/public/elfnote.h; Xen's own way with it: xen/arch/x86/pv/traps.c.
"""

from __future__ import annotations

import struct

from tests.unit.images.builders import EXEC, PT_LOAD, PT_NOTE, X86_64, note

_BASE = 0x100000
_ENTRY, _VIRT_BASE, _XEN_VERSION, _GUEST_OS, _LOADER = 1, 3, 5, 6, 8
_UNDEFINED = b"\x0f\x0b"  # ud2
_HEADERS = 64 + 2 * 56


def dying_kernel() -> bytes:
    """The ELF file."""
    code_at = _HEADERS
    code = _UNDEFINED.ljust(16, b"\0")
    notes = (
        note(b"Xen", _ENTRY, struct.pack("<Q", _BASE + code_at))
        + note(b"Xen", _VIRT_BASE, bytes(8))
        + note(b"Xen", _XEN_VERSION, b"xen-3.0\0")
        + note(b"Xen", _GUEST_OS, b"dying\0")
        + note(b"Xen", _LOADER, b"generic\0")
    )
    size, notes_at = code_at + len(code) + len(notes), code_at + len(code)
    header = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", EXEC, X86_64, 1, _BASE + code_at, 64, 0, 0, 64, 56, 2, 64, 0, 0
    )
    load = struct.pack("<II6Q", PT_LOAD, 7, 0, _BASE, _BASE, size, size, 4096)
    noted = struct.pack("<II6Q", PT_NOTE, 4, notes_at, _BASE + notes_at, _BASE + notes_at, len(notes), len(notes), 4)
    return header + load + noted + code + notes
