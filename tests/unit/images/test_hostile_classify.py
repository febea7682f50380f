# SPDX-License-Identifier: Apache-2.0
"""classify_image gives an Image for any bytes, with bounded memory, and soon."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import lz4.frame
import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.images.classify import classify_image
from xcrash.images.image import Image
from xcrash.images.lookalike import text_role
from xcrash.images.pe import read_pe

KERNEL = b.vmlinux().build()
SEEDS = [
    KERNEL,
    b.vmlinux(bits=32, order=">", machine=b.S390).build(),
    b.module(dwarf=True),
    b.xen_syms().build(),
    b.xen_boot(),
    b.xen_efi(),
    b.named_gzip("vmlinux", KERNEL, extra=b"abcd"),
    lzma.compress(KERNEL),
    lzma.compress(KERNEL, lzma.FORMAT_ALONE),
    bz2.compress(KERNEL),
    zstandard.compress(KERNEL),
    lz4.frame.compress(KERNEL),
    b.lz4_legacy(KERNEL),
    b.bzimage_with("6.1.0 (x) #1", zstandard.compress(KERNEL)),
    b.bzimage_with("6.1.0 (x) #1", b.lz4_legacy(KERNEL), setup_sectors=0),
    b.flat_image(b.BANNER.encode() + b.kernel_notes()),
    b.zboot(gzip.compress(b.flat_image(b.kernel_notes()))),
    b.pe([(".uname", b"6.1"), (".osrel", b"PRETTY_NAME=x\n"), (".linux", b.bzimage("6.1 (x) #1"))]),
    b.core().build(),
    b.Kdump().build(),
    b.cpio("init"),
    b"# Linux/x86 6.1 Kernel Configuration\nCONFIG_X=y\n",
    b"0x12345678\tprintk\tvmlinux\tEXPORT_SYMBOL\n",
    b"ffffffff81000000 T _text\n" * 800,
]
EXTREMES = [0, 1, 3, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1]
NAMES = ["vmlinux", "vmlinuz-6.1", "xen-4.5.gz", "xen-syms-dbg-4.5", "System.map-6.1", "initrd", "x\x1b[31m"]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with extreme numbers put over a few of its fields, mostly in the headers, and perhaps cut."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 5))):
        width, layout = draw(st.sampled_from([(1, "B"), (2, "<H"), (4, "<I"), (8, "<Q")]))
        at = draw(st.integers(0, max(0, min(draw(st.sampled_from([64, 640, len(data)])), len(data)) - width)))
        value = draw(st.sampled_from(EXTREMES) | st.integers(0, (1 << 64) - 1)) & ((1 << 8 * width) - 1)
        data[at : at + width] = struct.pack(layout, value)
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("hostile") / "file"


def look(path: Path, shown: str | None = None) -> Image:
    """Classify, and check what every Image has to keep."""
    image = classify_image(path, shown)
    assert msgspec.json.encode(image)
    texts = (*image.notes, image.release, image.version, image.build_id, image.gzip_name, image.machine)
    assert all(text is None or text.isprintable() for text in texts)
    assert image.crash_accepts is not None or image.size is None
    return image


@settings(max_examples=250, deadline=10_000)
@given(data=mutated(), name=st.sampled_from(NAMES))
def test_mutated_files(scratch: Path, data: bytes, name: str) -> None:
    scratch.write_bytes(data)
    look(scratch, name)


@settings(max_examples=100, deadline=10_000)
@given(start=st.sampled_from([seed[:size] for seed in SEEDS for size in (4, 18, 600)]), rest=st.binary(max_size=5000))
def test_a_known_start_and_any_bytes(scratch: Path, start: bytes, rest: bytes) -> None:
    scratch.write_bytes(start + rest)
    look(scratch)


@settings(max_examples=60, deadline=10_000)
@given(inside=mutated(), pack=st.sampled_from([gzip.compress, zstandard.compress, b.lz4_legacy]))
def test_mutated_files_inside_a_compressed_one(scratch: Path, inside: bytes, pack: type[bytes]) -> None:
    scratch.write_bytes(pack(inside))
    look(scratch)


@settings(max_examples=100)
@given(data=st.binary(max_size=300))
def test_the_readers_are_total(data: bytes) -> None:
    text_role(data)
    read_pe(lambda at, size: (b"MZ" + data)[at : at + size])


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_a_sparse_file_of_terabytes_is_not_read_through(tmp_path: Path, seed: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(seed)
    os.truncate(path, 1 << 42)
    before = bytes_read()
    look(path)
    assert bytes_read() - before < 400 << 20


def bytes_read() -> int:
    """What this process has read so far."""
    return int(Path("/proc/self/io").read_text().split()[1])


def bomb(compress: object, head: bytes = KERNEL[:64]) -> bytes:
    """A kernel's header, then more zeros than a look unpacks."""
    assert callable(compress)
    return bytes(compress(head + bytes(150 << 20)))


def wide_zstd() -> bytes:
    """A frame that wants a window of two gigabytes."""
    return b"\x28\xb5\x2f\xfd\x00" + bytes([(31 - 10) << 3]) + bytes(4000)


def dense_zstd() -> bytes:
    """Blocks of four bytes, each of which unpacks to 128 KB."""
    block = struct.pack("<I", (1 << 1) | (128 << 10 << 3))[:3] + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x58" + block * 200_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: bomb(lambda data: gzip.compress(data, 1)),
        lambda: bomb(lambda data: zstandard.compress(data, 1)),
        lambda: bomb(lz4.frame.compress),
        wide_zstd,
        dense_zstd,
        lambda: b"\x5d\0\0\0\xff" + b"\xff" * 8 + bytes(4000),
        lambda: gzip.compress(b"") * 200_000,
        lambda: b"\x02\x21\x4c\x18" * 100_000,
    ],
    ids=["gzip", "zstd", "lz4", "window", "dense", "dictionary", "members", "frames"],
)
def test_a_bomb_is_looked_at_in_little_memory(save: Save, make: object) -> None:
    assert callable(make)
    path = save("vmlinux.z", make())
    probe = (
        "import pathlib, resource, sys\n"
        "from xcrash.images.classify import classify_image\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))\n"
        "print(classify_image(pathlib.Path(sys.argv[1])).role)\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(next(line.split()[1] for line in status.splitlines() if line.startswith('VmHWM')))\n"
    )
    argv = [sys.executable, "-c", probe, str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    role, kilobytes = done.stdout.split()
    assert role in ("other", "kernel-elf")
    assert int(kilobytes) < 300 << 10
