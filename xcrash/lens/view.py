# SPDX-License-Identifier: Apache-2.0
"""The lens: reads of /proc/kcore in which page tables hold the kernel's own frames and nothing tells of Xen.

A page is a table when a walk from a root leads to it. Roots are the kernel's own and those of processes, which are
known by their upper half: every one has the kernel's. What is below a root is learnt when the table above it is read,
which crash does, and believed only as long as the entry above still points to it: a page that is freed and used for
something else is data again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xcrash.errors import LensError
from xcrash.lens.frames import Frames, Translation
from xcrash.lens.kcore import PAGE, Kcore
from xcrash.lens.layout import Layout
from xcrash.lens.table import ADDRESS, ENTRIES, PRESENT, XEN_SLOTS, Canonical, canonical
from xcrash.lens.walk import walk

MOST_LINKS = 1 << 18
"""Tables that are remembered, about 60 MB; then the half that was read least recently is forgotten."""

_LAST = ENTRIES - 1
"""The top-level slot of the kernel's image, filled in every root."""

_SAME = ADDRESS | PRESENT
"""The bits in which a process's root agrees with the kernel's; the processor sets others, in each by itself."""


class _Link(NamedTuple):
    """How a table is reached: its level, the table above it, and the entry there."""

    level: int
    parent: int
    slot: int
    machine_frame: int


class Counts(NamedTuple):
    """What the lens has done so far."""

    reads: int = 0
    tables: int = 0
    translated: int = 0
    cleared: int = 0


class Lens:
    """A view of kcore, read like the file itself."""

    def __init__(self, layout: Layout, frames: Frames) -> None:
        """Raises LensError ``lens-check`` when the page tables do not lead to where the kernel is."""
        self.layout, self.frames = layout, frames
        self.kcore: Kcore = layout.kcore
        self.size = self.kcore.size
        self.counts = Counts()
        self._links: dict[int, _Link] = {}
        self._start_info_frame = layout.start_info // PAGE
        self._check()

    def read(self, size: int, offset: int) -> bytes:
        """What a read of the file gives; short where /proc/kcore has nothing. Raises OSError as it does."""
        data = self.kcore.read_at(offset, size)
        self.counts = self.counts._replace(reads=self.counts.reads + 1)
        changed: bytearray | None = None
        for frame, at in self._frames_in(offset, len(data)):
            page = self._changed(frame, at, offset, data)
            if page is not None:
                changed = changed or bytearray(data)
                begin, end = max(at, offset), min(at + PAGE, offset + len(data))
                changed[begin - offset : end - offset] = page[begin - at : end - at]
        return bytes(changed) if changed else data

    def page(self, frame: int) -> bytes | None:
        """A frame as the lens shows it; None when it cannot be read."""
        segment = self.kcore.segment_of(address := self.layout.direct_address(frame))
        data = self.read(PAGE, segment.offset + address - segment.address) if segment else b""
        return data if len(data) == PAGE else None

    def word(self, frame: int, slot: int) -> int | None:
        """One word of a frame, as the lens shows it."""
        page = self.page(frame)
        return None if page is None else int.from_bytes(page[slot * 8 : slot * 8 + 8], "little")

    def table(self, frame: int, level: int) -> Canonical | None:
        """A frame as a table of that level, whose children are learnt; None when it cannot be read."""
        raw = self.layout.page(frame)
        if raw is None:
            return None
        top = level == self.layout.levels
        found = canonical(raw, level, top, self.frames.translation())
        for slot, machine_frame, child in found.children:
            # The upper half of every root leads to the kernel's tables, which outlive the process.
            parent = self.layout.root if top and slot >= XEN_SLOTS.start else frame
            self._links.pop(child, None)
            self._links[child] = _Link(level - 1, parent, slot, machine_frame)
        if len(self._links) > MOST_LINKS:
            for child in list(self._links)[: MOST_LINKS // 2]:
                del self._links[child]
        done = self.counts
        self.counts = Counts(
            done.reads, done.tables + 1, done.translated + found.translated, done.cleared + found.cleared
        )
        return found

    def level_of(self, frame: int) -> int | None:
        """The level of the table in a frame, None when it is none that a walk leads to now."""
        link = self._links.get(frame) if frame != self.layout.root else None
        if link is None:
            return self.layout.levels if frame == self.layout.root or self._is_root(frame) else None
        above = self._links.get(link.parent)
        if link.level == self.layout.levels - 1:
            linked = link.parent == self.layout.root or self._is_root(link.parent)
        else:
            # Asked before going up, so that tables that point at each other are no endless way.
            linked = above is not None and above.level == link.level + 1 and self.level_of(link.parent) == above.level
        if linked and self._holds(frame, link):
            return link.level
        del self._links[frame]
        return self.layout.levels if self._is_root(frame) else None

    def _frames_in(self, offset: int, size: int) -> Iterator[tuple[int, int]]:
        """The frames that a stretch of the file shows, and where each begins in it."""
        end, stretches = offset + size, self.layout.stretches
        for number in range(max(0, self.layout.stretch_at(offset)), len(stretches)):
            stretch = stretches[number]
            if stretch.offset >= end:
                return
            first = max(0, offset - stretch.offset) // PAGE
            last = -(-(min(end, stretch.offset + stretch.size) - stretch.offset) // PAGE)
            for page in range(first, last):
                yield stretch.frame + page, stretch.offset + page * PAGE

    def _changed(self, frame: int, at: int, offset: int, data: bytes) -> bytes | None:
        """What the lens shows for the page at file offset ``at``; None when it is as it is."""
        if frame == self._start_info_frame:
            within = self.layout.start_info % PAGE
            page = self.kcore.read_at(at, PAGE).ljust(PAGE, b"\0")
            return page[:within] + bytes(8) + page[within + 8 :]
        if frame != self.layout.root and frame not in self._links:
            # The last word tells a root from nearly everything else.
            last = at + PAGE - 8 - offset
            word = data[last : last + 8] if 0 <= last <= len(data) - 8 else self.kcore.read_at(at + PAGE - 8, 8)
            if (int.from_bytes(word, "little") ^ self._last_word) & _SAME:
                return None
        level = self.level_of(frame)
        found = self.table(frame, level) if level else None
        return found.data if found else None

    def _is_root(self, frame: int) -> bool:
        """Is a frame the top level of a process: the kernel's upper half, except what it has not needed yet?"""
        page, kernel = self.layout.page(frame), self.layout.page(self.layout.root)
        if page is None or kernel is None:
            return False
        theirs, ours = memoryview(page).cast("Q"), memoryview(kernel).cast("Q")
        always = {_LAST, self.layout.direct_map >> 12 + 9 * (self.layout.levels - 1) & _LAST}
        return all(ours[slot] & PRESENT and not (theirs[slot] ^ ours[slot]) & _SAME for slot in always) and not any(
            theirs[slot] and (theirs[slot] ^ ours[slot]) & _SAME for slot in range(XEN_SLOTS.stop, ENTRIES)
        )

    def _holds(self, frame: int, link: _Link) -> bool:
        """Does the entry above a table still point to it?"""
        entry = self.layout.word(link.parent, link.slot)
        if entry is None or not entry & PRESENT or (entry & ADDRESS) >> 12 != link.machine_frame:
            return False
        return Translation(self.frames).confirms(frame, link.machine_frame)

    def _check(self) -> None:
        """The walk that crash begins with has to end at the kernel itself."""
        root = self.layout.root
        self._last_word = self.layout.word(root, _LAST) or 0
        for address in (self.layout.root_address, self.layout.direct_address(root)):
            found = walk(address, root, self.layout.levels, self.word)
            if not self._last_word & PRESENT or found is None or found.frame != root:
                led = f"to frame {found.frame:#x}" if found else "nowhere"
                raise LensError(
                    "lens-check",
                    f"the page tables of this kernel lead {led} where they should lead to frame {root:#x}",
                    "this kernel is not known well enough; start without the lens: --lens off --crash-arg=--minimal",
                )
