# SPDX-License-Identifier: Apache-2.0
"""A Dom0 is known by its process, not by a number that another process may have by now; what it is made of."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.dom0.machine import Running, find_running, stop_dom0
from tests.lab.dom0.parts import _merge
from tests.lab.dom0.source import requirements
from tests.lab.proc import LabError

DEADLINE = 60.0


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for QEMU."""
    child = subprocess.Popen(["sleep", "1000"])
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def start_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def note(root: Path, pid: int, started: int) -> Running:
    home = root / "dom0-trixie"
    (home / "run").mkdir(parents=True, exist_ok=True)
    fields = {"suite": "trixie", "pid": pid, "started": started, "port": 2222, "release": "6.12", "build_id": "ab"}
    (home / "run/running.json").write_text(json.dumps({**fields, "home": "elsewhere"}))
    return Running("trixie", pid, started, 2222, "6.12", "ab", home)


def test_a_running_one_is_found_and_stopped(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    expected = note(tmp_path, sleeper.pid, start_time(sleeper.pid))
    running = find_running(tmp_path, "trixie")
    assert running == expected and running.alive
    stop_dom0(running)
    assert sleeper.wait(DEADLINE) == -15
    assert find_running(tmp_path, "trixie") is None and not (running.home / "run/running.json").exists()


def test_another_process_of_the_same_number_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    stale = note(tmp_path, sleeper.pid, start_time(sleeper.pid) - 1)
    assert find_running(tmp_path, "trixie") is None
    stop_dom0(stale)
    assert sleeper.poll() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_damaged_note_is_none(tmp_path: Path, text: str) -> None:
    place = tmp_path / "dom0-trixie/run/running.json"
    place.parent.mkdir(parents=True)
    place.write_text(text)
    assert find_running(tmp_path, "trixie") is None


def test_the_command_that_reaches_it_asks_nothing_and_runs_in_a_terminal_if_told(tmp_path: Path) -> None:
    running = note(tmp_path, 1, 1)
    config = str(tmp_path / "dom0-trixie/run/ssh_config")
    assert running.argv("id") == ["ssh", "-F", config, "dom0lab", "id"]
    assert running.argv("id", terminal=True) == ["ssh", "-F", config, "-tt", "dom0lab", "id"]


def test_a_directory_becomes_a_link_and_keeps_what_was_in_it(tmp_path: Path) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/env").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/cat").touch()
    for _ in range(2):
        _merge(tmp_path / "bin", "usr/bin")
        assert {path.name for path in (tmp_path / "bin").iterdir()} == {"cat", "env"}
        assert (tmp_path / "bin").is_symlink()


def test_what_xcrash_depends_on_is_read_from_the_working_tree(tmp_path: Path) -> None:
    project = '[project]\ndependencies = ["b>=1"]\n[project.optional-dependencies]\n'
    (tmp_path / "pyproject.toml").write_text(project + 'lens = ["a"]\ndev = ["c"]\n')
    assert requirements(tmp_path) == ["a", "b>=1"]
    (tmp_path / "pyproject.toml").write_text(project)
    assert requirements(tmp_path) == ["b>=1"]
    (tmp_path / "pyproject.toml").write_text("[build-system]\n")
    with pytest.raises(LabError, match="no working tree of xcrash"):
        requirements(tmp_path)
