# SPDX-License-Identifier: Apache-2.0
"""Whatever the bytes, each reader of a dump format gives a value, and its memory can be searched."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.images import builders as b
from tests.unit.images import dump_builders as d
from tests.unit.images.conftest import Save
from xcrash.errors import XcrashError
from xcrash.images.banner_scan import banners_in, scan_for_banner
from xcrash.images.dump import identify_dump
from xcrash.images.elfcore import elf_memory, read_elf_core
from xcrash.images.flattened import FlattenedFile
from xcrash.images.identity import DumpIdentity
from xcrash.images.kdump import kdump_memory, read_kdump
from xcrash.images.kvm_save import kvm_save_memory, read_kvm_save
from xcrash.images.lkcd import read_lkcd
from xcrash.images.mclx import read_mclx
from xcrash.images.memory import Memory, Metered
from xcrash.images.page_memory import unpack_page
from xcrash.images.s390 import read_s390, s390_memory
from xcrash.images.sadump import read_sadump, sadump_memory
from xcrash.images.source import Source
from xcrash.images.vmware import read_guest, read_vmss, vmware_memory
from xcrash.images.xendump import read_xendump, xendump_memory

PAGES = {1: b"one", 512: d.PROC_BANNER + d.BANNER, 600: b"last"}
READERS: dict[str, Callable[[Source], DumpIdentity]] = {
    "elf": read_elf_core,
    "kdump": lambda source: read_kdump(source, "kdump-compressed"),
    "diskdump": lambda source: read_kdump(source, "diskdump"),
    "lkcd": read_lkcd,
    "s390": read_s390,
    "mclx": read_mclx,
    "xendump": read_xendump,
    "kvm-save": read_kvm_save,
    "sadump": read_sadump,
    "vmss": lambda source: read_vmss(source, source),
    "guest": lambda source: read_guest(source, None),
}
MEMORIES: dict[str, Callable[[Source], Memory | None]] = {
    "elf": elf_memory,
    "kdump": kdump_memory,
    "s390": s390_memory,
    "xendump": xendump_memory,
    "kvm-save": kvm_save_memory,
    "sadump": sadump_memory,
    "vmss": lambda source: vmware_memory(source, source, "vmware-vmss"),
    "guest": lambda source: vmware_memory(source, source, "vmware-guest"),
}
SEEDS = [
    ("elf", b.core(d.crash_info(1 << 20, 5, extra=64, changeset=128)).build()),
    ("elf", d.xen_core()),
    ("elf", d.xen_core(0xF00FEBEE, section=".xen_pfn")),
    ("kdump", d.KdumpOfPages(contents=PAGES, status=1).build()),
    ("kdump", d.KdumpOfPages(contents=PAGES, status=0x20).build()),
    ("kdump", d.KdumpOfPages(contents=PAGES, status=1, split=(2, 600)).build()),
    ("kdump", b.Kdump(bits=32, order=">", machine="ppc").build()),
    ("diskdump", b.Kdump(signature=b"DISKDUMP").build()),
    ("lkcd", d.lkcd()[:2000]),
    ("lkcd", d.lkcd(1, 32)[:2000]),
    ("s390", d.s390()),
    ("mclx", d.mclx(64)),
    ("xendump", d.xc_core(pages=1)),
    ("xendump", d.xen_save()),
    ("kvm-save", d.libvirt_save()),
    ("kvm-save", d.kvm_stream()),
    ("sadump", d.Sadump(pages=PAGES).build()),
    ("sadump", d.Sadump(disk=1).build()),
    ("vmss", d.vmss(memory=b"M" * 4096)),
    ("vmss", d.vmss(regions=((0, 0, 2), (2, 16, 1)))),
    ("guest", d.vmware_guest()),
]
EXTREMES = [0, 1, 7, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1]


class Bytes:
    """Bytes as a source."""

    path = "bytes"

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._data = data

    def read_at(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + size] if offset >= 0 and 0 < size <= 16 << 20 else b""


def look(name: str, data: bytes) -> None:
    """Identify the bytes as the named format and search their memory for a little while."""
    with suppress(XcrashError):
        dump = READERS[name](Bytes(data))
        assert msgspec.json.encode(dump)
        assert all(text.isprintable() for text in (dump.release, dump.version, dump.guest_name) if text)
    meter = Metered(Bytes(data), 1 << 20)
    memory = MEMORIES[name](meter) if name in MEMORIES else None
    if memory is not None:
        assert len(memory.read(4097, 100)) in (0, 100)
        found = next(banners_in(memory.read(2 << 20, 8192)), None)
        assert found is None or found.release.isprintable()


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A valid file with extreme numbers put over a few fields, and perhaps cut."""
    name, seed = draw(st.sampled_from(SEEDS))
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 6))):
        width, layout = draw(st.sampled_from([(1, "B"), (2, "<H"), (4, "<I"), (8, "<Q"), (4, ">I"), (8, ">Q")]))
        limit = draw(st.sampled_from([64, 512, 4400, 8300, len(data)]))
        at = draw(st.integers(0, min(limit, len(data)) - width))
        value = draw(st.sampled_from(EXTREMES) | st.integers(0, (1 << 64) - 1)) & ((1 << 8 * width) - 1)
        data[at : at + width] = struct.pack(layout, value)
    return name, bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@settings(max_examples=250, deadline=10_000)
@given(case=mutated())
def test_mutated_headers(case: tuple[str, bytes]) -> None:
    look(*case)


@settings(max_examples=100, deadline=10_000)
@given(name=st.sampled_from(sorted(READERS)), data=st.binary(max_size=6000))
def test_any_bytes(name: str, data: bytes) -> None:
    look(name, data)


@settings(max_examples=60, deadline=10_000)
@given(data=st.binary(max_size=300), flags=st.sampled_from([0, 1, 2, 4, 0x20, 0x21, 0xFF]))
def test_any_bytes_as_a_page(data: bytes, flags: int) -> None:
    assert len(unpack_page(data, flags, 4096)) <= 4096


@settings(max_examples=60, deadline=10_000)
@given(
    data=st.binary(max_size=2000), reads=st.lists(st.tuples(st.integers(0, 1 << 40), st.integers(0, 9000)), max_size=4)
)
def test_any_records_of_a_flattened_file(data: bytes, reads: list[tuple[int, int]]) -> None:
    file = FlattenedFile(Bytes(bytes(4096) + data), 100)
    assert all(len(file.read_at(offset, size)) <= size for offset, size in reads)
    file.missing_bytes()


@settings(max_examples=60)
@given(data=st.binary(max_size=300))
def test_any_bytes_around_a_banner(data: bytes) -> None:
    for banner in banners_in(b"Linux version 6" + data + b"\0Linux version 6.1 (" + data):
        assert banner.release.isprintable() and (banner.version or "x").isprintable()


@pytest.mark.parametrize(("name", "seed"), SEEDS, ids=range(len(SEEDS)))
def test_a_sparse_file_of_terabytes_is_not_read_through(save: Save, name: str, seed: bytes) -> None:
    path: Path = save("debug.guest" if name == "guest" else "file", seed)
    os.truncate(path, 1 << 42)
    dump = identify_dump(path)
    assert dump.scanned_bytes is None or dump.scanned_bytes < 80 << 20


def test_memory_of_terabytes_that_is_not_there_is_not_searched_through() -> None:
    dump = d.s390()
    huge = dump[:0x18] + struct.pack(">Q", 1 << 62) + dump[0x20:]
    meter = Metered(Bytes(huge), 1 << 20)
    assert scan_for_banner(s390_memory(meter), meter) is None
    extended = bytearray(d.KdumpOfPages(contents=PAGES).build())
    extended[436:440] = (0xFFFFFFF0).to_bytes(4, "little")
    meter = Metered(Bytes(bytes(extended)), 1 << 20)
    memory = kdump_memory(meter)
    assert memory is not None and scan_for_banner(memory, meter) is None


@pytest.mark.parametrize("frames", [0xFFFFFFF0, None])
def test_an_address_that_no_bitmap_reaches_is_read_at_once(frames: int | None) -> None:
    data = bytearray(d.KdumpOfPages(contents=PAGES).build())
    if frames:
        data[436:440] = frames.to_bytes(4, "little")
    memory = kdump_memory(Bytes(bytes(data)))
    assert memory is not None
    for address in (1 << 44, 1 << 62, (1 << 64) - 4096):
        assert memory.read(address, 4096) == b""
    assert frames or memory.read(4096, 3) == b"one"


def test_a_page_cannot_grow_when_it_is_unpacked() -> None:
    import zlib

    import zstandard

    assert len(unpack_page(zlib.compress(bytes(1 << 22)), 1, 4096)) == 4096
    assert len(unpack_page(zstandard.compress(bytes(1 << 22)), 0x20, 4096)) <= 4096
