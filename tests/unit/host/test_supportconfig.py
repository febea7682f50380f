# SPDX-License-Identifier: Apache-2.0
"""An unpacked supportconfig as a root."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.host import supportconfig
from xcrash.host.supportconfig import SupportconfigRoot
from xcrash.host.sysroot import Entry

HEAD = """\
=============================================================================
                     Support Utilities - Supportconfig
                          Script Version: 3.0-102
=============================================================================

"""
BASIC = (
    HEAD
    + """\
#==[ Command ]======================================#
# /bin/date
Fri Nov 20 06:55:06 CET 2015

#==[ Command ]======================================#
# /bin/uname -a
Linux dl980-5 3.12.49-6-xen #1 SMP Mon Oct 26 16:05:37 UTC 2015 (11560c3) x86_64 x86_64 x86_64 GNU/Linux

#==[ Configuration File ]===========================#
# /etc/SuSE-release
SUSE Linux Enterprise Server 12 (x86_64)
VERSION = 12
# This file is deprecated and will be removed in a future service pack or release.


#==[ System ]=======================================#
# Virtualization
Hypervisor:    Xen (/proc/xen)
"""
)
BOOT = (
    HEAD
    + """\
#==[ Configuration File ]===========================#
# /boot/grub/menu.lst - File not found

#==[ Configuration File ]===========================#
# /etc/default/grub
GRUB_CMDLINE_XEN="dom0_max_vcpus=4"


#==[ Configuration File ]===========================#
# /etc/sysconfig/empty


#==[ Command ]======================================#
# /bin/cat /proc/cmdline
root=/dev/sda2 splash=silent

#==[ Command ]======================================#
# /bin/cat /proc/xen/capabilities
cat: /proc/xen/capabilities: No such file or directory

#==[ Command ]======================================#
# /usr/sbin/efibootmgr -v
ERROR: Command not found or not executable

#==[ Log File ]=====================================#
# /var/log/xen/xend.log - Last 2500 Lines
[2015-11-20] started

"""
)


@pytest.fixture
def root(tmp_path: Path) -> SupportconfigRoot:
    (tmp_path / "basic-environment.txt").write_text(BASIC)
    (tmp_path / "boot.txt").write_text(BOOT)
    return SupportconfigRoot(tmp_path)


def one(directory: Path, text: str | bytes) -> SupportconfigRoot:
    (directory / "basic-environment.txt").write_bytes(text.encode() if isinstance(text, str) else text)
    return SupportconfigRoot(directory)


def test_it_says_what_and_where_it_is(root: SupportconfigRoot, tmp_path: Path) -> None:
    assert (root.kind, root.where) == ("supportconfig", str(tmp_path))


def test_a_command_answers_without_its_directory(root: SupportconfigRoot) -> None:
    text = root.command("uname", "-a")
    assert text is not None
    assert text.startswith("Linux dl980-5 3.12.49-6-xen #1 SMP")
    assert text.endswith("GNU/Linux\n")
    assert root.command("/usr/bin/date") == "Fri Nov 20 06:55:06 CET 2015\n"


def test_a_command_that_was_not_asked_has_no_answer(root: SupportconfigRoot) -> None:
    assert (root.command("uname"), root.command("xl", "info"), root.command()) == (None, None, None)


def test_a_command_that_could_not_be_run_has_a_reason(root: SupportconfigRoot) -> None:
    assert root.command("efibootmgr", "-v") is None
    assert root.unread == {"efibootmgr -v": "not run: not found or not executable"}


def test_a_command_is_found_by_its_first_words(root: SupportconfigRoot) -> None:
    assert root.command_starting("cat", "/proc/cmdline") == ("cat /proc/cmdline", "root=/dev/sda2 splash=silent\n")
    assert root.command_starting("uname") == ("uname -a", root.command("uname", "-a"))
    assert root.command_starting("una") is None


def test_quotes_and_blanks_of_a_command_do_not_count(tmp_path: Path) -> None:
    root = one(tmp_path, "#==[ Command ]===#\n# sh -c  'rpm -qa | sort'\na\n")
    assert root.command("sh", "-c", "rpm -qa | sort") == "a\n"


def test_a_configuration_file_is_read_with_its_comments_if_it_has_some(root: SupportconfigRoot) -> None:
    assert root.text("/etc/SuSE-release") == (
        "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\n"
        "# This file is deprecated and will be removed in a future service pack or release.\n"
    )
    assert root.read("/etc/default/grub") == b'GRUB_CMDLINE_XEN="dom0_max_vcpus=4"\n'
    assert root.text("etc/../etc//default/grub") == 'GRUB_CMDLINE_XEN="dom0_max_vcpus=4"\n'


def test_a_file_of_comments_alone_is_empty_and_one_that_was_not_found_is_none(root: SupportconfigRoot) -> None:
    assert root.text("/etc/sysconfig/empty") == ""
    assert root.text("/boot/grub/menu.lst") is None
    assert root.text("/etc/passwd") is None
    assert root.unread == {}


def test_the_tail_of_a_log_says_that_it_is_one(root: SupportconfigRoot) -> None:
    assert root.text("/var/log/xen/xend.log") == "[2015-11-20] started\n"
    assert root.unread == {"/var/log/xen/xend.log": "the report holds its last 2500 lines only"}


def test_what_cat_printed_is_the_file(root: SupportconfigRoot) -> None:
    assert root.text("/proc/cmdline") == "root=/dev/sda2 splash=silent\n"


def test_what_cat_could_not_print_is_none(root: SupportconfigRoot) -> None:
    assert root.text("/proc/xen/capabilities") is None
    assert root.unread == {
        "/proc/xen/capabilities": "cat: /proc/xen/capabilities: No such file or directory",
    }


def test_a_text_that_is_cut_says_so(root: SupportconfigRoot) -> None:
    assert root.text("/proc/cmdline", 4) == "root"
    assert root.read("/proc/cmdline", 4) == b"root"
    assert root.unread == {"/proc/cmdline": "only the first 4 bytes were looked at"}


def test_a_stream_holds_the_same_text(root: SupportconfigRoot) -> None:
    file = root.stream("/proc/cmdline")
    assert file is not None
    assert file.read() == b"root=/dev/sda2 splash=silent\n"
    assert root.stream("/nowhere") is None


def test_directories_are_those_of_the_known_files(root: SupportconfigRoot) -> None:
    assert root.list("/") == [Entry("etc", "directory"), Entry("proc", "directory"), Entry("var", "directory")]
    assert root.list("/etc") == [
        Entry("SuSE-release", "file"),
        Entry("default", "directory"),
        Entry("sysconfig", "directory"),
    ]
    assert root.list("/boot") == []
    assert (root.kind_of("/etc"), root.kind_of("/etc/SuSE-release"), root.kind_of("/boot")) == (
        "directory",
        "file",
        None,
    )


def test_nothing_lies_here_as_a_file_of_its_own(root: SupportconfigRoot) -> None:
    assert root.local("/etc/SuSE-release") is None


def test_a_section_without_text_gives_way_to_one_with(tmp_path: Path) -> None:
    section = "#==[ Configuration File ]===#\n# /etc/a\n{}\n\n"
    root = one(tmp_path, section.format("") + section.format("text") + section.format("later"))
    assert root.text("/etc/a") == "text\n"


def test_a_path_that_climbs_is_a_name_inside(tmp_path: Path) -> None:
    root = one(tmp_path, "#==[ Log File ]===#\n# /var/../../../.vimrc - Last 10 Lines\ntext\n")
    assert root.text("/.vimrc") == "text\n"
    assert root.list("/") == [Entry(".vimrc", "file")]


@pytest.mark.parametrize("title", ["", "\n", "#", "# ", "no title\n", "# relative/path\n", "#==[ Command ]==#\n"])
def test_a_section_without_a_title_is_passed_over(title: str, tmp_path: Path) -> None:
    root = one(tmp_path, "#==[ Configuration File ]===#\n" + title)
    assert root.list("/") == []


def test_a_mark_across_two_pieces_of_a_file_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(1, 12):
        monkeypatch.setattr(supportconfig, "_CHUNK", size)
        root = one(tmp_path, BASIC)
        assert root.command("date") == "Fri Nov 20 06:55:06 CET 2015\n"
        assert root.text("/etc/SuSE-release", 12) == "SUSE Linux E"
        assert sorted(root._sections().commands) == ["date", "uname -a"]


def test_a_file_that_is_too_large_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supportconfig, "LARGEST_FILE", 1000)
    root = one(tmp_path, BASIC + "x" * 2000)
    assert root.command("date") is not None
    assert root.unread == {"/basic-environment.txt": "only the first 1000 bytes were looked at"}


def test_too_many_sections_are_cut_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supportconfig, "MOST_SECTIONS", 5)
    section = "#==[ Configuration File ]===#\n# /etc/{}\ntext\n"
    (tmp_path / "z.txt").write_text(section.format("z"))
    root = one(tmp_path, "".join(section.format(number) for number in range(9)))
    assert [entry.name for entry in root.list("/etc")] == ["0", "1", "2", "3", "4"]
    assert set(root.unread) == {"/basic-environment.txt", "/z.txt"}


def test_text_files_that_are_none_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.txt")
    (tmp_path / "directory.txt").mkdir()
    (tmp_path / "link.txt").symlink_to("/etc/passwd")
    assert one(tmp_path, BASIC).command("date") == "Fri Nov 20 06:55:06 CET 2015\n"


def test_paths_without_end_make_no_directories_without_end(tmp_path: Path) -> None:
    title = "/" + "a/" * 2000
    root = one(tmp_path, "".join(f"#==[ Log File ]===#\n# {title}{number}\nx\n" for number in range(200)))
    assert root.list("/") == [Entry("a", "directory")]
    assert sum(map(len, root._sections().directories.values())) <= supportconfig.MOST_ENTRIES


PIECES = [
    b"#==[ Command ]==#\n",
    b"#==[ Log File ]==#\n",
    b"#==[",
    b"# /etc/a\n",
    b"# /bin/cat /etc/b\n",
    b"# /a - Last 9 Lines\n",
    b" - File not found",
    b"\n",
    b"\0",
    b"\xff",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=25))
@settings(max_examples=80, deadline=None)
def test_any_bytes_make_a_root(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = one(Path(directory), b"".join(pieces))
        for key in [*root._sections().commands]:
            root.command(key)
        for path in [*root._sections().files, "/", "/etc"]:
            root.text(path)
            root.list(path)
            root.kind_of(path)
