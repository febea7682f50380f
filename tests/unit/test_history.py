# SPDX-License-Identifier: Apache-2.0
"""The lines that were typed: kept, found again, shared by two sessions, and never in the way."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from xcrash.history import LONGEST, MOST_BYTES, MOST_LINES, History, history_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history"


def test_lines_come_back_in_a_file_of_the_users_own(path: Path) -> None:
    history = History(path)
    for line in ("bt", "  ps -m  ", "", "bt", "log | grep 'a  b'"):
        history.add(line)
    assert history.lines == ["ps -m", "bt", "log | grep 'a  b'"]
    assert History(path).lines == history.lines
    assert history.trouble == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_is_where_the_state_is(state_directory: Path) -> None:
    History().add("sys")
    assert history_path() == state_directory / "xcrash" / "history"
    assert history_path().read_text() == "sys\n"


def test_two_sessions_append_to_one_file(path: Path) -> None:
    first, second = History(path), History(path)
    first.add("bt 1")
    second.add("bt 2")
    first.add("bt 3")
    assert first.lines == ["bt 1", "bt 3"] and second.lines == ["bt 2"]
    assert History(path).lines == ["bt 1", "bt 2", "bt 3"]


def test_it_finds_lines_by_words_newest_first(path: Path) -> None:
    history = History(path)
    for line in ("kmem -s dentry", "foreach UN bt", "kmem -i", "struct dentry ffff8d1a40280000"):
        history.add(line)
    assert history.search("dentry") == ["struct dentry ffff8d1a40280000", "kmem -s dentry"]
    assert history.search("DENTRY kmem") == ["kmem -s dentry"]
    assert history.search("") == list(reversed(history.lines))
    assert history.search("nothing") == []
    assert len(history.search("", most=2)) == 2


def test_a_hostile_file_gives_only_lines_that_can_be_typed(path: Path) -> None:
    path.parent.mkdir()
    bad = [b"\x1b]0;title\x07", b"\xff\xfe\x00", b"x" * (LONGEST + 1), b"   ", "a\u202eb".encode(), b"two\rlines"]
    path.write_bytes(b"\n".join([*bad, b"bt", b"[bold]p 1[/bold]", b"cut off, no newline"]))
    assert History(path).lines == ["bt", "[bold]p 1[/bold]", "cut off, no newline"]


def test_a_line_that_could_harm_the_file_is_known_but_not_kept(path: Path) -> None:
    history = History(path)
    history.add("bt\nlog")
    history.add("p " + "1" * LONGEST)
    history.add("bt")
    assert len(history.lines) == 3
    assert path.read_text() == "bt\n"


def test_the_number_of_lines_is_bounded(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("".join(f"p {number}\n" for number in range(MOST_LINES + 10)))
    history = History(path)
    assert len(history.lines) == MOST_LINES
    assert history.lines[-1] == f"p {MOST_LINES + 9}"


def test_a_large_file_is_replaced_by_its_newest_lines(path: Path) -> None:
    path.parent.mkdir()
    count = MOST_BYTES // 1000 + 100
    path.write_text("".join(f"p {number:0990d}\n" for number in range(count)))
    before = path.stat().st_size
    history = History(path)
    assert history.trouble == ""
    assert history.lines[-1].endswith(str(count - 1))
    assert path.stat().st_size < before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["history"]
    assert History(path).lines == history.lines


def test_what_is_no_file_is_left_alone_and_said_once(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    history = History(path)
    assert "is not a regular file" in history.trouble
    history.add("bt")
    assert history.lines == ["bt"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "history")
    history.add("bt")
    assert history.lines == ["bt"]
    assert "history" in history.trouble and "Not a directory" in history.trouble


def test_a_link_is_not_followed_when_writing(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    (tmp_path / "elsewhere").write_text("")
    path.symlink_to(tmp_path / "elsewhere")
    history = History(path)
    history.add("bt")
    assert "cannot be written" in history.trouble
    assert (tmp_path / "elsewhere").read_text() == ""
