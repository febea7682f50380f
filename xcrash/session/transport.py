# SPDX-License-Identifier: Apache-2.0
"""The wire to crash: a pty with crash at its other end. The only module that knows pexpect."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from xcrash.errors import StartError, XcrashError
from xcrash.session.endings import not_started
from xcrash.session.processor_time import processor_ticks

if TYPE_CHECKING:
    import pexpect

_READ = 65536
_PIPES = 3
"""As many descriptors as ptyprocess needs for a moment: a pipe and both ends of the pty, and two for others."""
REAP_SECONDS = 10.0
"""How long close waits for a killed child; one that reads a dump over a dead network cannot even be killed."""

_FULL = 2000
"""Milliseconds to wait for room in the terminal: only a crash that is stopped leaves it full."""
_BURST = 1 << 18
"""How much one read collects before it returns; a pty hands out at most 4095 bytes at a time."""


class Ending(NamedTuple):
    """How a child ended: its exit status or the signal that ended it."""

    exit_status: int | None
    signal: int | None


class Transport(Protocol):
    """What a session needs of the other side; a pty and a recording both have it.

    Every call is made from the one thread that owns the session.
    """

    def open(self) -> None:
        """Start the other side; raises StartError."""

    def read(self, timeout: float, wake: int) -> bytes | None:
        """What has arrived: b"" after ``timeout`` seconds or when ``wake`` is readable, None at the end."""

    def write(self, data: bytes) -> None:
        """Send ``data``."""

    def interrupt(self) -> None:
        """Press Ctrl-C."""

    def request_exit(self) -> None:
        """Ask the other side to clean up and end, without using its prompt."""

    def kill(self) -> None:
        """End the other side at once."""

    def processor_ticks(self) -> int | None:
        """Processor time the other side has used; None where nobody can tell."""

    def close(self) -> Ending:
        """Reap the other side, which must have ended or been killed."""

    def lost(self) -> XcrashError | None:
        """Behind ``close``: why the way to the other side was gone, if that and not the other side ended."""


class PtyTransport:
    """crash on a pty of its own: bytes, no echo, a window wide enough that readline never redraws.

    crash is signalled when the thread that spawned it ends (main.c: PR_SET_PDEATHSIG), so the owner thread calls
    ``open`` and lives until ``close``.
    """

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self._argv = list(argv)
        self._env = dict(env)
        self._cwd = cwd
        self._child: pexpect.spawn[bytes] | None = None
        self._pid = 0

    def open(self) -> None:
        """Start crash; raises StartError ``crash-not-started`` when it cannot be executed."""
        import pexpect

        if not self._cwd.is_dir():
            # ptyprocess would notice only behind the fork, where it is too late to say so.
            raise StartError("crash-not-started", f"no directory to start crash in: {self._cwd}", "start again")
        try:
            _want_descriptors()
            child = pexpect.spawn(
                self._argv[0],
                self._argv[1:],
                env=self._env,
                cwd=str(self._cwd),
                echo=False,
                dimensions=(50, 512),
                encoding=None,
            )
        except (pexpect.ExceptionPexpect, OSError) as error:
            # Without the traceback, whose frames would keep the pty open.
            raise not_started(self._argv[0], error) from error.with_traceback(None)
        cast(Any, child).ptyproc.delayafterclose = 0.0  # its pause would only delay the end
        os.set_blocking(child.child_fd, False)
        self._child = cast("pexpect.spawn[bytes]", child)
        self._pid = int(child.pid or 0)

    def _live(self) -> pexpect.spawn[bytes]:
        if self._child is None:
            raise RuntimeError("the transport is not open")
        return self._child

    def read(self, timeout: float, wake: int) -> bytes | None:
        """What crash printed; a burst of pty reads is returned as one.

        Not by pexpect, which at the end of the output waits for the end of the child, without a limit.
        """
        terminal = self._live().child_fd
        waiting = select.poll()
        for descriptor in (terminal, wake):
            waiting.register(descriptor, select.POLLIN)
        # What crash started may hold the terminal open: its end is then all that tells that crash is gone.
        ended = _has_ended(self._pid)
        if not any(descriptor == terminal for descriptor, _ in waiting.poll(0 if ended else timeout * 1000)):
            return None if ended else b""
        parts: list[bytes] = []
        size = 0
        while size < _BURST:
            try:
                part = os.read(terminal, _READ)
            except BlockingIOError:
                break
            except OSError:  # EIO: nobody has the terminal open any more
                part = b""
            if not part:
                return b"".join(parts) or None
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        """Send ``data``; a child that is gone, or that reads nothing, is noticed by the reads that follow."""
        terminal, view = self._live().child_fd, memoryview(data)
        room = select.poll()
        room.register(terminal, select.POLLOUT)
        with contextlib.suppress(OSError):
            while view and room.poll(_FULL):
                view = view[os.write(terminal, view) :]

    def interrupt(self) -> None:
        """Type the terminal's interrupt character."""
        with contextlib.suppress(OSError):
            self._live().sendintr()

    def request_exit(self) -> None:
        """Send SIGUSR2: crash removes its temporary files and ends with status 1; SIGTERM and SIGHUP do not end it."""
        self._signal(signal.SIGUSR2)

    def kill(self) -> None:
        """Send SIGKILL to crash and what it started."""
        self._signal(signal.SIGKILL)

    def processor_ticks(self) -> int | None:
        """Clock ticks of crash and of what it started."""
        return processor_ticks(self._pid) if self._pid else None

    def _signal(self, number: signal.Signals) -> None:
        if self._child is None or self._child.terminated:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number is signal.SIGKILL:
                os.killpg(self._pid, number)
            else:
                os.kill(self._pid, number)

    def close(self) -> Ending:
        """Close the pty and reap crash; it is killed if it is still there."""
        child = self._child
        if child is None:
            return Ending(None, None)
        if not child.terminated and not _has_ended(self._pid):
            self.kill()
        deadline = time.monotonic() + REAP_SECONDS
        while not child.terminated and not self._reap(child) and time.monotonic() < deadline:
            time.sleep(0.01)
        with contextlib.suppress(Exception):
            child.close(force=True)
        return Ending(child.exitstatus, child.signalstatus)

    def lost(self) -> XcrashError | None:
        """None: nothing but crash itself is at the other end of a pty."""
        return None

    @staticmethod
    def _reap(child: pexpect.spawn[bytes]) -> bool:
        try:
            return not child.isalive()
        except Exception:  # pexpect's own, for a child that somebody else has waited for
            return True


def _want_descriptors() -> None:
    """Raise OSError when there are not enough for a pty: ptyprocess would notice late and leave its own pipe open."""
    with contextlib.ExitStack() as opened:
        for _ in range(_PIPES):
            for descriptor in os.pipe():
                opened.callback(os.close, descriptor)


def _has_ended(pid: int) -> bool:
    """Has the process ended? It is left for the owner to reap."""
    with contextlib.suppress(ChildProcessError):
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return True
