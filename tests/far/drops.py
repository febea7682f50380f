# SPDX-License-Identifier: Apache-2.0
"""The ways in which a connection drops: each of the processes that it takes is killed once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests.far.sessions import Far, FarSession


def ssh_of(session: FarSession) -> int:
    """The ssh that crash's terminal goes through."""
    return int(session.opened.session._engine._transport._pid)  # type: ignore[attr-defined]


def kill_ssh(session: FarSession, far: Far) -> None:
    os.kill(ssh_of(session), signal.SIGKILL)


def kill_master(session: FarSession, far: Far) -> None:
    os.kill(far.connection()._child.pid, signal.SIGKILL)


def kill_sshd(session: FarSession, far: Far) -> None:
    far.daemon.cut()


Drop = Callable[[FarSession, Far], None]
DROPS = pytest.mark.parametrize("drop", [kill_ssh, kill_master, kill_sshd], ids=["ssh", "master", "sshd"])
