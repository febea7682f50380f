# SPDX-License-Identifier: Apache-2.0
"""Keeping an answer in a file: as text, whole or not at all, over nothing that was not meant."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from xcrash.errors import UsageError
from xcrash.output import save
from xcrash.output.save import file_name, named_file, save_output
from xcrash.session import Spool

DATA = b"\x1b[31mred\x1b[0m\r\nline 2\r\n\xff\r\n"
CLEAN = b"red\nline 2\n\xff\n"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    one = Spool.create(tmp_path / "spool")
    one.append(b"before\r\n" + DATA + b"after\r\n")
    yield one
    one.close()


def saved(spool: Spool, typed: str | Path, replace: bool = False) -> Path:
    return save_output(spool, 8, 8 + len(DATA), str(typed), replace)


@pytest.mark.parametrize("piece", [5, 9, 1 << 20])
def test_it_is_text_that_only_its_owner_reads(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(save, "_PIECE", max(piece, 14))
    path = saved(spool, tmp_path / "out.txt")
    assert path.read_bytes() == CLEAN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.txt", "spool"]


def test_a_home_directory_may_be_written_as_a_tilde(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert saved(spool, "~/answer.txt") == tmp_path / "answer.txt"
    monkeypatch.chdir(tmp_path)
    assert saved(spool, " here.txt ") == tmp_path / "here.txt"
    assert named_file("~/x") == tmp_path / "x"


def test_a_file_that_is_there_is_replaced_only_when_asked(spool: Spool, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("precious")
    with pytest.raises(UsageError) as caught:
        saved(spool, path)
    assert caught.value.code == "save-exists" and path.read_text() == "precious"
    assert saved(spool, path, replace=True).read_bytes() == CLEAN


@pytest.mark.parametrize("typed", ["", "   ", "a\0b"])
def test_a_name_is_needed(spool: Spool, typed: str) -> None:
    with pytest.raises(UsageError, match="needs a name"):
        saved(spool, typed)


@pytest.mark.parametrize("name", ["missing/out.txt", "file/out.txt", "x" * 300, "~nobody-of-this-name/x"])
def test_a_place_that_cannot_be_written_says_why(spool: Spool, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        saved(spool, name if name.startswith("~") else tmp_path / name)
    assert caught.value.code == "save" and caught.value.hint


def test_what_is_no_file_is_not_replaced(spool: Spool, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "spool"):
        with pytest.raises(UsageError, match="not a regular file"):
            saved(spool, tmp_path / name, replace=True)
    assert target.read_text() == "precious"


def test_a_failure_leaves_nothing_behind(spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old.txt"
    old.write_text("precious")

    def full(data: bytes) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(save, "strip_escapes", full)
    for path, replace in ((tmp_path / "new.txt", False), (old, True)):
        with pytest.raises(UsageError, match="No space left"):
            saved(spool, path, replace)
    assert old.read_text() == "precious"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["old.txt", "spool"]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("foreach UN bt", "foreach-UN-bt.txt"),
        ("", "output.txt"),
        ("../../etc/passwd", "etc-passwd.txt"),
        ("p ~;!rm -rf /", "p-rm-rf.txt"),
        ("-rf", "rf.txt"),
        ("x" * 200, "x" * 60 + ".txt"),
    ],
)
def test_a_name_is_made_of_harmless_letters(command: str, name: str) -> None:
    assert file_name(command) == name
