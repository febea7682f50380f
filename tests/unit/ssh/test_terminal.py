# SPDX-License-Identifier: Apache-2.0
"""What the login's shell over there is given to run: every word arrives as it was, whatever shell that is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xcrash.ssh.terminal import terminal_command

SHELLS = [
    (name, *options)
    for name, *options in (("sh",), ("bash",), ("dash",), ("ksh",), ("zsh",), ("fish",), ("tcsh",), ("busybox", "sh"))
    if shutil.which(name)
]
SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd(), os.getpid()]))"
HOSTILE = [
    "plain",
    "two words",
    "it's",
    '"double"',
    "$HOME `id` $(id)",
    "; id",
    "back\\slash\\",
    "*",
    "!!",
    "-n",
    "",
    "a=b",
    "#",
    "é\udcff",
]


@pytest.mark.parametrize("shell", SHELLS, ids=[" ".join(shell) for shell in SHELLS])
def test_words_environment_and_directory_arrive_as_they_are(shell: tuple[str, ...], tmp_path: Path) -> None:
    directory = tmp_path / "it's a 'place'"
    directory.mkdir()
    env = {"HOME": "/x y", "ODD": "$(id) 'q'", "EMPTY": ""}
    argv = [sys.executable, "-I", "-S", "-c", SHOW, *HOSTILE]
    command = terminal_command(str(directory), env, argv)
    assert "\n" not in command
    done = subprocess.run([*shell, "-c", command], capture_output=True, check=True)
    words, environment, place, number = json.loads(done.stdout)
    assert words == HOSTILE
    assert {name: environment.get(name) for name in env} == env
    assert set(environment) - set(env) <= {"PWD", "LC_CTYPE", "SHLVL", "_", "OLDPWD"}
    assert place == str(directory)
    assert (directory / ".pid").read_text().strip().isdigit() and number > 0


@pytest.mark.parametrize(("ending", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -SEGV $$", 139)])
def test_the_leader_passes_on_how_crash_ended(ending: str, status: int, tmp_path: Path) -> None:
    command = terminal_command(str(tmp_path), {}, ["/bin/sh", "-c", ending])
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (status, b"")


def test_without_its_directory_nothing_is_started(tmp_path: Path) -> None:
    command = terminal_command(str(tmp_path / "none"), {}, ["touch", str(tmp_path / "started")])
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.returncode == 1 and not (tmp_path / "started").exists()
