# SPDX-License-Identifier: Apache-2.0
"""Where the running kernel keeps its memory: direct map, image, top-level page table.

Source: kernel Documentation/arch/x86/x86_64/mm.rst; arch/x86/mm/kaslr.c for the bases that a kernel may move.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from xcrash.errors import LensError
from xcrash.lens.kcore import PAGE, Kcore

IMAGE = 0xFFFFFFFF80000000
"""Where the kernel maps its own image (__START_KERNEL_map)."""

_OLD_DIRECT_MAP, _DIRECT_MAP = 0xFFFF880000000000, 0xFFFF888000000000
_LARGEST_DIRECT_MAP = {4: 1 << 46, 5: 1 << 55}
_LEVELS = {39: 4, 48: 5}
"""Levels of the page tables by ``pgdir_shift``; a kernel without that variable has 4."""


class Stretch(NamedTuple):
    """A part of the file in which page follows frame: the direct map and the image."""

    offset: int
    size: int
    frame: int


class Layout:
    """The addresses of one kernel, and the parts of kcore that show frames."""

    def __init__(self, kcore: Kcore, symbols: Mapping[str, int]) -> None:
        """Read what the symbols name. Raises LensError ``lens-layout``."""
        self.kcore = kcore
        root = symbols.get("init_top_pgt") or symbols.get("init_level4_pgt")
        if not root:
            raise _unknown("its top-level page table has no known name (init_top_pgt)")
        self.levels = self._levels(symbols)
        self.direct_map = self._direct_map(symbols)
        self._moved = self._value(symbols, "phys_base") - IMAGE
        self._image = kcore.segment_of(root)
        if self._image is None or root < IMAGE or root % PAGE:
            raise _unknown(f"its top-level page table is at {root:#x}")
        self.root_address = root
        self.root = self.image_frame(root)
        self.stretches = sorted(self._stretches())
        self._offsets = [stretch.offset for stretch in self.stretches]
        direct = [one for one in self.stretches if one.offset != self._image.offset]
        self.frames = max((one.frame + one.size // PAGE for one in direct), default=0)
        start_info = symbols.get("xen_start_info")
        if not start_info or kcore.segment_of(start_info) != self._image:
            raise LensError(
                "lens-not-pv", "this kernel has no xen_start_info: it does not run on Xen", "start it with --lens off"
            )
        self.start_info = self._physical(start_info)
        if not kcore.word(start_info):
            raise LensError(
                "lens-not-pv", "xen_start_info is 0: this kernel does not run as a PV guest", "start it with --lens off"
            )

    def image_frame(self, address: int) -> int:
        """The frame of an address in the kernel's image."""
        return self._physical(address) // PAGE

    def _physical(self, address: int) -> int:
        return (address + self._moved) % (1 << 64)

    def direct_address(self, frame: int) -> int:
        """Where the direct map shows a frame."""
        return self.direct_map + frame * PAGE

    def stretch_at(self, offset: int) -> int:
        """The number of the last stretch that begins at or before an offset; -1 in front of all."""
        return bisect_right(self._offsets, offset) - 1

    def page(self, frame: int) -> bytes | None:
        """The contents of a frame; None when kcore does not show it."""
        data = self.kcore.read(self.direct_address(frame), PAGE)
        return data if len(data) == PAGE else None

    def word(self, frame: int, slot: int) -> int | None:
        """One word of a frame."""
        return self.kcore.word(self.direct_address(frame) + slot * 8)

    def _stretches(self) -> list[Stretch]:
        found = []
        largest = _LARGEST_DIRECT_MAP[self.levels]
        for segment in self.kcore.segments:
            within = segment.address - self.direct_map
            if segment == self._image:
                found.append(Stretch(segment.offset, segment.size, self.image_frame(segment.address)))
            elif 0 <= within < largest and segment.size <= largest and not segment.address % PAGE:
                found.append(Stretch(segment.offset, segment.size, within // PAGE))
        return found

    def _levels(self, symbols: Mapping[str, int]) -> int:
        if not symbols.get("pgdir_shift"):
            return 4
        shift = self._value(symbols, "pgdir_shift") & 0xFFFFFFFF
        if shift not in _LEVELS:
            raise _unknown(f"its page tables have an unknown number of levels (pgdir_shift is {shift})")
        return _LEVELS[shift]

    def _direct_map(self, symbols: Mapping[str, int]) -> int:
        if symbols.get("page_offset_base"):
            return self._value(symbols, "page_offset_base")
        lowest = min((one.address for one in self.kcore.segments if one.address >= _OLD_DIRECT_MAP), default=0)
        return _OLD_DIRECT_MAP if lowest < _DIRECT_MAP else _DIRECT_MAP

    def _value(self, symbols: Mapping[str, int], name: str) -> int:
        value = self.kcore.word(symbols[name]) if symbols.get(name) else None
        if value is None:
            raise _unknown(f"{name} cannot be read")
        return value


def _unknown(what: str) -> LensError:
    return LensError(
        "lens-layout",
        f"the memory layout of this kernel is not known: {what}",
        "start without the lens: --lens off --crash-arg=--minimal",
    )
