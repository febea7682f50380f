# SPDX-License-Identifier: Apache-2.0
"""Whatever a file holds, the answer is a value that can be serialised, or an XcrashError, and it comes soon."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.errors import XcrashError
from xcrash.images import check_namelist, identify_kernel, require_match
from xcrash.images.dump import identify_dump
from xcrash.images.notes import iter_notes
from xcrash.images.text import printable
from xcrash.images.vmcoreinfo import parse_vmcoreinfo

SEEDS = [
    b.vmlinux().build(),
    b.vmlinux(bits=32, order=">", machine=b.S390).build(),
    b.vmlinux(extended_counts=True).build(),
    gzip.compress(b.vmlinux().build()),
    lzma.compress(b.vmlinux().build()),
    bz2.compress(b.vmlinux().build()),
    b.bzimage("6.1.0 (x)"),
    b.core().build(),
    b.core(extended_counts=True).build(),
    b.Kdump().build(),
    b.Kdump(bits=32, machine="i686", split=(3, 5000)).build(),
    b.flattened(b.Kdump().build()),
    b.flattened(b.core().build()),
]
EXTREMES = [0, 1, 7, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with extreme numbers put over a few of its fields, mostly in the headers, and perhaps cut."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        width, layout = draw(st.sampled_from([(1, "B"), (2, "<H"), (4, "<I"), (8, "<Q"), (4, ">I"), (8, ">Q")]))
        limit = draw(st.sampled_from([64, 512, 4400, len(data)]))
        at = draw(st.integers(0, min(limit, len(data)) - width))
        value = draw(st.sampled_from(EXTREMES) | st.integers(0, (1 << 64) - 1)) & ((1 << 8 * width) - 1)
        data[at : at + width] = struct.pack(layout, value)
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("hostile") / "file"


def look(path: Path) -> None:
    """Ask everything of the file that can be asked."""
    kernel = dump = None
    with suppress(XcrashError):
        kernel = identify_kernel(path)
        assert msgspec.json.encode(kernel)
        check_namelist(kernel)
    with suppress(XcrashError):
        dump = identify_dump(path)
        assert msgspec.json.encode(dump)
    if kernel and dump:
        with suppress(XcrashError):
            require_match(kernel, dump)


@settings(max_examples=300, deadline=10_000)
@given(data=mutated())
def test_mutated_files(scratch: Path, data: bytes) -> None:
    scratch.write_bytes(data)
    look(scratch)


@settings(max_examples=150, deadline=10_000)
@given(
    start=st.sampled_from([seed[:size] for seed in SEEDS for size in (4, 8, 20, 464)]), rest=st.binary(max_size=9000)
)
def test_a_known_start_and_any_bytes(scratch: Path, start: bytes, rest: bytes) -> None:
    scratch.write_bytes(start + rest)
    look(scratch)


@settings(max_examples=200)
@given(data=st.binary(max_size=400), endian=st.sampled_from(["little", "big"]))
def test_notes_and_texts_are_total(data: bytes, endian: str) -> None:
    assert all(len(note.desc) <= len(data) for note in iter_notes(data, endian))
    assert all((key + value).isprintable() for key, value in parse_vmcoreinfo(data).items())
    assert printable(data).isprintable()


def test_notes_round_trip() -> None:
    for order, endian in (("<", "little"), (">", "big")):
        data = b.note(b"GNU", 3, b"12345", order) + b.note(b"Xen", 0x1000001, b"", order) + b"\0" * 7
        assert [tuple(note) for note in iter_notes(data, endian)] == [(b"GNU", 3, b"12345"), (b"Xen", 0x1000001, b"")]


def enormous(path: Path, head: bytes, size: int = 1 << 42) -> Path:
    """A sparse file: its head, then zeros to a size that nobody can read through."""
    path.write_bytes(head)
    os.truncate(path, size)
    return path


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_nothing_reads_a_huge_file_through(tmp_path: Path, seed: bytes) -> None:
    began = time.process_time()
    look(enormous(tmp_path / "file", seed))
    assert time.process_time() - began < 5


def test_note_section_of_four_gigabytes_is_not_read(save: Save) -> None:
    image = b.vmlinux(segments=[])
    image.sections = [section for section in image.sections if section[0] != ".notes"]
    data = bytearray(b.with_section(image, ".notes", b.NOTE, b.kernel_notes()).build())
    section_table = struct.unpack_from("<Q", data, 40)[0]
    struct.pack_into("<Q", data, section_table + 64 * len(image.sections) + 32, 4 << 30)
    path = enormous(save("vmlinux", bytes(data)), bytes(data), 1 << 34)
    began = time.process_time()
    assert identify_kernel(path).build_id is None
    assert time.process_time() - began < 5


def test_bomb_is_unpacked_no_farther_than_needed(save: Save) -> None:
    packed = gzip.compress(b.vmlinux(segments=[]).build()[:64] + bytes(160 << 20), 1)
    path = save("vmlinux.gz", packed * 50)
    began = time.process_time()
    look(path)
    assert time.process_time() - began < 5


def test_flattened_file_that_writes_the_same_place_forever(tmp_path: Path) -> None:
    record = struct.pack(">qq", 0, 1 << 20) + b"KDUMP   " + bytes((1 << 20) - 8)
    head = (b"makedumpfile\0\0\0\0" + struct.pack(">qq", 1, 1)).ljust(4096, b"\0")
    path = tmp_path / "file"
    path.write_bytes(head + record * 64)
    began = time.process_time()
    look(path)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("size", [1 << 31, 1 << 40, (1 << 64) - 1])
def test_impossible_sizes_in_a_flattened_sub_header(save: Save, size: int) -> None:
    inner = bytearray(b.Kdump().build())
    for field in (40, 56):
        struct.pack_into("<Q", inner, 4096 + field, size)
    dump = identify_dump(save("vmcore", b.flattened(bytes(inner))))
    assert (dump.release, dump.missing_bytes) == (b.RELEASE, 0)


def test_vmcoreinfo_of_any_bytes_survives_as_text(save: Save) -> None:
    info = "OSRELEASE=6.1\x1b[2J\u202e\nBUILD-ID=../../etc\nCRASHTIME=99999999999999999999999\nPAGESIZE=-1\nnoise\n=x\n"
    dump = identify_dump(save("vmcore", b.Kdump(release="", vmcoreinfo=info).build()))
    assert dump.release == "6.1\ufffd[2J\ufffd"
    assert (dump.build_id, dump.crash_time, dump.page_size) == (None, None, 4096)
    assert dump.vmcoreinfo["BUILD-ID"] == "../../etc"
