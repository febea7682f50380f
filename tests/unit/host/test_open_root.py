# SPDX-License-Identifier: Apache-2.0
"""Which kind of root a directory is, and what is refused."""

from __future__ import annotations

import os
import shlex
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.errors import UsageError
from xcrash.host.open_root import _unpacked, open_root

SECTION = "=====\n   Support Utilities\n=====\n\n#==[ Command ]====#\n# /bin/date\nFri Nov 20\n\n"


def put(directory: Path, path: str, text: str = "") -> None:
    place = directory / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def refusal(path: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        open_root(path)
    return caught.value


def test_no_directory_is_the_live_machine() -> None:
    root = open_root(None)
    assert (root.kind, root.where) == ("live", "/")


def test_the_directory_slash_is_the_live_machine() -> None:
    assert open_root(Path("/")).kind == "live"


def test_any_directory_is_a_tree(tmp_path: Path) -> None:
    put(tmp_path, "etc/hostname", "a\n")
    root = open_root(tmp_path)
    assert (root.kind, root.text("/etc/hostname")) == ("tree", "a\n")


@pytest.mark.parametrize("files", [["sos_commands/x/y"], ["sos_reports/sos.txt"], ["version.txt", "sos_logs/sos.log"]])
@pytest.mark.parametrize("inside", ["", "sosreport-host-123/"])
def test_a_sosreport_is_told_by_its_own_directories(files: list[str], inside: str, tmp_path: Path) -> None:
    for path in files:
        put(tmp_path, inside + path)
    put(tmp_path, "sosreport-host-123.tar.xz.md5")
    root = open_root(tmp_path)
    assert (root.kind, root.where) == ("sosreport", str(tmp_path / inside))


@pytest.mark.parametrize("file", ["basic-environment.txt", "supportconfig.txt"])
@pytest.mark.parametrize("inside", ["", "scc_dl980-5_151120_0655/"])
def test_a_supportconfig_is_told_by_its_sections(file: str, inside: str, tmp_path: Path) -> None:
    put(tmp_path, inside + file, SECTION)
    root = open_root(tmp_path)
    assert (root.kind, root.where) == ("supportconfig", str(tmp_path / inside))


def test_a_text_without_sections_makes_no_supportconfig(tmp_path: Path) -> None:
    put(tmp_path, "basic-environment.txt", "see #==[ Command ]\n")
    assert open_root(tmp_path).kind == "tree"


def test_a_directory_of_two_reports_is_none_of_them(tmp_path: Path) -> None:
    put(tmp_path, "one/sos_commands/x")
    put(tmp_path, "two/sos_commands/x")
    assert open_root(tmp_path).kind == "tree"


def test_a_linked_report_outside_is_not_looked_into(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/sos_commands/x")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path / "elsewhere")
    assert open_root(tmp_path / "root").kind == "tree"


@pytest.mark.parametrize("name", ["missing", "file/below", "dangling"])
def test_a_directory_that_is_not_there_is_refused(name: str, tmp_path: Path) -> None:
    put(tmp_path, "file")
    (tmp_path / "dangling").symlink_to("nowhere")
    error = refusal(tmp_path / name)
    assert (error.code, error.exit_status) == ("root-missing", 2)
    assert error.message == f"There is no directory {tmp_path / name}."


@pytest.mark.parametrize("path", ["\0", "a" * 5000, "\ud800"])
def test_a_name_that_no_directory_can_have_is_refused(path: str, tmp_path: Path) -> None:
    assert refusal(tmp_path / path).code in ("root-missing", "root-unreadable")


def test_a_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "vmcore", "KDUMP   ")
    error = refusal(tmp_path / "vmcore")
    assert (error.code, error.message) == ("root-not-a-directory", f"{tmp_path / 'vmcore'} is not a directory.")


def test_a_fifo_and_a_device_are_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.tgz")
    assert refusal(tmp_path / "fifo.tgz").code == "root-not-a-directory"
    assert refusal(Path("/dev/zero")).code == "root-not-a-directory"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_an_archive_is_told_by_its_content_and_named_with_the_command(mode: str, tmp_path: Path) -> None:
    put(tmp_path, "scc/basic-environment.txt", SECTION)
    archive = tmp_path / "the customer's report"
    with tarfile.open(archive, mode) as tar:  # type: ignore[call-overload]  # the mode is one of its literals
        tar.add(tmp_path / "scc", "scc")
    error = refusal(archive)
    assert (error.code, error.message) == ("root-is-an-archive", f"{archive} is an archive; a root is a directory.")
    command = error.hint.splitlines()[0].removeprefix("Unpack it with: ")
    (tmp_path / "here").mkdir()
    subprocess.run(shlex.split(command), check=True, cwd=tmp_path / "here")
    assert open_root(tmp_path / "here").kind == "supportconfig"


@pytest.mark.parametrize("name", ["scc_h.txz", "nts_h.tbz", "scc_h.tgz", "sosreport-h.tar.xz", "A.TAR.GZ"])
def test_an_archive_is_told_by_its_name_too(name: str, tmp_path: Path) -> None:
    put(tmp_path, name, "not packed")
    assert refusal(tmp_path / name).code == "root-is-an-archive"


@given(st.sampled_from([b"", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"]), st.binary(max_size=400))
@settings(max_examples=60)
def test_any_packed_bytes_unpack_to_bytes(start: bytes, rest: bytes) -> None:
    assert len(_unpacked(start + rest)) <= 512
