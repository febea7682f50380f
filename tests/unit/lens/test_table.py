# SPDX-License-Identifier: Apache-2.0
"""Canonical page tables: the same map of addresses to frames, all flags kept, nothing of what is not the domain's."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.lens.dom0 import FLAGS, NX, PAGE, PRESENT, PSE, RW, USER_BIT
from xcrash.lens.table import ADDRESS, Canonical, canonical
from xcrash.lens.walk import Mapping, walk

MACHINE = {0x1000 + frame * 3: frame for frame in range(4000)}
"""Every third machine frame belongs to the domain."""


def table(entries: dict[int, int]) -> bytes:
    words = [0] * 512
    for slot, entry in entries.items():
        words[slot] = entry
    return struct.pack("<512Q", *words)


def seen(entries: dict[int, int], level: int = 1, top: bool = False) -> tuple[Canonical, tuple[int, ...]]:
    found = canonical(table(entries), level, top, MACHINE.get)
    return found, struct.unpack("<512Q", found.data)


def test_flags_stay_and_the_frame_is_the_domains() -> None:
    flags = NX | 0x7F << 52 | 0xF67
    found, entries = seen({7: (0x1000 + 3 * 21) << 12 | flags})
    assert entries[7] == 21 << 12 | flags
    assert (found.translated, found.cleared, found.children) == (1, 0, ())


def test_an_entry_that_is_not_present_is_left_as_it_is() -> None:
    swapped = 0x1234567890ABCDE0 & ~PRESENT
    _, entries = seen({3: swapped})
    assert entries[3] == swapped


@pytest.mark.parametrize("machine_frame", [0, 0x1001, 0xFEE00, (1 << 40) - 1])
def test_an_entry_of_a_frame_that_is_not_the_domains_is_cleared(machine_frame: int) -> None:
    found, entries = seen({0: machine_frame << 12 | FLAGS})
    assert entries[0] == 0
    assert (found.translated, found.cleared) == (0, 1)


def test_the_hypervisors_slots_are_cleared_at_the_top_alone() -> None:
    entry = 0x1000 << 12 | FLAGS
    slots = dict.fromkeys((255, 256, 271, 272), entry)
    found, entries = seen(slots, 4, top=True)
    assert [bool(entries[slot]) for slot in slots] == [True, False, False, True]
    assert (found.translated, found.cleared, found.of_xen) == (2, 0, 2)
    assert all(seen(slots, 4)[1][slot] for slot in slots)


def test_children_are_what_the_next_level_is_learnt_from() -> None:
    found, _ = seen({5: 0x1003 << 12 | FLAGS, 6: 0x1001 << 12 | FLAGS}, 3)
    assert found.children == ((5, 0x1003, 1),)


@pytest.mark.parametrize("level", [2, 3])
def test_a_large_page_is_kept_where_it_lies_in_one_piece(level: int) -> None:
    count = 512 ** (level - 1)
    entry = 4 * count << 12 | PSE | 1 << 12 | FLAGS

    def shifted(machine_frame: int) -> int | None:
        return machine_frame - 3 * count if 4 * count <= machine_frame < 5 * count else None

    found = canonical(table({9: entry}), level, False, shifted)
    assert struct.unpack_from("<Q", found.data, 72)[0] == count << 12 | PSE | 1 << 12 | FLAGS
    assert found.children == ()


@pytest.mark.parametrize("broken", [0, 1, 300, 511])
def test_a_large_page_in_pieces_is_cleared(broken: int) -> None:
    found = canonical(table({9: 512 << 12 | PSE | FLAGS}), 2, False, lambda one: 7 if one == 512 + broken else one)
    assert struct.unpack_from("<Q", found.data, 72)[0] == 0
    assert found.cleared == 1


class Space:
    """Random page tables in machine memory: tables at machine frames, as the processor walks them."""

    def __init__(self, levels: int, maps: dict[int, int]) -> None:
        self.levels, self.maps = levels, maps
        self.pages: dict[int, list[int]] = {}
        self.free = iter(sorted(MACHINE, reverse=True))
        self.root = self.new()
        for address, machine_frame in maps.items():
            at = self.root
            for level in range(levels, 1, -1):
                slot = address >> 12 + 9 * (level - 1) & 511
                if not self.pages[at][slot]:
                    self.pages[at][slot] = self.new() << 12 | FLAGS | USER_BIT
                at = (self.pages[at][slot] & ADDRESS) >> 12
            self.pages[at][address >> 12 & 511] = machine_frame << 12 | FLAGS & ~RW | NX

    def new(self) -> int:
        machine_frame = next(self.free)
        self.pages[machine_frame] = [0] * 512
        return machine_frame

    def original(self, machine_frame: int, slot: int) -> int | None:
        page = self.pages.get(machine_frame)
        return page[slot] if page else None


def lensed(space: Space) -> dict[int, bytes]:
    """Every table as the lens shows it, by the domain's own frame."""
    shown: dict[int, bytes] = {}
    waiting = [(space.root, space.levels)]
    while waiting:
        machine_frame, level = waiting.pop()
        raw = struct.pack("<512Q", *space.pages[machine_frame])
        found = canonical(raw, level, level == space.levels, MACHINE.get)
        shown[MACHINE[machine_frame]] = found.data
        waiting += [(child.machine_frame, level - 1) for child in found.children if child.machine_frame in space.pages]
    return shown


ADDRESSES = st.integers(0, (1 << 35) - 1).map(lambda page: page * PAGE * 4099 % (1 << 57))
TARGETS = st.one_of(st.sampled_from(sorted(MACHINE)[:2000]), st.integers(0, 1 << 40))


@given(levels=st.sampled_from((4, 5)), wanted=st.dictionaries(ADDRESSES, TARGETS, max_size=24), other=ADDRESSES)
def test_lensed_tables_map_what_the_originals_map_through_the_p2m(
    levels: int, wanted: dict[int, int], other: int
) -> None:
    bits = 12 + 9 * levels
    shift = bits - 9
    maps = {
        address % (1 << bits) & -PAGE: target & ADDRESS >> 12
        for address, target in wanted.items()
        if address % (1 << bits) >> shift not in range(256, 272)
    }
    space = Space(levels, maps)
    shown = lensed(space)

    def through_the_lens(frame: int, slot: int) -> int | None:
        return int(struct.unpack_from("<Q", shown[frame], slot * 8)[0]) if frame in shown else None

    def originally(address: int) -> Mapping | None:
        found = walk(address, space.root, levels, space.original)
        frame = MACHINE.get(found.frame) if found else None
        return found._replace(frame=frame) if found and frame is not None else None

    for address in (*maps, other % (1 << bits)):
        expected = originally(address)
        found = walk(address, MACHINE[space.root], levels, through_the_lens)
        assert (found and (found.frame, found.level)) == (expected and (expected.frame, expected.level))
        if found and expected:
            assert found.entry & ~ADDRESS == expected.entry & ~ADDRESS
