# SPDX-License-Identifier: Apache-2.0
"""The lens over a whole Dom0: kernel and processes, 4 and 5 levels, list and tree, and what changes meanwhile."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.lens.dom0 import DIRECT, FLAGS, FOREIGN, PAGE, TEXT, USER, VARIABLES, VMALLOC, Dom0
from xcrash.errors import LensError
from xcrash.lens import view
from xcrash.lens.frames import LEAST_PAUSE
from xcrash.lens.kcore import Kcore
from xcrash.lens.opening import open_lens
from xcrash.lens.view import Lens
from xcrash.lens.walk import walk

MACHINES = [(levels, tree) for levels in (4, 5) for tree in (False, True)]


class Opened:
    """A machine, its file, and the lens over it."""

    def __init__(self, machine: Dom0, home: Path) -> None:
        self.machine = machine
        self.path = machine.write(home / "kcore")
        self.kallsyms = machine.write_kallsyms(home / "kallsyms")
        self.descriptor = os.open(self.path, os.O_RDONLY)

    def lens(self) -> Lens:
        return open_lens(self.descriptor, self.kallsyms)

    def changed(self) -> None:
        """The memory is another now; the file stays the same one."""
        self.machine.write(self.path)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    machine = Dom0()
    machine.seal()
    made = Opened(machine, tmp_path)
    yield made
    os.close(made.descriptor)


def frame_at(lens: Lens, address: int, root: int | None = None) -> int | None:
    found = walk(address, lens.layout.root if root is None else root, lens.layout.levels, lens.word)
    return found.frame if found else None


@pytest.mark.parametrize(("levels", "tree"), MACHINES)
@pytest.mark.parametrize("seed", range(3))
def test_walks_through_the_lens_end_where_the_kernel_mapped(levels: int, tree: bool, seed: int, tmp_path: Path) -> None:
    machine = Dom0(levels, frames=700, seed=seed, tree=tree)
    process = machine.process()
    machine.map(USER, 77, root=process)
    machine.map_machine(VMALLOC[levels] + 0x900000, 0xFEE00)
    machine.seal()
    opened = Opened(machine, tmp_path)
    lens = opened.lens()
    addresses = list(machine.maps)
    random.Random(seed).shuffle(addresses)  # noqa: S311
    for address in addresses:
        assert frame_at(lens, address, process if address == USER else None) == machine.maps[address], hex(address)
    assert frame_at(lens, VMALLOC[levels] + 0x900000) is None
    assert frame_at(lens, USER) is None
    assert lens.level_of(77) is None and lens.level_of(process) == levels
    os.close(opened.descriptor)


def test_everything_but_tables_passes_as_it_is(opened: Opened) -> None:
    lens, machine = opened.lens(), opened.machine
    for frame in range(machine.frames):
        page = machine.page(frame)
        if frame not in machine.tables and frame != 8:
            assert lens.page(frame) == page
    assert lens.read(4 * PAGE, 0) == opened.path.read_bytes()[: 4 * PAGE]


def test_the_kernel_does_not_look_like_one_on_xen_by_either_address(opened: Opened) -> None:
    lens = opened.lens()
    raw, kcore = opened.machine.memory, lens.kcore
    for address in (VARIABLES + 16, DIRECT[4] + 8 * PAGE + 16):
        segment = kcore.segment_of(address)
        assert segment is not None and kcore.word(address) == DIRECT[4]
        offset = segment.offset + address - segment.address
        assert lens.read(8, offset) == bytes(8)
        assert lens.read(24, offset - 8) == raw[8 * PAGE + 8 : 8 * PAGE + 16] + bytes(8) + raw[8 * PAGE + 24 :][:8]
        assert lens.read(4, offset + 4) == bytes(4)


def test_a_part_of_a_table_reads_as_that_part_of_the_whole(opened: Opened) -> None:
    lens, machine = opened.lens(), opened.machine
    whole = lens.page(machine.root)
    segment = lens.kcore.segment_of(DIRECT[4])
    assert whole is not None and segment is not None and whole != machine.page(machine.root)
    start = segment.offset + machine.root * PAGE
    for begin, size in ((0, 8), (4088, 8), (2183, 17), (100, 3996)):
        assert lens.read(size, start + begin) == whole[begin : begin + size]
    around = lens.read(3 * PAGE, start - PAGE)
    assert around[PAGE : 2 * PAGE] == whole and around[:PAGE] == lens.page(machine.root - 1)


def test_a_table_that_is_freed_is_data_again(opened: Opened) -> None:
    machine = opened.machine
    process = machine.process()
    machine.map(USER, 77, root=process)
    opened.changed()
    lens = opened.lens()
    assert frame_at(lens, USER, process) == 77
    (leaf,) = [frame for frame, level in machine.tables.items() if lens.level_of(frame) == 1 and frame == machine.free]
    assert lens.page(leaf) != machine.page(leaf)
    middle = leaf + 1
    machine.put(middle, USER >> 21 & 511, 0)
    opened.changed()
    assert lens.page(leaf) == machine.page(leaf)
    assert lens.level_of(leaf) is None


def test_a_root_that_is_reused_is_data_again_and_all_below_it(opened: Opened) -> None:
    machine = opened.machine
    process = machine.process()
    machine.map(USER, 77, root=process)
    opened.changed()
    lens = opened.lens()
    assert frame_at(lens, USER, process) == 77
    machine.memory[process * PAGE : (process + 1) * PAGE] = os.urandom(PAGE)
    opened.changed()
    for frame in (process, machine.free, machine.free + 1, machine.free + 2):
        assert lens.page(frame) == machine.page(frame)


def test_a_root_without_what_the_kernel_has_added_since_is_one_still(opened: Opened) -> None:
    machine = opened.machine
    process = machine.process()
    machine.map(USER, 77, root=process)
    machine.put(process, VMALLOC[4] >> 39 & 511, 0)
    opened.changed()
    assert frame_at(opened.lens(), USER, process) == 77


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_frames_that_move_are_found_after_a_look_at_most_once_a_second(opened: Opened) -> None:
    lens, machine = opened.lens(), opened.machine
    clock = Clock()
    lens.frames._clock = clock
    lens.frames._built = clock.now
    address = VMALLOC[4] + 0x800000
    assert frame_at(lens, address) == 40
    fresh = 0x7000000
    machine.p2m[40] = fresh
    machine.map(address, 40)
    opened.changed()
    assert frame_at(lens, address) is None
    assert lens.frames.build.number == 1
    clock.now += LEAST_PAUSE
    assert frame_at(lens, address) == 40
    assert lens.frames.build.number == 2


def test_a_frame_that_left_the_domain_is_not_shown_although_it_is_still_in_the_extents(opened: Opened) -> None:
    lens, machine = opened.lens(), opened.machine
    address = VMALLOC[4] + 0x800000
    assert frame_at(lens, address) == 40
    machine.p2m[40] |= FOREIGN
    opened.changed()
    assert frame_at(lens, address) is None


def test_a_frame_of_a_device_does_not_make_the_lens_look_again_and_again(opened: Opened) -> None:
    machine = opened.machine
    address = VMALLOC[4] + 0x900000
    machine.map_machine(address, 0xFEE00)
    opened.changed()
    lens = opened.lens()
    clock = Clock()
    lens.frames._clock = clock
    lens.frames._built = clock.now
    for _ in range(5):
        clock.now += LEAST_PAUSE
        assert frame_at(lens, address) is None
    assert lens.frames.build.number == 2


def test_what_is_remembered_of_tables_is_bounded(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOST_LINKS", 8)
    lens, machine = opened.lens(), opened.machine
    for address, frame in machine.maps.items():
        assert frame_at(lens, address) == frame
    assert len(lens._links) <= 8


def test_tables_that_point_at_each_other_are_no_endless_way(opened: Opened) -> None:
    machine = opened.machine
    process = machine.process()
    machine.map(USER, 77, root=process)
    third, second = machine.free + 2, machine.free + 1
    machine.put(third, 0, machine.p2m[third] << 12 | FLAGS)
    machine.put(second, 0, machine.p2m[third] << 12 | FLAGS)
    opened.changed()
    lens = opened.lens()
    assert lens.page(process) is not None
    for frame, level in ((third, 3), (second, 2), (third, 2), (second, 3)):
        lens.table(frame, level)
        assert {lens.level_of(third), lens.level_of(second)} <= {None, 1, 2, 3}


REFUSALS = {
    "xen_start_info": "lens-not-pv",
    "xen_p2m_addr": "lens-no-p2m",
    "init_top_pgt": "lens-layout",
    "phys_base": "lens-layout",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_kernel_that_is_not_known_is_refused_with_a_reason(name: str, opened: Opened) -> None:
    del opened.machine.variables[name]
    opened.machine.write_kallsyms(opened.kallsyms)
    with pytest.raises(LensError) as refused:
        opened.lens()
    assert refused.value.code == REFUSALS[name]
    assert refused.value.hint


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (16, 0, "lens-not-pv"),
        (24, 0, "lens-not-pv"),
        (40, 57, "lens-layout"),
        (8, 0, "lens-check"),
        (24, 8, "lens-p"),
    ],
)
def test_variables_with_other_values_are_refused(at: int, value: int, code: str, opened: Opened) -> None:
    opened.machine.memory[8 * PAGE + at : 8 * PAGE + at + 8] = value.to_bytes(8, "little")
    opened.changed()
    with pytest.raises(LensError) as refused:
        opened.lens()
    assert refused.value.code.startswith(code)


def test_tables_that_lead_elsewhere_are_refused(opened: Opened) -> None:
    machine = opened.machine
    machine.map(DIRECT[4] + machine.root * PAGE, 5)
    opened.changed()
    with pytest.raises(LensError) as refused:
        opened.lens()
    assert refused.value.code == "lens-check"


def test_hidden_addresses_are_refused(opened: Opened) -> None:
    opened.kallsyms.write_text("0000000000000000 T _text\n0000000000000000 D init_top_pgt\n")
    with pytest.raises(LensError) as refused:
        opened.lens()
    assert refused.value.code == "lens-no-addresses" and "--vmlinux" in refused.value.hint


@pytest.mark.parametrize("head", [b"", b"\x7fELF\x02\x01\x01", b"\x7fELF\x01\x01\x01".ljust(64, b"\0"), b"x" * 5000])
def test_a_file_that_is_no_kcore_is_refused(head: bytes, tmp_path: Path) -> None:
    (tmp_path / "kcore").write_bytes(head)
    with (tmp_path / "kcore").open("rb") as file, pytest.raises(LensError) as refused:
        Kcore(file.fileno())
    assert refused.value.code == "lens-kcore"


def test_a_kernel_that_does_not_tell_its_direct_map_is_known_by_its_segments(opened: Opened) -> None:
    for name in ("page_offset_base", "pgdir_shift"):
        del opened.machine.variables[name]
    opened.machine.write_kallsyms(opened.kallsyms)
    assert frame_at(opened.lens(), TEXT) == 0


def test_what_cannot_be_read_ends_a_read_early(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    lens = opened.lens()
    segment = lens.kcore.segment_of(DIRECT[4])
    assert segment is not None
    bad = segment.offset + 50 * PAGE
    pread = os.pread

    def with_a_hole(descriptor: int, size: int, offset: int) -> bytes:
        if offset < bad + PAGE and offset + size > bad:
            raise OSError(14, "Bad address")
        return pread(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", with_a_hole)
    assert len(lens.read(4 * PAGE, bad - 2 * PAGE - 16)) == 2 * PAGE + 16
    assert lens.read(PAGE, bad) == b""
    assert len(lens.read(PAGE, bad + PAGE)) == PAGE
