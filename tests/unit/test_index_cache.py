# SPDX-License-Identifier: Apache-2.0
"""The directory of gdb's indexes: whose it must be, what is removed from it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.unit.test_gdb_index import index
from xcrash.gdb_index import shortened
from xcrash.index_cache import LIMIT, prepare, prune
from xcrash.locations import UserRc, user_rc
from xcrash.plan import LaunchPlan, Link
from xcrash.plan.values import PrivateFile
from xcrash.start_files import write_start_files

FIRST, SECOND = "11" * 20, "22" * 20
GDBINIT = "set index-cache directory {}\nset index-cache enabled on\nsource /home/u/.gdbinit\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "xcrash" / "gdb-index" / "16"


def put(path: Path, size: int, age: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(bytes(size))
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_the_longest_unused_goes_first_and_the_one_in_use_stays(directory: Path) -> None:
    used = put(directory / f"{FIRST}.gdb-index", 400, 9000)
    old = put(directory / f"{SECOND}.gdb-index", 400, 5000)
    other_gdb = put(directory.parent / "10" / f"{SECOND}.gdb-index", 400, 4000)
    assert prepare(directory, [FIRST], 800) is None
    assert used.exists() and other_gdb.exists()
    assert not old.exists()


def test_nothing_that_may_still_be_written_is_removed(directory: Path) -> None:
    young = put(directory / f"{FIRST}.gdb-index-Ab12Cd", 400, 5)
    prune(directory.parent, 0)
    assert young.exists()


def test_what_a_killed_crash_left_is_removed_after_an_hour(directory: Path) -> None:
    left = put(directory / f"{FIRST}.gdb-index-Ab12Cd", 400, 4000)
    recent = put(directory / f"{SECOND}.gdb-index-Ab12Cd", 400, 600)
    prune(directory.parent, LIMIT)
    assert not left.exists()
    assert recent.exists()


def test_only_indexes_are_removed(directory: Path, tmp_path: Path) -> None:
    outside = put(tmp_path / "vmlinux", 400, 9000)
    link = directory / f"{FIRST}.gdb-index"
    note = put(directory / "note", 400, 9000)
    link.symlink_to(outside)
    prune(directory.parent, 0)
    assert outside.exists() and note.exists() and link.is_symlink()


def test_what_gdb_10_wrote_is_made_short_before_it_reads_it(directory: Path) -> None:
    for gdb in ("10", "16"):
        put(directory.parent / gdb / f"{FIRST}.gdb-index", 4, 9000).write_bytes(index())
        assert prepare(directory.parent / gdb, [FIRST]) is None
    assert (directory.parent / "10" / f"{FIRST}.gdb-index").read_bytes() == shortened(index())
    assert (directory.parent / "16" / f"{FIRST}.gdb-index").read_bytes() == index()


def test_a_build_id_is_no_way_out_of_the_directory(directory: Path) -> None:
    outside = put(directory.parents[1] / "x.gdb-index", 4, 9000)
    before = outside.stat().st_mtime
    assert prepare(directory, ["../../x"]) is None
    assert outside.stat().st_mtime == before


def test_the_files_of_a_plan_are_written_for_us_alone(directory: Path, tmp_path: Path) -> None:
    text = GDBINIT.format(directory)
    home = tmp_path / "home"
    home.mkdir()
    plan = LaunchPlan(
        mode="dump",
        index_cache=str(directory),
        files=(PrivateFile(str(home / ".gdbinit"), text),),
        links=(Link(str(home / ".crashrc"), "/home/u/.crashrc"),),
    )
    assert write_start_files(plan) is None
    assert (home / ".gdbinit").read_text() == text
    assert (home / ".gdbinit").stat().st_mode & 0o777 == 0o600
    assert str((home / ".crashrc").readlink()) == "/home/u/.crashrc"


def test_gdb_is_not_told_of_a_cache_that_is_not_safe(directory: Path, tmp_path: Path) -> None:
    assert prepare(directory, []) is None
    directory.chmod(0o770)
    plan = LaunchPlan(
        mode="dump",
        index_cache=str(directory),
        files=(PrivateFile(str(tmp_path / ".gdbinit"), GDBINIT.format(directory)),),
    )
    reason = write_start_files(plan)
    assert reason and "can be written by others" in reason
    assert (tmp_path / ".gdbinit").read_text() == "source /home/u/.gdbinit\n"


def test_the_users_own_files_are_found_gdbs_configuration_directory_first(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert user_rc(home) == UserRc()
    (tmp_path / ".gdbinit").write_text("")
    (tmp_path / ".crashrc").write_text("")
    assert user_rc(home) == UserRc(f"{tmp_path}/.gdbinit", f"{tmp_path}/.crashrc")
    (tmp_path / "config" / "gdb").mkdir(parents=True)
    (tmp_path / "config" / "gdb" / "gdbinit").write_text("")
    assert user_rc({**home, "XDG_CONFIG_HOME": f"{tmp_path}/config"}).gdbinit == f"{tmp_path}/config/gdb/gdbinit"


@pytest.mark.parametrize("home", ["", "relative", "/nowhere"])
def test_without_a_home_there_are_no_files_of_the_user(home: str) -> None:
    assert user_rc({"HOME": home}) == user_rc({}) == UserRc()
