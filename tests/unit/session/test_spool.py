# SPDX-License-Identifier: Apache-2.0
"""The spool: every byte, every line, any span."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.errors import SessionError
from xcrash.session import Spool
from xcrash.session.spool import IN_MEMORY


def filled(directory: Path, *parts: bytes) -> Spool:
    spool = Spool.create(directory)
    for part in parts:
        spool.append(part)
    return spool


def lines(spool: Spool, start: int, end: int) -> list[bytes]:
    return [spool.line_in(start, end, number) for number in range(spool.lines_in(start, end))]


def test_an_empty_spool_has_no_line(tmp_path: Path) -> None:
    spool = filled(tmp_path)
    assert (spool.size, spool.line_count, spool.lines_in(0, 0), spool.read(0, 10)) == (0, 0, 0, b"")
    spool.close()


def test_nothing_is_left_in_the_directory_which_is_private(tmp_path: Path) -> None:
    directory = tmp_path / "made" / "here"
    spool = filled(directory, b"secret")
    assert list(directory.iterdir()) == []
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    spool.close()
    spool.close()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SessionError, match="cannot keep crash's output") as caught:
        Spool.create(tmp_path / "file" / "spool")
    assert caught.value.code == "spool-unavailable"


@pytest.mark.parametrize(
    ("data", "count"),
    [(b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n", 1), (b"\n\n", 2), (b"a\r\nb\r\n", 2)],
)
def test_an_unfinished_line_counts_and_an_empty_one_at_the_end_does_not(
    tmp_path: Path, data: bytes, count: int
) -> None:
    spool = filled(tmp_path, data)
    assert spool.line_count == count
    assert spool.lines_in(0, len(data)) == count
    spool.close()


def test_spans_may_begin_and_end_inside_lines(tmp_path: Path) -> None:
    spool = filled(tmp_path, b"first\nsecond\r\n\nfour")
    assert lines(spool, 0, spool.size) == [b"first", b"second\r", b"", b"four"]
    assert lines(spool, 2, 9) == [b"rst", b"sec"]
    assert lines(spool, 6, 14) == [b"second\r"]
    assert lines(spool, 5, 6) == [b""]
    assert lines(spool, 14, 15) == [b""]
    assert lines(spool, 3, 3) == []
    assert lines(spool, 9, 3) == []
    spool.close()


def test_a_long_line_is_cut_at_the_limit(tmp_path: Path) -> None:
    spool = filled(tmp_path, b"x" * 1000 + b"\ny\n")
    assert spool.line_in(0, spool.size, 0, limit=10) == b"x" * 10
    assert spool.line_in(0, spool.size, 1, limit=10) == b"y"
    spool.close()


def test_many_lines_are_found_by_number(tmp_path: Path) -> None:
    spool = filled(tmp_path, b"".join(b"line %d\n" % number for number in range(100_000)))
    assert spool.line_count == 100_000
    assert [spool.line_in(0, spool.size, number) for number in (0, 1, 54_321, 99_999)] == [
        b"line 0",
        b"line 1",
        b"line 54321",
        b"line 99999",
    ]
    start = spool.read(0, spool.size).index(b"line 70000")
    assert spool.lines_in(start, spool.size) == 30_000
    assert spool.line_in(start, spool.size, 29_999) == b"line 99999"
    spool.close()


def test_reading_past_the_end_gives_what_is_there(tmp_path: Path) -> None:
    spool = filled(tmp_path, b"abc")
    assert spool.read(1, 100) == b"bc"
    assert spool.read(50, 100) == b""
    spool.close()


def test_a_full_device_is_told_and_what_was_said_is_held_in_memory() -> None:
    spool = Spool(os.open("/dev/full", os.O_RDWR))
    spool.append(b"one\ntwo\n")
    spool.append(b"three\n")
    assert spool.trouble == "No space left on device, for crash's output"
    assert (spool.size, spool.held, spool.lost, spool.line_count) == (14, 14, 0, 3)
    assert spool.read(2, 10) == b"e\ntwo\nth"
    assert lines(spool, 0, spool.size) == [b"one", b"two", b"three"]
    spool.close()


def test_what_was_held_is_written_as_soon_as_there_is_room(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, quota=6)
    spool.append(b"one\ntwo\n")
    assert spool.trouble == "output quota reached: 6 bytes"
    assert (spool.size, spool.held) == (8, 2)
    spool.append(b"x\n")
    assert spool.read(0, 100) == b"one\ntwo\nx\n"
    spool.grant()
    spool.append(b"y\n")
    assert not spool.trouble
    assert (spool.held, spool.lost) == (0, 0)
    assert spool.read(0, 100) == b"one\ntwo\nx\ny\n"
    assert spool.read(5, 9) == b"wo\nx"
    spool.close()


def test_what_neither_disk_nor_memory_takes_is_counted(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, quota=0)
    spool.append(b"a" * IN_MEMORY)
    spool.append(b"late\n")
    assert (spool.size, spool.lost, spool.line_count) == (IN_MEMORY, 5, 1)
    spool.close()


def test_the_quota_leaves_half_of_the_free_space(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path)
    room = os.statvfs(tmp_path)
    assert 0 < spool.quota <= min(8 << 30, room.f_blocks * room.f_frsize)
    spool.close()


pieces = st.lists(
    st.sampled_from([b"", b"a", b"\n", b"\r\n", b"bc\n\nd", b"\n\n"]) | st.binary(max_size=8), max_size=12
)


@settings(deadline=None, max_examples=150)
@given(parts=pieces, data=st.data())
def test_any_span_reads_as_its_bytes_and_as_its_lines(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], data: st.DataObject
) -> None:
    spool = filled(tmp_path_factory.getbasetemp(), *parts)
    try:
        whole = b"".join(parts)
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(0, len(whole)))
        assert spool.size == len(whole)
        assert spool.read(start, end) == whole[start:end]
        expected = whole[start:end].split(b"\n")
        if expected[-1] == b"":
            expected.pop()
        assert lines(spool, start, end) == expected
    finally:
        spool.close()
