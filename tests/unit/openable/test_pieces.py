# SPDX-License-Identifier: Apache-2.0
"""The pieces of the survey: words, mounts, peeks into recordings, completion of paths, previews."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.screens import DEMO
from tests.unit.images import builders
from xcrash.errors import UsageError
from xcrash.openable.dumps import pending_dump
from xcrash.openable.file_names import complete_path, longest_beginning
from xcrash.openable.places import network_mounts, network_of
from xcrash.openable.preview import edited, preview
from xcrash.openable.recordings import recorded
from xcrash.openable.values import Openable
from xcrash.openable.walk import File
from xcrash.openable.wording import age_words, duration_words, size_words
from xcrash.target import Choices


def test_sizes_durations_and_ages_are_words() -> None:
    assert [size_words(size) for size in (0, 999, 1500, 96_700_000, 1_200_000_000)] == [
        "0 bytes",
        "999 bytes",
        "1.5 kB",
        "96.7 MB",
        "1.2 GB",
    ]
    assert [duration_words(seconds) for seconds in (0.2, 89, 1080, 7200)] == ["0 s", "89 s", "18 min", "2.0 h"]
    now = 1_800_000_000.0
    ages = [age_words(now - age, now) for age in (0, 59, 600, 7200, 40 * 3600, 20 * 86400)]
    assert ages == ["0 s ago", "59 s ago", "10 min ago", "2 h ago", "40 h ago", "20 d ago"]
    assert age_words(now - 90 * 86400, now) == "2026-10-17"
    assert age_words(now + 9e6, now).startswith("2027-")
    assert age_words(None, now) == age_words(1e300, now) == age_words(float("nan"), now) == ""


def test_mounts_of_a_network_are_known_by_their_type(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
        "40 22 0:40 / /mnt/with\\040blank rw - nfs4 server:/x rw\n"
        "41 22 0:41 / /mnt/with\\040blank/local rw - xfs /dev/sdb rw\n"
        "broken line\n\n"
    )
    mounts = network_mounts(table)
    assert network_of("/mnt/with blank/a/b", mounts) == "nfs4"
    assert network_of("/mnt/with blank/local/a", mounts) is None
    assert network_of("/mnt/without", mounts) is None
    assert network_mounts(tmp_path / "none") == {}


def file(path: Path) -> File:
    facts = path.stat()
    return File(str(path), facts.st_size, facts.st_mtime, (facts.st_dev, facts.st_ino))


def test_the_demo_is_known_by_its_header() -> None:
    item = recorded(file(DEMO))
    assert item.about.endswith(" commands")
    assert "dump" in item.verdict and "6.12" in item.verdict


def test_a_long_recording_is_read_at_both_ends_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xcrash.openable.recordings.MOST_READ", 2000)
    lines = [{"version": 2, "width": 80, "height": 24, "xcrash": {}}]
    events = [[number, "i" if number % 10 == 0 else "o", "x" * 20 + "\r"] for number in range(1000)]
    path = tmp_path / "long.cast"
    path.write_text("".join(json.dumps(line) + "\n" for line in (*lines, *events)) + '[10000, "o')
    item = recorded(file(path))
    assert item.about.endswith("or more")
    assert item.extent == "17 min"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"version": 2}',
        b'{"version": 99}\n',
        b'{"version": 2}\n[1e999, "o", "x"]\n[]\n[[]]\n',
        b"\xff" * 50,
    ],
)
def test_any_file_called_a_recording_is_described(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.cast"
    path.write_bytes(content)
    item = recorded(file(path))
    assert item.section == "recordings" and item.name == str(path)


def test_a_path_is_completed_as_a_shell_does(tmp_path: Path) -> None:
    for name in ("vmcore", "vmcore-dmesg.txt", ".hidden", "es\x1bc"):
        (tmp_path / name).touch()
    (tmp_path / "var").mkdir()
    found = complete_path(f"{tmp_path}/v")
    assert [Path(one).name for one in found] == ["var", "vmcore", "vmcore-dmesg.txt"]
    assert found[0].endswith("/")
    assert longest_beginning(complete_path(f"{tmp_path}/vm")) == f"{tmp_path}/vmcore"
    assert complete_path(f"{tmp_path}/e") == ()
    assert [Path(one).name for one in complete_path(f"{tmp_path}/.h")] == [".hidden"]
    assert complete_path("/no/such/place/") == complete_path("\0") == ()


def test_a_preview_shows_the_plan_or_why_there_is_none(tmp_path: Path) -> None:
    dump = tmp_path / "vmcore"
    dump.write_bytes(builders.core().build())
    item = pending_dump(file(dump))
    found = preview(item, Choices(target=str(dump)))
    assert "command" in [section.name for section in found.sections]
    assert found.plan is not None and found.plan.refusal is not None
    assert found.command == f"xcrash plan {dump}"
    gone = preview(item, Choices(target=str(tmp_path / "none")))
    assert [section.name for section in gone.sections] == ["refusal"]
    assert "no such" in gone.sections[0].rows[0].value
    wrong = preview(item, Choices(target=str(dump), vmlinux=str(dump), crash_args=("-x",), debug_dirs=("/d e",)))
    assert f"--vmlinux {dump}" in wrong.command and "'--debug-dir=/d e' --crash-arg=-x" in wrong.command


def test_a_preview_of_a_recording_reads_nothing() -> None:
    item = Openable(key="k", section="recordings", kind="recording", target="/none.cast", name="/none.cast")
    found = preview(item, Choices(target="/none.cast"))
    assert found.sections[0].rows[0].value == "/none.cast"


def test_what_is_typed_into_the_form_becomes_choices() -> None:
    base = Choices(target="/d", vmlinux="/old")
    made = edited(base, " /new ", "", "/proc/kcore", "--minimal '-x y'")
    assert (made.vmlinux, made.debuginfo, made.memory) == ("/new", None, "/proc/kcore")
    assert made.crash_args == ("--minimal", "-x y")
    assert edited(base, "", "", "auto", "") == Choices(target="/d")
    with pytest.raises(UsageError, match="cannot be read"):
        edited(base, "", "", "", "'open")
    with pytest.raises(UsageError, match="no memory source"):
        edited(base, "", "", "/dev/sda", "")
