# SPDX-License-Identifier: Apache-2.0
"""unpack: the whole file or none, whatever the source and the disk do."""

from __future__ import annotations

import bz2
import gzip
import lzma
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import pytest
import zstandard

from tests.unit.images import builders as b
from tests.unit.images.conftest import Save
from xcrash.errors import NamelistError, StartError
from xcrash.images.unpack import unpack

DATA = b.vmlinux().build() + b.padding(1 << 20) + bytes(6 << 20)


@pytest.mark.parametrize(
    "compress",
    [
        lambda data: gzip.compress(data, 1),
        lambda data: bz2.compress(data, 1),
        lambda data: lzma.compress(data, preset=0),
        lambda data: lzma.compress(data, lzma.FORMAT_ALONE, preset=0),
        zstandard.compress,
        lz4.frame.compress,
        b.lz4_legacy,
    ],
)
def test_every_compression_comes_out_whole(save: Save, compress: Callable[[bytes], bytes]) -> None:
    source, target = save("vmlinux.z", compress(DATA)), save("vmlinux", b"old")
    seen: list[int] = []
    unpack(source, target, seen.append)
    assert target.read_bytes() == DATA
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert seen == sorted(seen)
    assert seen[-1] == source.stat().st_size
    assert sorted(path.name for path in target.parent.iterdir()) == ["vmlinux", "vmlinux.z"]


@pytest.mark.parametrize(
    "compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress, lz4.frame.compress]
)
def test_several_members_are_one_file(save: Save, compress: Callable[[bytes], bytes]) -> None:
    pieces = [DATA[at : at + (1 << 20)] for at in range(0, 3 << 20, 1 << 20)]
    source = save("z", b"".join(compress(piece) for piece in pieces))
    unpack(source, source.parent / "out")
    assert (source.parent / "out").read_bytes() == b"".join(pieces)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress, b.lz4_legacy])
def test_a_damaged_or_short_file_leaves_nothing(save: Save, compress: Callable[[bytes], bytes]) -> None:
    whole = compress(DATA[: 2 << 20])
    flipped = bytearray(whole)
    flipped[len(whole) // 2 :] = bytes(len(whole) - len(whole) // 2)
    for data in (whole[:-9], whole[: len(whole) // 2], bytes(flipped)):
        source = save("vmlinux.z", data)
        if compress is b.lz4_legacy and data == bytes(flipped):
            continue  # this framing has neither a length nor a checksum
        with pytest.raises(NamelistError, match="cannot be unpacked: ") as caught:
            unpack(source, source.parent / "vmlinux")
        assert caught.value.code == "namelist-damaged"
        assert [path.name for path in source.parent.iterdir()] == ["vmlinux.z"]


def test_what_is_not_compressed_is_refused(save: Save) -> None:
    source = save("vmlinux", b.vmlinux().build())
    with pytest.raises(NamelistError, match="is an ELF file") as caught:
        unpack(source, source.parent / "out")
    assert caught.value.code == "namelist-not-compressed"
    with pytest.raises(NamelistError, match="no such vmlinux"):
        unpack(source.parent / "none", source.parent / "out")


def test_a_target_that_cannot_be_written_is_a_start_error(save: Save) -> None:
    source = save("vmlinux.gz", gzip.compress(DATA, 1))
    (source.parent / "none").write_text("a file where a directory is wanted")
    with pytest.raises(StartError) as caught:
        unpack(source, source.parent / "none" / "vmlinux")
    assert caught.value.code == "unpack-failed"
    assert (source.parent / "none").name in caught.value.message


def test_the_directory_of_the_target_is_made_for_its_owner_only(save: Save) -> None:
    source = save("vmlinux.gz", gzip.compress(DATA, 1))
    target = source.parent / "cache" / "kernels" / "vmlinux"
    unpack(source, target)
    assert target.read_bytes() == DATA
    assert target.parent.stat().st_mode & 0o777 == 0o700


def test_a_full_disk_leaves_nothing_behind(save: Save) -> None:
    source = save("vmlinux.gz", gzip.compress(DATA, 1))
    probe = (
        "import pathlib, resource, signal, sys\n"
        "from xcrash.errors import XcrashError\n"
        "from xcrash.images.unpack import unpack\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19))\n"
        "try: unpack(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
        "except XcrashError as error: print(error.code, error.exit_status)\n"
    )
    argv = [sys.executable, "-c", probe, str(source), str(source.parent / "vmlinux")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert done.stdout == "unpack-no-space 5\n"
    assert [path.name for path in source.parent.iterdir()] == ["vmlinux.gz"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1 << 19


def test_an_interruption_leaves_nothing_behind(save: Save) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    source = save("vmlinux.gz", gzip.compress(DATA, 1))
    with pytest.raises(KeyboardInterrupt):
        unpack(source, source.parent / "vmlinux", interrupt)
    assert [path.name for path in source.parent.iterdir()] == ["vmlinux.gz"]
