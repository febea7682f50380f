# SPDX-License-Identifier: Apache-2.0
"""Kernels unpacked once: where, for how long, and only where nobody else can write."""

from __future__ import annotations

import gzip
import os
import shutil
import time
from pathlib import Path

import pytest

from xcrash.errors import StartError
from xcrash.kernel_cache import is_unpacked, prune, room, unpack_once
from xcrash.plan import Unpacking

DAY = 86400


@pytest.fixture
def work(tmp_path: Path) -> Unpacking:
    packed = tmp_path / "vmlinux.gz"
    packed.write_bytes(gzip.compress(b"\x7fELF" + bytes(9996)))
    return Unpacking(str(packed), str(tmp_path / "cache" / "kernels" / "ab" / "vmlinux"))


def kept(directory: Path, name: str, size: int, days: float) -> Path:
    path = directory / name / "vmlinux"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(size))
    then = time.time() - days * DAY
    os.utime(path, (then, then))
    return path


def test_a_kernel_is_unpacked_once_for_us_alone(work: Unpacking) -> None:
    target = Path(work.target)
    assert not is_unpacked(work)
    unpack_once(work)
    assert (target.stat().st_size, target.stat().st_mode & 0o777) == (10000, 0o600)
    assert target.parents[1].stat().st_mode & 0o777 == 0o700
    Path(work.source).unlink()
    unpack_once(work)
    assert is_unpacked(work)


def test_a_use_counts_as_one(work: Unpacking) -> None:
    unpack_once(work)
    os.utime(work.target, (1.0, 1.0))
    unpack_once(work)
    assert Path(work.target).stat().st_mtime > time.time() - DAY


def test_nothing_is_believed_that_others_can_write(work: Unpacking) -> None:
    unpack_once(work)
    Path(work.target).parents[1].chmod(0o777)
    with pytest.raises(StartError) as refusal:
        unpack_once(work)
    assert refusal.value.code == "unpack-unsafe"
    assert "can be written by others" in refusal.value.message


def test_the_longest_unused_go_first_and_those_of_today_stay(tmp_path: Path) -> None:
    old, older, today = (kept(tmp_path, name, 100, days) for name, days in (("a", 2), ("b", 3), ("c", 0.5)))
    prune(tmp_path, 250)
    assert (old.exists(), older.exists(), today.exists()) == (True, False, True)
    assert not older.parent.exists()
    prune(tmp_path, 0)
    assert (old.exists(), today.exists()) == (False, True)


def test_what_was_left_unfinished_is_removed_after_a_day(tmp_path: Path) -> None:
    left = kept(tmp_path, "a", 10, 2).rename(tmp_path / "a" / ".unpack-x")
    prune(tmp_path)
    assert not left.exists()


def test_there_is_as_much_room_as_is_free_or_used_by_kernels(tmp_path: Path) -> None:
    free = room(tmp_path / "not" / "there")
    assert 0 < free <= shutil.disk_usage(tmp_path).total
    kept(tmp_path / "kernels", "a", 1 << 20, 0)
    assert room(tmp_path) >= 1 << 20


@pytest.mark.parametrize("place", ["/proc/none", "/dev/null/none"])
def test_there_is_no_room_where_nothing_can_be_made(place: str) -> None:
    assert room(Path(place)) == 0
