# SPDX-License-Identifier: Apache-2.0
"""A copy of a recording is whole, private, and never written over something else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.pty.casts import PS, Script
from xcrash.errors import UsageError
from xcrash.transcript.recording import read_recording
from xcrash.transcript.save import save_copy


def test_a_copy_is_the_same_and_private(tmp_path: Path) -> None:
    source = Script().command("ps", PS).write(tmp_path / "a.cast")
    target = tmp_path / "b.cast"
    assert save_copy(source, target) == source.stat().st_size
    assert target.read_bytes() == source.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_of_a_recording_that_is_being_written_whole_lines_are_copied(tmp_path: Path) -> None:
    source = Script().command("ps", PS).write(tmp_path / "a.cast")
    whole = source.read_bytes()
    source.write_bytes(whole + b'[9.0, "o", "half a li')
    save_copy(source, tmp_path / "b.cast")
    assert (tmp_path / "b.cast").read_bytes() == whole


def test_as_text_it_is_what_a_terminal_would_show(tmp_path: Path) -> None:
    source = Script().command("ps", PS).write(tmp_path / "a.cast")
    save_copy(source, tmp_path / "b.txt")
    text = (tmp_path / "b.txt").read_text()
    assert "crash> ps\n" in text and "systemd" in text and "\r" not in text
    assert [one.command for one in read_recording(tmp_path / "b.txt").exchanges] == ["ps"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    source = Script().write(tmp_path / "a.cast")
    other = tmp_path / "b.cast"
    other.write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        save_copy(source, other)
    assert other.read_text() == "mine"
    with pytest.raises(UsageError, match="the recording itself"):
        save_copy(source, source, replace=True)
    (tmp_path / "link.cast").symlink_to(other)
    with pytest.raises(UsageError):
        save_copy(source, tmp_path / "link.cast")
    assert other.read_text() == "mine"


@pytest.mark.parametrize("name", ["no/such/b.cast", "n" * 300])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    source = Script().write(tmp_path / "a.cast")
    with pytest.raises(UsageError, match="cannot write"):
        save_copy(source, tmp_path / name)
