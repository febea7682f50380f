# SPDX-License-Identifier: Apache-2.0
"""A directory of our own: made for us alone, refused where somebody else has a hand in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from xcrash.own_directory import make_own


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "xcrash" / "gdb-index" / "16"


@pytest.fixture
def shared_umask() -> Iterator[None]:
    before = os.umask(0o002)
    yield
    os.umask(before)


def test_everything_that_is_missing_is_made_for_us_alone(directory: Path, shared_umask: None) -> None:
    assert make_own(directory) is None
    assert [place.stat().st_mode & 0o777 for place in (directory, *directory.parents[:3])] == [0o700] * 4
    assert make_own(directory) is None


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_it_is_refused_where_others_can_write(directory: Path, depth: int) -> None:
    assert make_own(directory) is None
    place = (directory, *directory.parents)[depth]
    place.chmod(0o777)
    reason = make_own(directory)
    assert reason and reason.startswith(f"{place} can be written by others")


def test_a_directory_for_all_with_the_sticky_bit_is_no_way_in(directory: Path) -> None:
    assert make_own(directory) is None
    directory.parents[2].chmod(0o1777)
    assert make_own(directory) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_it_is_refused_when_it_belongs_to_somebody_else(directory: Path, depth: int) -> None:
    assert make_own(directory) is None
    place = (directory, *directory.parents)[depth]
    os.chown(place, 4711, -1)
    reason = make_own(directory)
    assert reason and reason.startswith(f"{place} belongs to user 4711")


def test_a_link_in_its_place_is_refused(directory: Path, tmp_path: Path) -> None:
    directory.parent.mkdir(parents=True, mode=0o700)
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    directory.symlink_to(tmp_path / "elsewhere")
    reason = make_own(directory)
    assert reason and "is a link" in reason


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give links away")
def test_a_link_above_it_is_followed_unless_somebody_else_made_it(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir(mode=0o700)
    link = directory.parents[2]
    link.symlink_to(tmp_path / "scratch")
    assert make_own(directory) is None
    os.chown(link, 4711, -1, follow_symlinks=False)
    reason = make_own(directory)
    assert reason and reason.startswith(f"{link} belongs to user 4711")


@pytest.mark.parametrize("what", ["file", "loop"])
def test_what_cannot_be_a_directory_is_a_reason_and_no_error(directory: Path, what: str) -> None:
    directory.parents[1].mkdir(parents=True)
    if what == "file":
        directory.parent.write_text("")
    else:
        directory.parent.symlink_to(directory.parent.name)
    assert make_own(directory)


def test_a_name_with_a_null_byte_is_a_reason_and_no_error(tmp_path: Path) -> None:
    assert make_own(tmp_path / "a\0b" / "16")
