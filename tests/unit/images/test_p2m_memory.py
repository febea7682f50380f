# SPDX-License-Identifier: Apache-2.0
"""The Dom0's own memory in the dump of a machine, and the kernel that is told by it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images import xen_builders as x
from tests.unit.images.conftest import Save
from xcrash.images.dump import identify_dump
from xcrash.images.kernel_note import kernel_build_id
from xcrash.images.memory import MOST_AT_ONCE, Run
from xcrash.images.p2m_memory import P2mMemory

GUEST_BANNER = b.BANNER.replace("6.1.0-50", "5.5.5-1").encode() + b"\0"
XEN_NOTES = b.note(b"Xen", 6, b"linux\0") + b.note(b"Xen", 7, b"2.6\0") + b.note(b"Xen", 5, b"xen-3.0\0")


class Machine:
    """Memory from address 0 on."""

    placed = True

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.runs = (Run(0, len(data)),)

    def read(self, address: int, size: int) -> bytes:
        return self._data[address : address + size].ljust(size, b"\0")


def machine(frames: dict[int, int], word: int = 8, pages: int = 32) -> bytes:
    """Frames filled with their numbers, and a p2m of ``frames`` from frame 10 on."""
    memory = bytearray(b"".join(bytes([number]) * 4096 for number in range(pages)))
    x.place_p2m(memory, 10, frames, word)
    return bytes(memory)


@pytest.mark.parametrize("word", [8, 4])
def test_the_kernel_sees_its_frames_in_its_own_order(word: int) -> None:
    foreign = 5 | 1 << (8 * word - 1)
    memory = P2mMemory(Machine(machine({0: 20, 1: 21, 2: 3, 4: 22, 5: foreign}, word)), 10, word)
    assert memory.runs == (Run(0, (4096 // word) * 4096),)
    assert memory.read(0, 4096 * 6) == b"".join(bytes([byte]) * 4096 for byte in (20, 21, 3, 0, 22, 0))
    assert memory.read(4095, 2) == b"\x14\x15"
    assert memory.read(memory.runs[0].end, 1) == memory.read(1 << 63, 4096) == b""
    assert len(memory.read(0, 1 << 40)) == MOST_AT_ONCE


def test_a_list_that_is_none_gives_no_memory() -> None:
    for mfn in (0, 9999, 1 << 62, (1 << 64) - 1):
        assert P2mMemory(Machine(bytes(8 * 4096)), mfn).runs == ()
        assert P2mMemory(Machine(bytes(8 * 4096)), mfn).read(0, 10) == b""


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=400), st.integers(0, 1 << 64), st.sampled_from([4, 8]))
def test_any_p2m_can_be_read_through(data: bytes, mfn: int, word: int) -> None:
    memory = P2mMemory(Machine((data * 41)[:16384]), mfn % 5 or mfn, word)
    for address in (0, 1 << 20, 1 << 40, 1 << 62):
        assert len(memory.read(address, 8192)) in (0, 8192)
    assert kernel_build_id(memory) is None


@pytest.mark.parametrize(
    "notes",
    [
        XEN_NOTES + b.note(b"GNU", 3, b.BUILD_ID) + b.note(b"Linux", 0x100, b"6.1\0"),
        b.note(b"GNU", 3, bytes(20)) + bytes(64) + b.note(b"GNU", 3, b.BUILD_ID) + XEN_NOTES,
    ],
)
def test_the_build_id_is_among_the_notes_for_xen(notes: bytes) -> None:
    data = bytearray(4 << 20)
    data[0x200800 : 0x200800 + len(notes)] = notes
    assert kernel_build_id(Machine(bytes(data))) == b.BUILD_ID.hex()
    assert kernel_build_id(Machine(bytes(4 << 20))) is None


def test_the_dom0_is_told_by_its_own_memory_and_not_by_a_guests(save: Save) -> None:
    memory = bytearray(2 << 20)
    memory[4096 : 4096 + len(GUEST_BANNER)] = GUEST_BANNER
    own = b"\0" + b.BANNER.encode() + b"\0"
    memory[16 * 4096 : 16 * 4096 + len(own)] = own
    notes = XEN_NOTES + b.note(b"GNU", 3, b.BUILD_ID)
    memory[17 * 4096 : 17 * 4096 + len(notes)] = notes
    x.place_p2m(memory, 40, {0: 30, 1: 16, 256: 17})
    file_notes = b.note(b"CORE", 1, bytes(336)) + d.crash_info(0x1000, 40)
    dump = identify_dump(save("vmcore", b.core(file_notes, bytes(memory)).build()))
    assert (dump.release, dump.build_id) == (b.RELEASE, b.BUILD_ID.hex())
    assert dump.identified_by == (
        "release: 'Linux version' found in the Dom0's memory",
        "build-id: the kernel's note in the Dom0's memory",
    )
    broken = b.note(b"CORE", 1, bytes(336)) + d.crash_info(0x1000, 99)
    dump = identify_dump(save("vmcore", b.core(broken, bytes(memory)).build()))
    assert (dump.build_id, dump.identified_by) == (None, ("release: 'Linux version' found in memory",))
