# SPDX-License-Identifier: Apache-2.0
"""A directory as the root of a machine: nothing in it leads out of it, hangs, fills the memory or raises."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.host import sysroot
from xcrash.host.sysroot import Entry, LocalRoot


def put(root: Path, path: str, text: str = "inside") -> Path:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("outside")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def link(machine: Path, name: str, target: str) -> None:
    place = machine / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def test_a_file_is_read_as_text(machine: Path) -> None:
    put(machine, "etc/hostname", "dl980-5\n")
    assert LocalRoot(machine).text("/etc/hostname") == "dl980-5\n"


@pytest.mark.parametrize("path", ["/", "//", "/."])
def test_every_way_to_write_the_root_is_the_live_machine(path: str) -> None:
    root = LocalRoot(path)
    assert (root.kind, root.where) == ("live", "/")


def test_a_directory_is_a_tree(machine: Path) -> None:
    root = LocalRoot(machine)
    assert (root.kind, root.where) == ("tree", str(machine))


def test_the_trees_root_itself_is_listed(machine: Path) -> None:
    put(machine, "a")
    (machine / "b").mkdir()
    link(machine, "c", "a")
    assert LocalRoot(machine).list("/") == [Entry("a", "file"), Entry("b", "directory"), Entry("c", "link")]


@pytest.mark.parametrize("path", ["/../secret", "/etc/../../secret", "/../../../../../../secret", "../secret"])
def test_dots_do_not_lead_out(path: str, machine: Path) -> None:
    (machine / "etc").mkdir()
    assert LocalRoot(machine).text(path) is None


def test_an_absolute_link_starts_at_the_root_again(machine: Path) -> None:
    put(machine, "usr/lib/os-release", "ID=sles\n")
    link(machine, "etc/os-release", "/usr/lib/os-release")
    assert LocalRoot(machine).text("/etc/os-release") == "ID=sles\n"


def test_an_absolute_link_to_what_only_exists_outside_leads_nowhere(machine: Path) -> None:
    link(machine, "etc/secret", str(machine.parent / "secret"))
    root = LocalRoot(machine)
    assert root.text("/etc/secret") is None
    assert root.unread == {}


def test_a_link_with_too_many_dots_stays_inside(machine: Path) -> None:
    put(machine, "secret", "inside")
    link(machine, "etc/link", "../../../../../../secret")
    assert LocalRoot(machine).text("/etc/link") == "inside"


def test_a_linked_directory_in_the_middle_of_a_path_is_followed(machine: Path) -> None:
    put(machine, "usr/lib/modules/6.1/modules.dep")
    link(machine, "lib", "usr/lib")
    assert LocalRoot(machine).local("/lib/modules/6.1/modules.dep") == machine / "usr/lib/modules/6.1/modules.dep"


def test_dots_behind_a_linked_directory_mean_the_parent_of_its_target(machine: Path) -> None:
    put(machine, "usr/share/a", "target's")
    put(machine, "a", "link's")
    (machine / "usr/share/dir").mkdir()
    link(machine, "dir", "usr/share/dir")
    link(machine, "other", "dir/../a")
    root = LocalRoot(machine)
    assert root.text("/dir/../a") == "target's"
    assert root.text("/other") == "target's"


def test_dots_behind_a_directory_that_is_not_there_lead_nowhere(machine: Path) -> None:
    put(machine, "a")
    assert LocalRoot(machine).text("/missing/../a") is None


def test_a_link_that_leads_back_through_its_own_directory_is_followed(machine: Path) -> None:
    put(machine, "b/y/z", "found")
    link(machine, "a", "b")
    link(machine, "b/x", "/a/y")
    assert LocalRoot(machine).text("/b/x/z") == "found"


@pytest.mark.parametrize("path", ["/loop", "/loop/x", "/one"])
def test_a_loop_of_links_ends_with_a_reason(path: str, machine: Path) -> None:
    link(machine, "loop", "loop")
    link(machine, "one", "two")
    link(machine, "two", "one")
    root = LocalRoot(machine)
    assert (root.read(path), root.list(path), root.kind_of(path), root.local(path)) == (None, [], None, None)
    assert root.unread == {path: "too many symbolic links"}


def test_as_many_links_as_the_kernel_follows_are_followed(machine: Path) -> None:
    put(machine, "l0", "end")
    for number in range(1, 42):
        link(machine, f"l{number}", f"l{number - 1}")
    root = LocalRoot(machine)
    assert root.text("/l40") == "end"
    assert root.text("/l41") is None


def test_links_count_through_directories_too(machine: Path) -> None:
    (machine / "d0").mkdir()
    put(machine, "d0/file")
    for number in range(1, 42):
        link(machine, f"d{number}", f"d{number - 1}")
    root = LocalRoot(machine)
    assert root.text("/d40/file") == "inside"
    assert root.text("/d41/file") is None


def test_links_that_grow_the_path_without_end_are_given_up(machine: Path) -> None:
    tail = "/a" * 1900
    for number in range(39):
        link(machine, f"l{number}", f"l{number + 1}{tail}")
    assert LocalRoot(machine).read("/l0") is None


@pytest.mark.parametrize("path", ["/" + "a" * 300, "/" + "a/" * 2000, "/" + "a" * 5000, "/a\0b", "/\ud800"])
def test_a_path_that_no_system_takes_leads_nowhere(path: str, machine: Path) -> None:
    for root in (LocalRoot(machine), LocalRoot("/")):
        assert (root.read(path), root.list(path), root.kind_of(path)) == (None, [], None)


def test_names_with_line_feeds_and_bytes_that_are_not_utf8_are_listed_and_read(machine: Path) -> None:
    for name in (b"a\nb", b"\xff\xfe"):
        Path(os.fsdecode(os.fsencode(machine) + b"/" + name)).write_text("found")
    root = LocalRoot(machine)
    names = [entry.name for entry in root.list("/")]
    assert names == ["a\nb", "\udcff\udcfe"]
    assert [root.text("/" + name) for name in names] == ["found", "found"]


def test_a_reason_is_kept_under_a_name_that_can_be_encoded(machine: Path) -> None:
    os.mkfifo(os.fsencode(machine) + b"/\xff")
    root = LocalRoot(machine)
    assert root.read("/\udcff") is None
    assert root.unread == {"/\\udcff": "not a regular file"}


def test_a_fifo_is_not_waited_for(machine: Path) -> None:
    os.mkfifo(machine / "fifo")
    root = LocalRoot(machine)
    assert root.read("/fifo") is None
    assert root.kind_of("/fifo") == "other"
    assert root.unread == {"/fifo": "not a regular file"}


def test_a_socket_is_not_read() -> None:
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{directory}/s")
        assert LocalRoot(directory).read("/s") is None


def test_a_device_is_not_opened() -> None:
    root = LocalRoot("/")
    assert root.kind_of("/dev/null") == "character"
    assert root.read("/dev/null") is None
    assert root.unread == {"/dev/null": "not a regular file"}


def test_a_directory_is_no_file_and_a_file_no_directory(machine: Path) -> None:
    put(machine, "file")
    (machine / "directory").mkdir()
    root = LocalRoot(machine)
    assert root.read("/directory") is None
    assert root.list("/file") == []
    assert root.read("/file/below") is None
    assert root.unread == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_has_a_reason(machine: Path) -> None:
    put(machine, "file").chmod(0)
    (machine / "directory").mkdir(mode=0)
    root = LocalRoot(machine)
    assert (root.read("/file"), root.list("/directory"), root.kind_of("/directory/x")) == (None, [], None)
    assert set(root.unread.values()) == {"Permission denied"}


def test_of_a_huge_file_only_the_start_is_read(machine: Path) -> None:
    place = put(machine, "huge", "start")
    os.truncate(place, 1 << 40)
    root = LocalRoot(machine)
    data = root.read("/huge")
    assert data is not None
    assert (len(data), data[:5]) == (sysroot.LARGEST_TEXT, b"start")
    assert root.unread == {}


def test_a_text_that_is_cut_says_so(machine: Path) -> None:
    put(machine, "log", "abcdef")
    root = LocalRoot(machine)
    assert root.text("/log", 6) == "abcdef"
    assert root.unread == {}
    assert root.text("/log", 5) == "abcde"
    assert root.unread == {"/log": "only the first 5 bytes were looked at"}


def test_bytes_that_are_not_utf8_are_replaced_in_text(machine: Path) -> None:
    (machine / "f").write_bytes(b"a\xffb")
    assert LocalRoot(machine).text("/f") == "a\ufffdb"


def test_a_stream_seeks(machine: Path) -> None:
    put(machine, "f", "0123456789")
    file = LocalRoot(machine).stream("/f")
    assert file is not None
    with file:
        file.seek(8)
        assert file.read() == b"89"


def test_a_directory_with_too_many_entries_is_cut_and_says_so(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysroot, "MOST_ENTRIES", 10)
    for number in range(11):
        put(machine, f"d/{number}")
    root = LocalRoot(machine)
    assert len(root.list("/d")) == 10
    assert root.unread == {"/d": "more than 10 entries: the rest was not looked at"}


def test_a_copy_answers_no_command(machine: Path) -> None:
    assert LocalRoot(machine).command("true") is None


def test_the_live_machine_answers_a_command() -> None:
    assert LocalRoot("/").command("echo", "a") == "a\n"


@given(st.text(max_size=60), st.text(st.sampled_from("ab./"), max_size=20))
@settings(max_examples=150, deadline=None)
def test_no_path_and_no_link_leads_out(path: str, target: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        machine = Path(directory, "root")
        (machine / "a/b").mkdir(parents=True)
        if target:
            (machine / "a/l").symlink_to(target)
        root = LocalRoot(machine)
        for asked in (path, f"/a/l/{path}", f"/{target}/{path}", "/a/l"):
            root.read(asked)
            root.list(asked)
            root.kind_of(asked)
            place = root.local(asked)
            assert place is None or place == machine or machine in place.parents
            assert place is None or ".." not in place.parts
