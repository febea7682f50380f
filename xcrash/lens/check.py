# SPDX-License-Identifier: Apache-2.0
"""Hold the lens against the memory it shows: every table walked, samples compared with what the processor itself sees.

The second path is a read of /proc/kcore at a virtual address: there the processor walks the original tables.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from xcrash.lens.kcore import PAGE
from xcrash.lens.symbols import random_symbols
from xcrash.lens.table import WRITABLE
from xcrash.lens.view import Lens
from xcrash.lens.walk import walk

MOST_TABLES = 20000
"""Tables of the lowest level that are walked, a random choice of them where there are more: about 40 GB of memory."""

_SAMPLE = 64
"""Bytes compared at each symbol."""

_SHOWN = 8
_MODULES = "module symbols"


class LevelCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of one level: how many, and what became of their present entries.

    ``untranslatable`` are cleared: frames of devices, of the hypervisor, of other domains. ``hypervisor``: entries in
    its own slots of the top level. ``read_only``: tables that the direct map shows read-only, as a PV kernel's must be.
    """

    level: int
    tables: int
    walked: int
    translated: int
    untranslatable: int
    hypervisor: int
    read_only: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A sample held against the second path; ``different`` names some of those that differ."""

    what: str
    tried: int
    same: int
    unreadable: int
    different: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Does nothing differ, as far as both paths could be gone?"""
        return self.same + self.unreadable == self.tried


class LensReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the check found; ``root`` is the frame of the kernel's top-level table.

    ``p2m`` is "list" or "tree", ``p2m_frames`` how many frames it has entries for. ``extents_bytes`` is their memory.
    """

    ok: bool
    levels: int
    root: int
    p2m: str
    p2m_frames: int
    extents: int
    extents_frames: int
    extents_seconds: float
    extents_bytes: int
    tables: tuple[LevelCounts, ...]
    comparisons: tuple[Comparison, ...]


def check_lens(lens: Lens, kallsyms: Path, count: int, seed: int) -> LensReport:
    """Walk the kernel's tables and compare ``count`` symbols and frames; the same sample for the same ``seed``."""
    chance = random.Random(seed)  # noqa: S311 - a sample that can be drawn again
    tables = _walked(lens, chance)
    symbols = random_symbols(kallsyms, count, seed)
    comparisons = (
        _compared("kernel symbols", [one[:2] for one in symbols if not one[2]], lambda at: _at_symbol(lens, at)),
        _compared(_MODULES, [one[:2] for one in symbols if one[2]], lambda at: _at_symbol(lens, at)),
        _compared("direct map", _frames(lens, chance, count), lambda frame: _at_frame(lens, frame)),
    )
    extents = lens.frames.extents
    return LensReport(
        ok=all(one.ok for one in comparisons)
        # A kernel without modules there can be, but none of which nothing can be read.
        and all(one.same for one in comparisons if one.what != _MODULES)
        and all(one.read_only == one.walked for one in tables),
        levels=lens.layout.levels,
        root=lens.layout.root,
        p2m=lens.frames.p2m.kind,
        p2m_frames=lens.frames.p2m.limit,
        extents=len(extents),
        extents_frames=extents.frames,
        extents_seconds=lens.frames.build.seconds,
        extents_bytes=extents.memory,
        tables=tables,
        comparisons=comparisons,
    )


def _walked(lens: Lens, chance: random.Random) -> tuple[LevelCounts, ...]:
    counts = []
    waiting = [lens.layout.root]
    for level in range(lens.layout.levels, 0, -1):
        chosen = waiting if len(waiting) <= MOST_TABLES else chance.sample(waiting, MOST_TABLES)
        below: dict[int, None] = {}
        walked = [(frame, found) for frame in chosen if (found := lens.table(frame, level))]
        for _, found in walked:
            below.update((child.frame, None) for child in found.children)
        counts.append(
            LevelCounts(
                level=level,
                tables=len(waiting),
                walked=len(walked),
                translated=sum(found.translated for _, found in walked),
                untranslatable=sum(found.cleared for _, found in walked),
                hypervisor=sum(found.of_xen for _, found in walked),
                read_only=sum(_is_read_only(lens, frame) for frame, _ in walked),
            )
        )
        waiting = list(below)
    return tuple(counts)


def _is_read_only(lens: Lens, frame: int) -> bool:
    layout = lens.layout
    found = walk(
        layout.direct_address(frame), layout.root, layout.levels, layout.word, to_frame=lens.frames.translation()
    )
    return found is not None and not found.entry & WRITABLE


def _frames(lens: Lens, chance: random.Random, count: int) -> list[tuple[str, int]]:
    """Frames that the direct map shows."""
    direct = [
        stretch
        for stretch in lens.layout.stretches
        if lens.kcore.segment_of(lens.layout.direct_address(stretch.frame)) is not None
    ]
    found = []
    for _ in range(count):
        stretch = chance.choice(direct)
        frame = stretch.frame + chance.randrange(max(1, stretch.size // PAGE))
        found.append((f"frame {frame:#x}", frame))
    return found


def _compared(what: str, sample: Iterable[tuple[str, int]], look: Callable[[int], bool | None]) -> Comparison:
    """``look`` says whether both paths agree, None when one of them cannot be gone."""
    verdicts = [(name, look(value)) for name, value in sample]
    different = [name for name, verdict in verdicts if verdict is False]
    return Comparison(
        what=what,
        tried=len(verdicts),
        same=sum(verdict is True for _, verdict in verdicts),
        unreadable=sum(verdict is None for _, verdict in verdicts),
        different=tuple(different[:_SHOWN]),
    )


def _at_symbol(lens: Lens, address: int) -> bool | None:
    seen = lens.kcore.read(address, min(_SAMPLE, PAGE - address % PAGE))
    if not seen:
        return None
    found = walk(address, lens.layout.root, lens.layout.levels, lens.word)
    page = lens.layout.page(found.frame) if found else None
    return page is not None and page[address % PAGE :].startswith(seen)


def _at_frame(lens: Lens, frame: int) -> bool | None:
    found = walk(lens.layout.direct_address(frame), lens.layout.root, lens.layout.levels, lens.word)
    if found is None:
        # A frame that the balloon has given back has no machine memory, and is mapped nowhere.
        return None if not _has_memory(lens, frame) else False
    return found.frame == frame


def _has_memory(lens: Lens, frame: int) -> bool:
    number, at = divmod(frame, 512)
    words = lens.frames.p2m.page(number)
    return at < len(words) and lens.frames.translation()(words[at]) == frame
