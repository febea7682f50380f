# SPDX-License-Identifier: Apache-2.0
"""The survey of what can be opened: found, told, bounded, whatever lies there."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from tests.trees import debian12, sles12_sp1_xen
from tests.unit.images import builders
from xcrash import locations
from xcrash.openable import Found, HostKnown, Openable, Over, Progress, Remark, Surveyor, walk
from xcrash.openable import survey as surveying
from xcrash.openable.dumps import matched_dump
from xcrash.target import Choices


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    (made / "var" / "crash").mkdir(parents=True)
    (made / "etc").mkdir()
    return made


@pytest.fixture
def here(tmp_path: Path) -> Path:
    made = tmp_path / "here"
    made.mkdir()
    return made


def look(root: Path, here: Path) -> tuple[dict[str, Openable], list[Remark], Over]:
    """The last state of everything that was found."""
    found: dict[str, Openable] = {}
    remarks: list[Remark] = []
    over = None
    for event in Surveyor(Choices(root=str(root)), here).look():
        if isinstance(event, Found):
            found[event.item.key] = event.item
        elif isinstance(event, Remark):
            remarks.append(event)
        elif isinstance(event, Over):
            over = event
    assert over is not None
    return found, remarks, over


def dump(place: Path, size: int | None = None) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(builders.core().build()[:size])
    return place


def names(found: dict[str, Openable], section: str) -> list[str]:
    return [Path(item.name).name for item in found.values() if item.section == section]


@pytest.mark.parametrize(
    ("file", "text", "where"),
    [
        ("etc/kdump.conf", "# path /no\npath /srv/dumps\ncore_collector makedumpfile\n", "srv/dumps"),
        ("etc/sysconfig/kdump", 'KDUMP_SAVEDIR="file:///srv/dumps"\n', "srv/dumps"),
        ("etc/sysconfig/kdump", 'KDUMP_SAVEDIR="/srv/dumps"\n', "srv/dumps"),
        ("etc/default/kdump-tools", "KDUMP_COREDIR=/srv/dumps\n", "srv/dumps"),
        ("etc/os-release", "ID=debian\n", "var/crash"),
        ("etc/os-release", "ID=fedora\n", "var/spool/abrt"),
        ("etc/os-release", "ID=sles\n", "var/lib/xen/dump"),
    ],
)
def test_a_dump_is_found_where_the_distributions_put_it(
    root: Path, here: Path, file: str, text: str, where: str
) -> None:
    config = root / file
    config.parent.mkdir(exist_ok=True, parents=True)
    config.write_text(text)
    made = dump(root / where / "2026-11-20-06:55" / "vmcore")
    found, _, over = look(root, here)
    item = found[str(made)]
    assert (item.section, item.kind, item.pending) == ("dumps", "dump", False)
    assert item.about == builders.RELEASE
    assert item.verdict == "no vmlinux for this release" and item.tone == "doubt"
    assert "no vmlinux" in item.why
    assert f"/{where}" in over.searched


def test_the_vmlinux_of_a_dump_is_found_beside_it(root: Path, here: Path) -> None:
    made = dump(here / "case" / "vmcore")
    (made.parent / "vmlinux").write_bytes(builders.vmlinux().build())
    found, _, _ = look(root, here)
    item = found[str(made)]
    assert item.verdict.startswith("vmlinux found by build-id")
    assert item.beside == ("vmlinux",)


def test_a_cut_dump_says_so_and_names_the_files_beside_it(root: Path, here: Path) -> None:
    whole = len(builders.core(memory=bytes(1 << 16)).build())
    place = here / "d" / "vmcore"
    place.parent.mkdir()
    place.write_bytes(builders.core(memory=bytes(1 << 16)).build()[: whole - 9000])
    (place.parent / "vmcore-dmesg.txt").write_text("[    0.0] Linux version\n")
    found, _, _ = look(root, here)
    item = found[str(place)]
    assert "truncated" in item.verdict and item.tone == "bad"
    assert item.notes == ("beside it: vmcore-dmesg.txt",)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (bytes(70000), "zeros"), (b"\x1f\x8b\x08" + bytes(5000), "a gzip file")],
)
def test_what_is_called_a_dump_and_is_none_is_told(root: Path, here: Path, content: bytes, words: str) -> None:
    place = root / "var/crash/now/vmcore-incomplete"
    place.parent.mkdir()
    place.write_bytes(content)
    found, _, _ = look(root, here)
    assert words in found[str(place)].verdict
    assert found[str(place)].tone == "bad"


def test_texts_programs_and_kernels_are_no_dumps(root: Path, here: Path) -> None:
    (here / "vmlinux").write_bytes(builders.vmlinux().build())
    (here / "vmcore-dmesg.txt").write_text("x" * 9000)
    (here / "vmcore.md").write_text("about the vmcore\n" * 600)
    (here / "ls").write_bytes(Path("/bin/ls").read_bytes())
    found, _, _ = look(root, here)
    assert names(found, "dumps") == []


def test_nothing_waits_for_a_fifo_or_follows_a_loop(root: Path, here: Path) -> None:
    os.mkfifo(here / "vmcore")
    os.mkfifo(root / "var/crash/vmcore")
    os.mkfifo(here / "session.cast")
    (here / "loop").symlink_to(here)
    (here / "dangling").symlink_to("nowhere")
    (here / "self").symlink_to("self")
    (root / "var/crash/up").symlink_to("..")
    made = dump(here / "d" / "vmcore")
    (here / "link").symlink_to(made)
    found, _, _ = look(root, here)
    assert len(names(found, "dumps")) == 1, "by one of its names"


def test_a_large_directory_is_looked_at_in_part_and_that_is_told(
    root: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1100):
        (here / f"{number:04}").touch()
    found, remarks, _ = look(root, here)
    assert names(found, "dumps") == []
    assert [one.text for one in remarks if one.place == str(here)]
    assert "more than 1,000 entries" in remarks[0].text
    monkeypatch.setattr(surveying, "MOST_DUMPS", 3)
    for number in range(5):
        dump(root / "var/crash" / str(number) / "vmcore")
    found, remarks, _ = look(root, here)
    assert len(names(found, "dumps")) == 3
    assert any("2 older files" in one.text for one in remarks)


def test_the_walk_gives_up_after_its_time(root: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "WALK_SECONDS", -1.0)
    dump(here / "vmcore")
    found, remarks, _ = look(root, here)
    assert names(found, "dumps") == []
    assert any("given up" in one.text for one in remarks)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_told(root: Path, here: Path) -> None:
    locked = root / "var/crash/locked"
    locked.mkdir()
    locked.chmod(0)
    made = dump(here / "vmcore")
    made.chmod(0)
    found, remarks, _ = look(root, here)
    locked.chmod(0o700)
    assert any(one.place == str(locked) and "Permission denied" in one.text for one in remarks)
    assert "no permission" in found[str(made)].verdict


def test_an_unreadable_directory_is_a_remark(root: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refused(path: str) -> object:
        if str(path).endswith("var/crash"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr("xcrash.openable.walk.os.scandir", refused)
    _, remarks, _ = look(root, here)
    assert [one.text for one in remarks if one.place.endswith("var/crash")] == ["cannot be read: Permission denied"]


@pytest.mark.parametrize(
    "name", ["a\nb", "\x1b]0;T\x07", "[red]", "x" * 250, b"\xff\xfe".decode("utf-8", "surrogateescape")]
)
def test_any_name_is_found(root: Path, here: Path, name: str) -> None:
    made = here / name
    made.mkdir()
    dump(made / "vmcore")
    found, _, _ = look(root, here)
    assert str(made / "vmcore") in found


def test_what_is_far_away_is_not_entered(root: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dump(here / "far" / "vmcore")
    near = dump(here / "near" / "vmcore")
    mounts = {"/": "ext4", str(here / "far"): "nfs4"}
    monkeypatch.setattr(surveying, "network_mounts", lambda: mounts)
    found, remarks, _ = look(root, here)
    assert [item.name for item in found.values() if item.section == "dumps"] == [str(near)]
    assert any(one.place == str(here / "far") and "network (nfs4)" in one.text for one in remarks)


def test_a_place_that_is_far_away_is_looked_into_last(root: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "network_mounts", lambda: {"/": "ext4", str(root / "var/crash"): "nfs"})
    made = dump(root / "var/crash/d/vmcore")
    found, _, over = look(root, here)
    assert str(made) in found
    assert over.searched[-1] == "/var/crash"


def test_a_changed_dump_is_read_again_an_unchanged_one_is_not(
    root: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dump(here / "vmcore")
    surveyor = Surveyor(Choices(root=str(root)), here)
    read: list[str] = []
    real = matched_dump

    def counted(item: Openable, choices: Choices) -> Openable:
        read.append(item.name)
        return real(item, choices)

    monkeypatch.setattr(surveying, "matched_dump", counted)
    for _ in range(2):
        assert list(surveyor.look())
    assert read == [str(made)]
    os.utime(made, (1, 1))
    assert list(surveyor.look())
    surveyor.forget()
    assert list(surveyor.look())
    assert read == [str(made)] * 3


def test_it_stops_when_it_is_cancelled(root: Path, here: Path) -> None:
    dump(here / "vmcore")
    events = list(Surveyor(Choices(root=str(root)), here).look(lambda: True))
    assert not any(isinstance(event, Over) for event in events)


def test_progress_counts_what_was_looked_at(root: Path, here: Path) -> None:
    for number in range(3):
        dump(here / str(number) / "vmcore")
    events = list(Surveyor(Choices(root=str(root)), here).look())
    counted = [(event.done, event.total) for event in events if isinstance(event, Progress) and event.total]
    assert counted == [(0, 3), (1, 3), (2, 3)]


def test_the_live_host_says_why_it_can_or_cannot_be_opened(tmp_path: Path, here: Path) -> None:
    tree = debian12(tmp_path / "debian")
    found, _, _ = look(tree.root, here)
    live = found["live"]
    assert live.tone == "dim" and "a copy of a machine" in live.verdict
    assert live.plan is not None and live.plan.namelist is not None
    host = next(
        event.host for event in Surveyor(Choices(root=str(tree.root)), here).look() if isinstance(event, HostKnown)
    )
    assert host.os.id == "debian"


def test_a_driver_that_is_not_loaded_is_offered(tmp_path: Path, here: Path) -> None:
    found, _, _ = look(sles12_sp1_xen(tmp_path / "sles").root, here)
    assert "crash.ko is there, not loaded" in found["live"].notes[0]


def test_a_root_that_is_none_is_told(tmp_path: Path, here: Path) -> None:
    found, remarks, _ = look(tmp_path / "nowhere", here)
    assert "no directory" in found["live"].verdict
    assert remarks and "no directory" in remarks[0].text


def test_recordings_of_the_state_directory_and_of_the_current_one_are_listed(root: Path, here: Path) -> None:
    from tests.pty.casts import PS, Script

    kept = locations.recordings()
    kept.mkdir(parents=True)
    Script().command("ps", PS).command("bt", "PID: 1\r\n", pause=200.0).write(kept / "one.cast")
    Script().write(here / "two.cast")
    (here / "broken.cast").write_bytes(b"\x00\x01not a recording")
    (here / "notes.txt").write_text("nothing")
    found, _, _ = look(root, here)
    listed = {Path(item.name).name: item for item in found.values() if item.section == "recordings"}
    assert sorted(listed) == ["broken.cast", "one.cast", "two.cast"]
    assert (listed["one.cast"].about, listed["one.cast"].extent) == ("2 commands", "3 min")
    assert listed["two.cast"].about == "0 commands"
    assert listed["broken.cast"].tone == "bad" and "not an asciicast" in listed["broken.cast"].verdict


def test_everything_that_was_found_can_be_written_down(root: Path, here: Path) -> None:
    dump(here / "vmcore")
    found, _, _ = look(root, here)
    for item in found.values():
        assert msgspec.to_builtins(item)["key"] == item.key
