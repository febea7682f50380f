# SPDX-License-Identifier: Apache-2.0
"""The start-up files in crash's private HOME."""

from __future__ import annotations

from pathlib import Path

import pytest

from xcrash.locations import UserRc
from xcrash.plan.rc_files import StartFiles, start_files

HOME, CACHE = Path("/run/w"), Path("/cache")


def made(version: str | None, user: UserRc | None = None, cache: Path = CACHE) -> StartFiles:
    return start_files(version, Path("/usr/bin/crash"), HOME, cache, user)


def test_crash_9_gets_an_index_cache_in_the_words_of_gdb_16() -> None:
    files = made("9.0.2")
    (file,) = files.files
    assert (file.path, file.mode) == ("/run/w/.gdbinit", 0o600)
    assert file.text == "set index-cache directory /cache/gdb-index/16\nset index-cache enabled on\n"
    assert files.index_cache == "/cache/gdb-index/16"


def test_crash_8_gets_one_in_the_words_of_gdb_10() -> None:
    files = made("8.0.6")
    assert files.files[0].text == "set index-cache directory /cache/gdb-index/10\nset index-cache on\n"
    assert files.index_cache == "/cache/gdb-index/10"


@pytest.mark.parametrize("version", ["7.3.0", "10.0.0", "odd"])
def test_another_gdb_gets_none_and_the_plan_says_why(version: str) -> None:
    files = made(version)
    assert (files.files, files.index_cache) == ((), None)
    (decision,) = files.decisions
    assert decision.chosen is None and version in decision.reason


def test_an_unknown_crash_gets_nothing() -> None:
    assert made(None) == StartFiles((), (), (), None)


def test_a_cache_whose_name_would_be_another_command_is_not_used() -> None:
    assert made("9.0.2", cache=Path("/a\nshell reboot")).files == ()


def test_the_users_own_files_are_read_when_asked_for() -> None:
    files = made("9.0.2", UserRc("/home/u/.gdbinit", "/home/u/.crashrc"))
    assert files.files[0].text.endswith("source /home/u/.gdbinit\n")
    assert [(link.path, link.target) for link in files.links] == [("/run/w/.crashrc", "/home/u/.crashrc")]
    assert any(decision.what == "user's own start-up files" for decision in files.decisions)


def test_a_gdbinit_whose_name_would_be_another_command_is_not_read() -> None:
    files = made("9.0.2", UserRc("/home/u/a\nshell reboot", None))
    assert "reboot" not in files.files[0].text
    (decision,) = [one for one in files.decisions if one.what == "user's own start-up files"]
    assert decision.chosen is None
