# SPDX-License-Identifier: Apache-2.0
"""What the tests of other machines share: a daemon to talk to, and nothing left behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.far.daemon import SSHD, Daemon
from tests.far.sessions import Far
from tests.pty.running import until
from xcrash.ssh.connection import close_all


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One sshd for all tests."""
    if SSHD is None or shutil.which("ssh") is None or shutil.which("ssh-keygen") is None:
        pytest.skip("no sshd here: install openssh-server and openssh-client")
    daemon = Daemon(tmp_path_factory.mktemp("sshd"))
    yield daemon
    daemon.stop()


@pytest.fixture
def daemon(sshd: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """The daemon, with its ssh in front of PATH; every connection is ended behind the test."""
    monkeypatch.setenv("PATH", f"{sshd.client}:{os.environ['PATH']}")
    yield sshd
    close_all()
    until(lambda: not sshd.sessions(), "the end of every connection")


@pytest.fixture
def far(daemon: Daemon, tmp_path: Path) -> Iterator[Far]:
    """Starts sessions over there; each is ended after the test, and nothing may run or lie there any more."""
    if os.geteuid() != 0 and not daemon.gives_terminals():
        pytest.skip("an sshd of this user cannot hand out terminals here: /dev/pts lacks gid=tty")
    starter = Far(daemon, tmp_path)
    yield starter
    starter.end()
