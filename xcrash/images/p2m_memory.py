# SPDX-License-Identifier: Apache-2.0
"""The memory of one PV kernel within the dump of a whole machine, by the kernel's own frame numbers.

Its list of p2m frames has three levels of one page each: frames with lists of frames with the machine frames of its
memory (Xen's public/arch-x86/xen.h, pfn_to_mfn_frame_list_list; crash's x86_64.c, x86_64_xen_kdump_p2m_create).
"""

from __future__ import annotations

import struct
from functools import lru_cache

from xcrash.images.memory import MOST_AT_ONCE, Memory, Run

PAGE = 4096


class P2mMemory:
    """Memory behind the p2m whose list is in machine frame ``mfn``; ``word`` is the size of a long in that kernel.

    A page that the kernel has no machine frame for, or whose frame is another domain's, reads as zeros.
    """

    placed = True

    def __init__(self, memory: Memory, mfn: int, word: int = 8) -> None:
        self._memory = memory
        self._per_page = PAGE // word
        self._row = struct.Struct(f"<{PAGE // word}{'Q' if word == 8 else 'I'}")
        # The two highest bits mark frames of others and what is no memory (Linux, arch/x86/include/asm/xen/page.h).
        self._end = 1 << (8 * word - 2)
        self._entries = lru_cache(1024)(self._read_entries)
        self._top = _used(self._entries(mfn))
        self.runs = (Run(0, self._size()),) if self._top else ()

    def read(self, address: int, size: int) -> bytes:
        """``size`` bytes from ``address`` on; nothing where the kernel has no memory."""
        size = min(size, MOST_AT_ONCE)
        if not self.runs or address >= self.runs[0].end:
            return b""
        first, last = address // PAGE, (address + size - 1) // PAGE
        data = bytearray()
        start, count = 0, 0
        for pfn in range(first, last + 2):
            mfn = self._mfn(pfn) if pfn <= last else None
            if count and mfn is not None and mfn == start + count:
                count += 1
                continue
            if count:
                data += self._memory.read(start * PAGE, count * PAGE).ljust(count * PAGE, b"\0")
            start, count = (mfn, 1) if mfn is not None else (0, 0)
            if mfn is None and pfn <= last:
                data += bytes(PAGE)
        skipped = address - first * PAGE
        return bytes(data[skipped : skipped + size])

    def _mfn(self, pfn: int) -> int | None:
        per = self._per_page
        top, rest = divmod(pfn, per * per)
        if top >= len(self._top):
            return None
        found = self._entries(self._entries(self._top[top])[rest // per])[rest % per]
        return found if 0 < found < self._end else None

    def _read_entries(self, mfn: int) -> tuple[int, ...]:
        data = self._memory.read(mfn * PAGE, PAGE) if 0 < mfn < self._end else b""
        return self._row.unpack(data.ljust(PAGE, b"\0"))

    def _size(self) -> int:
        per = self._per_page
        return ((len(self._top) - 1) * per + max(1, len(_used(self._entries(self._top[-1]))))) * per * PAGE


def _used(entries: tuple[int, ...]) -> tuple[int, ...]:
    """Without the end of the list, where every entry names the same page of frames that are missing, or none."""
    end = len(entries)
    while end and entries[end - 1] in (0, entries[-1]):
        end -= 1
    return entries[:end]
