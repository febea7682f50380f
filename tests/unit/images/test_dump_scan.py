# SPDX-License-Identifier: Apache-2.0
"""The release from a dump's memory, when its headers and notes do not tell it."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images.conftest import Save
from xcrash.images.banner_scan import banners_in, scan_for_banner
from xcrash.images.dump import identify_dump
from xcrash.images.flattened import FlattenedFile
from xcrash.images.memory import Extent, Metered, Run, StoredMemory
from xcrash.images.page_memory import unpack_page

FOUND = "release: 'Linux version' found in memory"
VERSION = "#1 SMP Debian 6.1.1-1 (2026-01-01)"
MIB = 1 << 20


class Bytes:
    """Bytes as a source."""

    path = "bytes"

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._data = data

    def read_at(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + size] if offset >= 0 and size > 0 else b""


def scan(data: bytes, *extents: Extent, placed: bool = True, limit: int = 64 << 20) -> str | None:
    meter = Metered(Bytes(data), limit)
    found = scan_for_banner(StoredMemory(meter, extents or [Extent(0, 0, len(data))], placed), meter)
    return found.release if found else None


@pytest.mark.parametrize("status", [0, 1, 0x20], ids=["raw", "zlib", "zstd"])
@pytest.mark.parametrize("wrap", [bytes, b.flattened], ids=["plain", "flattened"])
def test_compressed_kdump_of_qemu(save: Save, status: int, wrap: Callable[[bytes], bytes]) -> None:
    pages = {1: b"x", 8192: PROC_PAGE, 8192 + 300: bytes(1000) + d.BANNER, 20000: b"y"}
    path = save("vmcore", wrap(d.KdumpOfPages(contents=pages, status=status).build()))
    dump = identify_dump(path)
    assert (dump.release, dump.version, dump.identified_by) == (b.RELEASE, VERSION, (FOUND,))
    assert dump.scanned_bytes is not None and 0 < dump.scanned_bytes < 1 << 20
    assert (identify_dump(path, scan=False).release, identify_dump(path, scan=False).scanned_bytes) == (None, None)


PROC_PAGE = bytes(448) + d.PROC_BANNER


def test_pages_that_cannot_be_unpacked_are_no_pages(save: Save) -> None:
    pages = {8192: PROC_PAGE + d.BANNER}
    for status in (2, 4):
        assert identify_dump(save("vmcore", d.KdumpOfPages(contents=pages, status=status).build())).release is None
    assert unpack_page(b"\x28\xb5\x2f\xfd" + b"\xff" * 40, 0x20, 4096) == b""
    assert unpack_page(b"junkjunk", 1, 4096) == b""


def test_split_kdump_counts_its_own_pages(save: Save) -> None:
    pages = {1: b"x", 8192: PROC_PAGE + d.BANNER}
    kdump = d.KdumpOfPages(contents=pages, split=(2, 9000))
    data = bytearray(kdump.build())
    # The builder writes rows for all pages: this file starts with the one of page 8192.
    rows = 4 * 4096
    data[rows : rows + 24] = data[rows + 24 : rows + 48]
    assert identify_dump(save("vmcore", bytes(data))).release == b.RELEASE


def test_elf_core_without_vmcoreinfo(save: Save) -> None:
    memory = bytearray(20 * MIB)
    memory[18 * MIB + 1000 : 18 * MIB + 1000 + len(d.BANNER)] = d.BANNER
    notes = b.note(b"CORE", 1, bytes(336))
    for data in (
        b.core(notes, bytes(memory)).build(),
        b.flattened(b.core(notes, bytes(memory)).build(), piece=1 << 16),
    ):
        dump = identify_dump(save("vmcore", data))
        assert (dump.release, dump.identified_by) == (b.RELEASE, (FOUND,))


def test_a_release_that_is_known_needs_no_scan(save: Save) -> None:
    dump = identify_dump(save("vmcore", b.core(memory=bytes(8192) + d.BANNER).build()))
    assert (dump.scanned_bytes, dump.identified_by[0]) == (None, "release: OSRELEASE in VMCOREINFO")


def test_banner_in_every_format_that_holds_memory_as_it_is(save: Save) -> None:
    memory = bytes(5000) + d.BANNER + bytes(10_000)
    pages = {number: memory[number * 4096 :][:4096] for number in range(4)}
    save("vm.vmem", memory)
    save("debug.vmem", memory.ljust(4 * 4096, b"\0"))
    dumps = {
        "s390": d.s390(memory),
        "stream": d.kvm_stream(contents=memory),
        "sadump": d.Sadump(pages=pages).build(),
        "vmss-inside.vmss": d.vmss(memory=memory),
        "vm.vmss": d.vmss().ljust(5000, b"\0"),
        "debug.guest": d.vmware_guest(),
        "core": d.xen_core(pages=pages),
        "hvm-core": d.xen_core(pages=pages, section=".xen_pfn"),
        "old-core": d.xc_core()[:16384] + memory[:12288],
    }
    for name, data in dumps.items():
        assert identify_dump(save(name, data)).release == b.RELEASE, name


def test_memory_after_a_hole_keeps_its_place() -> None:
    data = b"a" * 4096 + b"b" * 4096
    memory = StoredMemory(Bytes(data), [Extent(65536, 4096, 4096), Extent(0, 0, 4096), Extent(2048, 0, 1024)])
    assert memory.runs == (Run(0, 4096), Run(65536, 69632))
    assert memory.read(4094, 4) == b"aa\0\0"
    assert memory.read(65535, 3) == b"\0bb"
    assert memory.read(1 << 40, 3) == b"\0\0\0"


def test_read_only_data_is_found_where_kaslr_put_it() -> None:
    memory = bytearray(7 * MIB)
    memory[2 * MIB + 448 : 2 * MIB + 448 + len(d.PROC_BANNER)] = d.PROC_BANNER
    memory[3 * MIB + 100 : 3 * MIB + 100 + len(d.BANNER)] = d.BANNER
    meter = Metered(Bytes(bytes(memory)), 64 * MIB)
    found = scan_for_banner(StoredMemory(meter, [Extent(300 * MIB, 0, len(memory))]), meter)
    assert found is not None and found.release == b.RELEASE
    # Two pages to find the place, then two windows.
    assert meter.used < 2.1 * MIB


def test_banner_across_the_border_of_two_windows() -> None:
    for shift in (-40, -1, 0, 1):
        data = bytearray(3 * MIB)
        at = MIB + shift
        data[at : at + len(d.BANNER)] = d.BANNER
        assert scan(bytes(data), placed=False) == b.RELEASE


def test_the_kernels_own_banner_wins_over_logs() -> None:
    log = b"[    0.000000] " + b.BANNER.replace(b.RELEASE, "5.10.0-1").encode()
    assert scan(log * 20 + d.BANNER) == b.RELEASE
    assert [banner.certain for banner in banners_in(log + d.BANNER)] == [False, True]


def test_logs_alone_count_when_they_agree(save: Save) -> None:
    log = b"[    0.000000] " + b.BANNER.encode()
    other = log.replace(b.RELEASE.encode(), b"5.10.0-1")
    notes = b.note(b"CORE", 1, bytes(336))
    dump = identify_dump(save("vmcore", b.core(notes, bytes(5000) + log + log).build()))
    assert (dump.release, dump.identified_by) == (b.RELEASE, (FOUND + ", in a log",))
    torn = identify_dump(save("vmcore", b.core(notes, bytes(5000) + log + other).build()))
    assert (torn.release, torn.identified_by) == (None, ())


def test_format_strings_and_the_unfinished_banner_are_none() -> None:
    assert not list(banners_in(b"Linux version %s (%s)\n\0Linux version 6.1\n"))
    assert [banner.certain for banner in banners_in(b"\0" + b.WEAK_BANNER.encode() + b"\0")] == [False]


def test_scan_stops_at_its_limit() -> None:
    meter = Metered(Bytes(bytes(8 * MIB)), 2 * MIB)
    assert scan_for_banner(StoredMemory(meter, [Extent(0, 0, 1 << 50)]), meter) is None
    assert meter.used < 4 * MIB


def test_flattened_record_that_covers_everything_makes_no_read_slow() -> None:
    head = (b"makedumpfile\0\0\0\0" + struct.pack(">qq", 1, 1)).ljust(4096, b"\0")
    records = struct.pack(">qq", 0, 100_000) + b"L" * 100_000
    records += b"".join(struct.pack(">qq", 100_000 + at, 1) + b"s" for at in range(2000))
    file = FlattenedFile(Bytes(head + records + b"\xff" * 16))
    assert file.read_at(101_990, 20) == b"s" * 10
    assert file.read_at(50, 3) == b"LLL"
    for _ in range(2500):
        file.read_at(101_990, 20)
    assert file.read_at(101_990, 20) == b""


def test_memory_of_many_extents_is_read_at_thousands_of_places() -> None:
    data = bytes(range(256)) * 256
    memory = StoredMemory(Bytes(data), [Extent(at << 12, at, 1) for at in range(len(data))])
    assert [memory.read(at << 12, 2) for at in range(2000)] == [bytes([at % 256, 0]) for at in range(2000)]
