# SPDX-License-Identifier: Apache-2.0
"""A machine behind ssh gives the answers that it gives to itself, in few round trips, and writes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.far.daemon import Daemon
from tests.unit.images import builders
from xcrash.discovery.far_lens import far_lens
from xcrash.discovery.lens_facts import module_places, what_is_there
from xcrash.discovery.survey import survey_live
from xcrash.errors import MemorySourceError, UsageError
from xcrash.host.facts import look_at_host
from xcrash.host.ssh_root import SshRoot
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import HostFacts, RunningKernel, XenFacts
from xcrash.images import identify_kernel
from xcrash.images.catalogue import Catalogue
from xcrash.images.classify import classify_image
from xcrash.plan.lens import choose_lens
from xcrash.ssh import Connection, Request, connect, parse_address
from xcrash.target import Choices

XEN_HOST = HostFacts(
    root="/", kind="live", kernel=RunningKernel(release="6.1.0-1-amd64"), xen=XenFacts(role="dom0", guest_type="PV")
)


@pytest.fixture
def connection(daemon: Daemon) -> Connection:
    return connect(parse_address(daemon.address))


@pytest.fixture
def root(connection: Connection) -> SshRoot:
    return SshRoot(connection)


class Traffic:
    """What goes over a connection: round trips and bytes that come back."""

    def __init__(self, connection: Connection, patch: pytest.MonkeyPatch) -> None:
        self.trips = self.bytes = 0
        ask_all = connection.ask_all

        def counted(requests: list[Request], patience: float = 30.0) -> object:
            replies = ask_all(requests, patience)
            self.trips += 1
            self.bytes += sum(len(reply.data) for reply in replies)
            return replies

        patch.setattr(connection, "ask_all", counted)


@pytest.fixture
def traffic(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traffic]:
    yield Traffic(connection, monkeypatch)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory with a file of every kind, and links in and out."""
    (tmp_path / "file").write_bytes(bytes(range(256)) * 64)
    (tmp_path / "empty").touch()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "é\udcff").write_text("x")
    (tmp_path / "link").symlink_to("below")
    (tmp_path / "dangling").symlink_to("none")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    return tmp_path


def test_every_answer_is_the_one_of_the_machine_itself(root: SshRoot, tree: Path) -> None:
    here = LocalRoot()
    names = [
        "",
        "file",
        "empty",
        "below",
        "link",
        "link/é\udcff",
        "dangling",
        "fifo",
        "none",
        "file/below",
        "a\nb",
    ]
    paths = [
        *(f"{tree}/{name}" for name in names),
        "/",
        "/dev/null",
        "/proc/version",
        "/proc/self",
        "/etc",
        "rel",
        "/a\0b",
    ]
    for path in paths:
        assert root.kind_of(path) == here.kind_of(path), path
        assert root.read(path, 1000) == here.read(path, 1000), path
        assert root.text(path, 1000) == here.text(path, 1000), path
        if not path.startswith("/proc"):
            assert root.list(path) == here.list(path), path
    assert root.unread == here.unread


def test_files_are_read_by_position_like_local_ones(root: SshRoot, tree: Path) -> None:
    data = (tree / "file").read_bytes()
    file = root.local(f"{tree}/file")
    assert file is not None
    for offset, size in (
        (0, 1),
        (5, 100),
        (4095, 2),
        (4096, 4096),
        (0, len(data)),
        (len(data) - 3, 100),
        (1 << 40, 10),
    ):
        assert file.read_at(offset, size) == data[offset : offset + size]
    here, there = (tree / "file").stat(), file.stat()
    assert (there.st_mode, there.st_size, there.st_dev, there.st_ino) == (
        here.st_mode,
        here.st_size,
        here.st_dev,
        here.st_ino,
    )
    assert str(root.local(f"{tree}/link/é\udcff")) == f"{tree}/below/é\udcff"
    missing = root.local(f"{tree}/none")
    assert missing is not None
    with pytest.raises(FileNotFoundError):
        missing.stat()
    stream = root.stream(f"{tree}/file")
    assert stream is not None
    with stream:
        assert stream.read() == data and stream.seek(-2, os.SEEK_END) == len(data) - 2 and stream.read() == data[-2:]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_noted_as_it_is_here(root: SshRoot, tree: Path) -> None:
    here = LocalRoot()
    (tree / "file").chmod(0)
    (tree / "below").chmod(0)
    for path in (f"{tree}/file", f"{tree}/below", f"{tree}/below/x"):
        assert root.read(path) is None and here.read(path) is None
        assert root.list(path) == here.list(path) == []
    assert root.unread == here.unread
    (tree / "below").chmod(0o700)


def test_commands_answer_and_their_failures_are_noted(root: SshRoot) -> None:
    here = LocalRoot()
    for argv in (("uname", "-a"), ("no-such-program",), ("sh", "-c", "echo x; echo why >&2; exit 3"), ("false",)):
        assert root.command(*argv) == here.command(*argv)
    assert root.unread == here.unread
    assert root.command("echo", "a\nb") is None


def test_the_facts_of_a_host_are_those_it_tells_itself_in_few_round_trips(
    root: SshRoot, traffic: Traffic, daemon: Daemon
) -> None:
    root.rehearse(lambda: look_at_host(root))
    far, here = look_at_host(root), look_at_host(LocalRoot())
    assert far.root == daemon.address
    same = msgspec.structs.replace(far, root="/")
    assert msgspec.to_builtins(same) == msgspec.to_builtins(here)
    assert traffic.trips <= 24


def test_a_survey_is_the_one_made_there(
    daemon: Daemon, connection: Connection, traffic: Traffic, tmp_path: Path
) -> None:
    crash = tmp_path / "crash"
    crash.write_text("#!/bin/sh\necho crash 8.0.2\n")
    crash.chmod(0o755)
    vmlinux = tmp_path / "vmlinux"
    vmlinux.write_bytes(builders.vmlinux().build())
    far = survey_live(Choices(target=daemon.address, crash=str(crash), vmlinux=str(vmlinux)))
    assert traffic.trips <= 40
    here = survey_live(Choices(crash=str(crash), vmlinux=str(vmlinux)))
    assert far.far is not None and str(far.far.address) == daemon.address and far.far.uid == os.geteuid()
    assert far.crash == here.crash and far.names == here.names and far.wanted == here.wanted
    assert far.memory is not None and here.memory is not None and far.memory.choice == here.memory.choice
    assert [one for one in far.decisions if one.what != "connection"] == list(here.decisions)
    assert all(step.reason.startswith(f"on {daemon.address}: ") for step in far.steps)


def test_of_a_large_vmlinux_only_the_tables_come_over(root: SshRoot, traffic: Traffic, tmp_path: Path) -> None:
    image = builders.vmlinux().build()
    path = tmp_path / "vmlinux"
    path.write_bytes(image)
    with path.open("r+b") as file:
        file.truncate(700 << 20)
    place = root.local(str(path))
    assert place is not None
    assert identify_kernel(place) == identify_kernel(path)
    assert classify_image(place, str(path)) == classify_image(path)
    assert traffic.bytes < 8 << 20


def test_images_are_the_same_over_there(root: SshRoot) -> None:
    root.rehearse(lambda: Catalogue(root).known_images())
    far, here = Catalogue(root).known_images(), Catalogue(LocalRoot()).known_images()
    assert [(one.path, str(one.local), one.also) for one in far.images] == [
        (one.path, str(one.local), one.also) for one in here.images
    ]
    assert far.modules == here.modules


def test_nothing_is_asked_twice_and_a_rehearsal_leaves_no_notes(root: SshRoot, traffic: Traffic, tree: Path) -> None:
    root.rehearse(lambda: (root.read("/etc/hostname"), root.read(f"{tree}/fifo")))
    assert root.unread == {}
    trips = traffic.trips
    assert root.read("/etc/hostname") == LocalRoot().read("/etc/hostname")
    assert root.read(f"{tree}/fifo") is None and root.unread == {f"{tree}/fifo": "not a regular file"}
    assert traffic.trips == trips


def test_a_connection_that_broke_is_an_error_and_the_next_one_works(daemon: Daemon, root: SshRoot) -> None:
    daemon.cut()
    with pytest.raises(MemorySourceError) as caught:
        root.read("/etc/passwd")
    assert caught.value.code in ("ssh-lost", "ssh-unreachable") and daemon.address in caught.value.message
    again = SshRoot(connect(parse_address(daemon.address)))
    assert again.read("/etc/passwd") == Path("/etc/passwd").read_bytes()


def test_a_host_that_is_not_there_is_told_in_the_words_of_ssh(daemon: Daemon) -> None:
    with pytest.raises(MemorySourceError) as caught:
        connect(parse_address("ssh://127.0.0.1:1"))
    assert caught.value.code == "ssh-unreachable" and "Connection refused" in caught.value.message
    assert caught.value.exit_status == 4


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("IdentityFile {directory}/stranger", "ssh-authentication", "Permission denied"),
        ("UserKnownHostsFile /dev/null", "ssh-host-key", "Host key verification failed"),
    ],
    ids=["key", "host-key"],
)
def test_what_ssh_refuses_is_never_asked_about(daemon: Daemon, setting: str, code: str, words: str) -> None:
    before = daemon.config.read_text()
    daemon.config.write_text(
        f"{setting.format(directory=daemon.directory)}\n"
        + "".join(line for line in before.splitlines(keepends=True) if not line.startswith(setting.split()[0]))
    )
    try:
        with pytest.raises(MemorySourceError) as caught:
            connect(parse_address(daemon.address))
    finally:
        daemon.config.write_text(before)
    assert caught.value.code == code and words in caught.value.message


def test_what_is_about_this_machine_does_not_go_with_another_one(daemon: Daemon) -> None:
    with pytest.raises(UsageError) as caught:
        survey_live(Choices(target=daemon.address, root="/mnt"))
    assert caught.value.code == "not-with-ssh"
    with pytest.raises(UsageError) as caught:
        survey_live(Choices(target=daemon.address, vmlinux="vmlinux"))
    assert caught.value.code == "far-path"


@pytest.mark.parametrize("installed", [True, False])
def test_the_xcrash_over_there_tells_what_its_lens_takes(root: SshRoot, tmp_path: Path, installed: bool) -> None:
    if installed:
        (tmp_path / "xcrash").write_text(f"#!{sys.executable}\nprint('never run')\n")
        (tmp_path / "xcrash").chmod(0o755)
    root.myself = root.myself._replace(path=str(tmp_path))
    host = look_at_host(root)
    found, here = far_lens(root, host), what_is_there(host)
    assert found.facts.program == installed and found.facts.device == here.device
    if installed:
        assert (found.interpreter, found.modules, found.facts) == (sys.executable, module_places(), here)
    choice = choose_lens(XEN_HOST, found.facts, "on", None)
    message = choice.refusal.message if choice.refusal else ""
    assert ("an xcrash of its own" in message) is not installed
