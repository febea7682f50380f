# SPDX-License-Identifier: Apache-2.0
"""gdb's index cache: where it may be, and how much of it is kept."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from xcrash.index_cache import prepare, prune

BUILD_ID = "ab" * 20


@pytest.fixture
def base(tmp_path: Path) -> Path:
    place = tmp_path / "cache" / "gdb-index"
    (place / "16").mkdir(parents=True)
    for directory in (place.parent, place, place / "16"):
        directory.chmod(0o700)
    return place


def index(base: Path, name: str, size: int, age: float) -> Path:
    path = base / "16" / name
    path.write_bytes(bytes(size))
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_the_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "x" / "gdb-index" / "16"
    assert prepare(directory, [BUILD_ID]) is None
    assert directory.stat().st_mode & 0o777 == 0o700


def test_the_longest_unused_go_first_and_the_young_stay(base: Path) -> None:
    old, used, young = (
        index(base, f"{name}.gdb-index", 100, age) for name, age in (("a", 5000.0), ("b", 500.0), ("c", 1.0))
    )
    prune(base, limit=150)
    assert (old.exists(), used.exists(), young.exists()) == (False, False, True)


def test_an_index_that_is_going_to_be_used_counts_as_used(base: Path) -> None:
    mine = index(base, f"{BUILD_ID}.gdb-index", 100, 9000.0)
    other = index(base, "other.gdb-index", 100, 500.0)
    assert prepare(base / "16", [BUILD_ID], limit=150) is None
    assert mine.exists() and not other.exists()


def test_what_a_killed_gdb_left_is_removed_after_an_hour(base: Path) -> None:
    left, writing = index(base, "a.gdb-index-Xy12", 10, 7200.0), index(base, "b.gdb-index-Xy13", 10, 120.0)
    prune(base)
    assert not left.exists() and writing.exists()


def test_a_cache_that_others_can_write_is_not_used(base: Path) -> None:
    base.chmod(0o777)
    reason = prepare(base / "16", [BUILD_ID])
    assert reason is not None and "can be written by others" in reason


def test_a_cache_that_is_a_link_is_not_used(base: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (base / "16").rmdir()
    (base / "16").symlink_to(elsewhere)
    reason = prepare(base / "16", [BUILD_ID])
    assert reason is not None and "is a link" in reason


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_cache_of_somebody_else_is_not_used(base: Path) -> None:
    os.chown(base / "16", 65534, 65534)
    reason = prepare(base / "16", [BUILD_ID])
    assert reason is not None and "belongs to user 65534" in reason


def test_a_build_id_with_a_path_in_it_touches_nothing(base: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.gdb-index"
    victim.write_bytes(b"")
    os.utime(victim, (1.0, 1.0))
    assert prepare(base / "16", ["../../../victim"]) is None
    assert victim.stat().st_mtime == 1.0


def test_a_directory_that_cannot_be_made_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    reason = prepare(tmp_path / "file" / "gdb-index" / "16", [BUILD_ID])
    assert reason is not None and "file" in reason
