# SPDX-License-Identifier: Apache-2.0
"""Programs behind a lens over a file, and what may not be left of them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import namespace_of, pids
from tests.pty.running import until
from tests.unit.lens.dom0 import Dom0
from xcrash.session import PtyTransport

ROOT = Path(__file__).parents[2]


def fuse_missing() -> str:
    """Why no file system can be mounted here; empty where one can."""
    if os.geteuid() != 0:
        return "only root can mount the lens"
    if not Path("/dev/fuse").exists():
        return "there is no /dev/fuse"
    return ""


needs_fuse = pytest.mark.skipif(bool(fuse_missing()), reason=fuse_missing() or "FUSE works")


class Place:
    """A file in the place of /proc/kcore, and the words that start a program behind a lens over it."""

    def __init__(self, home: Path, machine: Dom0 | None = None) -> None:
        self.home = home
        self.machine = machine or Dom0()
        if machine is None:
            self.machine.seal()
        self.kcore = self.machine.write(home / "kcore")
        self.kallsyms = self.machine.write_kallsyms(home / "kallsyms")
        self.directory = home / "mounted"

    def wrapper(self, *more: str) -> tuple[str, ...]:
        """What is put in front of a command line."""
        places = ("--directory", str(self.directory), "--kcore", str(self.kcore), "--kallsyms", str(self.kallsyms))
        return (sys.executable, "-m", "xcrash.lens", *places, *more, "--")

    def reader(self) -> tuple[str, ...]:
        """The command line of the program that reads the file."""
        return (sys.executable, "-m", "tests.lens.reader", str(self.kcore))


class Started:
    """A program on a pty, with all it has printed."""

    def __init__(self, argv: tuple[str, ...], home: Path) -> None:
        env = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
        self.transport = PtyTransport(argv, env, home)
        self._never, self._waker = os.pipe()
        self.text = ""
        self.ended = False
        self.transport.open()
        self.pid = self.transport._pid

    def hear(self) -> None:
        """Take what has been printed."""
        data = self.transport.read(0.05, self._never)
        self.ended = self.ended or data is None
        self.text += (data or b"").decode("utf-8", "replace")

    def says(self, pattern: str) -> re.Match[str]:
        """Wait until the program has printed what matches."""

        def heard() -> bool:
            self.hear()
            assert not self.ended or re.search(pattern, self.text), f"it ended: {self.text}"
            return re.search(pattern, self.text) is not None

        until(heard, f"{pattern!r} in {self.text!r}")
        found = re.search(pattern, self.text)
        assert found
        return found

    def ends(self) -> None:
        """Wait until the program has ended."""

        def over() -> bool:
            self.hear()
            return self.ended

        until(over, "the end")

    def close(self) -> None:
        """Give everything back."""
        self.transport.close()
        for end in (self._never, self._waker):
            os.close(end)


def processes_in(namespace: str) -> list[int]:
    """Who is in a mount namespace, zombies apart: they are in none."""
    return [pid for pid in pids() if namespace_of(pid) == namespace]


def is_mounted(place: Place) -> bool:
    """Does this process see the lens?"""
    return str(place.home) in Path("/proc/self/mountinfo").read_text()


def nothing_is_left(place: Place, namespace: str) -> None:
    """Wait until no process is in the namespace, with which its mounts go; nothing was ever mounted outside."""
    until(lambda: not processes_in(namespace), "the end of every process in the namespace")
    assert not is_mounted(place)
    assert list(place.directory.iterdir()) == []


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A file to look at."""
    yield Place(tmp_path)
