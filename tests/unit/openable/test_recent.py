# SPDX-License-Identifier: Apache-2.0
"""The list of what was opened lately: newest first, bounded, private; a damaged one is told and written anew."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from xcrash.openable import Recent, read_recent, recent_file, remember
from xcrash.openable.recent import MOST, opened_before
from xcrash.target import Choices, Target


def opened(path: Path | str, **choices: object) -> tuple[Target, Choices]:
    return Target(kind="dump", path=str(path)), Choices(target=str(path), **choices)  # type: ignore[arg-type]


def test_what_was_opened_is_remembered_with_the_choices_that_mattered() -> None:
    target, choices = opened("/var/crash/1/vmcore", vmlinux="/d/vmlinux", crash_args=("--minimal",), record=True)
    assert remember(target, choices, now=100.0) == ""
    found, problem = read_recent()
    assert problem == ""
    assert [(one.target, one.vmlinux, one.crash_args, one.at) for one in found] == [
        ("/var/crash/1/vmcore", "/d/vmlinux", ("--minimal",), 100.0)
    ]
    again = found[0].choices(Choices(ask=False, rescue=True))
    assert (again.target, again.vmlinux, again.ask, again.rescue) == (target.path, "/d/vmlinux", False, True)


def test_the_newest_is_first_and_each_target_there_once() -> None:
    for at, name in enumerate(("a", "b", "a", "c")):
        remember(*opened(f"/{name}"), now=float(at))
    remember(Target(kind="live", path="/proc/kcore"), Choices(), now=9.0)
    assert [one.target for one in read_recent()[0]] == [None, "/c", "/a", "/b"]


def test_the_list_is_bounded_and_for_its_user_only() -> None:
    for at in range(MOST + 5):
        remember(*opened(f"/{at}"), now=float(at))
    found, _ = read_recent()
    assert len(found) == MOST and found[0].target == f"/{MOST + 4}"
    path = recent_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["recent.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"opened": 3}',
        '{"opened": {}}',
        "[" * 100_000,
        "\x00\xff",
        '{"opened": "abc"}',
    ],
)
def test_a_damaged_list_is_told_and_written_anew(text: str) -> None:
    path = recent_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="latin-1")
    found, problem = read_recent()
    assert found == ()
    assert problem or text in ('{"opened": {}}', '{"opened": "abc"}')
    assert remember(*opened("/x")) == ""
    assert [one.target for one in read_recent()[0]] == ["/x"]


def test_entries_that_do_not_fit_are_left_out() -> None:
    path = recent_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    good = {"kind": "dump", "at": 5.0, "target": "/good", "of another version": 1}
    bad = [{"kind": "dump", "at": 1}, {"kind": "else", "at": 1, "target": "/x"}, {"at": []}, 7, None]
    path.write_text(json.dumps({"opened": [*bad, good]}))
    assert [one.target for one in read_recent()[0]] == ["/good"]


def test_a_list_that_is_no_file_is_not_waited_for() -> None:
    path = recent_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    assert "not a regular file" in read_recent()[1]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = recent_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path.symlink_to(victim)
    assert read_recent()[1]
    assert remember(*opened("/x")) == ""
    assert victim.read_text() == "mine" and not path.is_symlink()


def test_a_name_that_is_not_utf_8_comes_back() -> None:
    name = "/" + b"\xff\x1b[31m\n".decode("utf-8", "surrogateescape")
    remember(*opened(name))
    assert read_recent()[0][0].target == name


def test_where_nothing_can_be_written_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in remember(*opened("/x"), path=tmp_path / "file" / "recent.json")


def test_an_entry_says_whether_it_is_still_there(tmp_path: Path) -> None:
    there = tmp_path / "vmcore"
    there.write_text("")
    base = Choices(ask=False)
    item = opened_before(Recent(kind="dump", at=1.0, target=str(there), vmlinux="/v"), base)
    assert (item.verdict, item.tone, item.choices and item.choices.ask) == ("with vmlinux /v", "plain", False)
    gone = opened_before(Recent(kind="dump", at=1.0, target=f"{there}/no"), base)
    assert (gone.verdict, gone.tone) == ("no longer there", "dim")
    assert opened_before(Recent(kind="dump", at=1.0, target="/" + "x" * 5000), base).tone == "dim"
    assert opened_before(Recent(kind="live", at=1.0), base).name == "the running kernel"


def test_another_machine_is_not_asked_whether_it_is_still_there() -> None:
    item = opened_before(Recent(kind="live", at=1.0, target="ssh://root@dom0.invalid"), Choices())
    assert (item.name, item.verdict, item.tone) == ("ssh://root@dom0.invalid", "", "plain")
    assert item.choices is not None and item.choices.target == "ssh://root@dom0.invalid"
