# SPDX-License-Identifier: Apache-2.0
"""Ask a program of the live machine something, with a deadline: a hung xenstored blocks ``xl`` for ever."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import IO

DEADLINE = 10.0
"""Seconds."""

LARGEST_OUTPUT = 4 << 20
_LARGEST_COMPLAINT = 1 << 16
_SHOWN_COMPLAINT = 200
_BEAT = 0.05
_SHORT_BEAT = 0.005
_REAPED_WITHIN = 1.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run_command(argv: Sequence[str], unread: dict[str, str], deadline: float = DEADLINE) -> str | None:
    """What ``argv`` prints on stdout; None, with the reason in ``unread``, when it fails or takes too long.

    A program that is not installed is no reason to note. Nothing is read from stdin, no shell is involved, and what
    the program started in its session ends with it. Of more than LARGEST_OUTPUT bytes the first are returned, which
    ``unread`` says too.
    """
    program = _find(argv[0]) if argv else None
    if program is None:
        return None
    shown = " ".join(argv).encode("utf-8", "backslashreplace").decode("utf-8")
    try:
        child = subprocess.Popen(
            [program, *argv[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        unread[shown] = getattr(error, "strerror", None) or "not an argument that can be passed"
        return None
    answer = _Answer(child)
    try:
        in_time = answer.collect(time.monotonic() + deadline)
    finally:
        status = _end(child)
    return _verdict(answer, in_time, status, shown, unread, deadline)


class _Answer:
    """What a child prints, bounded: ``full`` once there is more than is wanted."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self.output = bytearray()
        self.complaint = bytearray()
        self.full = False

    def collect(self, until: float) -> bool:
        """Read both pipes until they end, the child ends or enough has come; False when ``until`` came first."""
        with selectors.DefaultSelector() as pipes:
            for pipe in (self._child.stdout, self._child.stderr):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
                    pipes.register(pipe, selectors.EVENT_READ)
            while not self.full:
                # A grandchild may keep the pipes open for ever: the child's own end is what counts.
                ended = _has_ended(self._child.pid)
                if time.monotonic() >= until and not ended:
                    return False
                ready = pipes.select(0 if ended else _BEAT) if pipes.get_map() else []
                for key, _ in ready:
                    if not self._take(key.fileobj):  # type: ignore[arg-type]  # only pipes are registered
                        pipes.unregister(key.fileobj)
                if ended and (not ready or time.monotonic() >= until):
                    return True
                if not pipes.get_map() and not ended:
                    time.sleep(_SHORT_BEAT)
        return True

    def _take(self, pipe: IO[bytes]) -> bool:
        """Take what is there; False at the pipe's end."""
        try:
            chunk = os.read(pipe.fileno(), 1 << 16)
        except BlockingIOError:
            return True
        if pipe is self._child.stdout:
            self.output += chunk
            self.full = len(self.output) > LARGEST_OUTPUT
        elif len(self.complaint) < _LARGEST_COMPLAINT:
            self.complaint += chunk
        return bool(chunk)


def _verdict(
    answer: _Answer, in_time: bool, status: int | None, shown: str, unread: dict[str, str], deadline: float
) -> str | None:
    output = bytes(answer.output[:LARGEST_OUTPUT]).decode("utf-8", "replace")
    if not in_time:
        unread[shown] = f"no answer within {deadline:g} s"
        return None
    if answer.full:
        unread[shown] = f"only the first {LARGEST_OUTPUT} bytes of its output were looked at"
        return output
    if status:
        what = f"exit status {status}" if status > 0 else f"ended by signal {-status}"
        last = answer.complaint.decode("utf-8", "replace").strip().rpartition("\n")[2].strip()
        unread[shown] = f"{what}: {last[:_SHOWN_COMPLAINT]}" if last else what
        return None
    return output


def _find(name: str) -> str | None:
    """The program's path; relative and empty parts of PATH are passed over: they mean whatever directory this is."""
    parts = [part for part in os.environ.get("PATH", "").split(":") if part.startswith("/")]
    try:
        return shutil.which(name, path=":".join([*parts, _PATH]))
    except ValueError:
        return None


def _has_ended(pid: int) -> bool:
    """Whether the child has ended; it is not reaped, so that its process group cannot become somebody else's."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _end(child: subprocess.Popen[bytes]) -> int | None:
    """End the child's whole session and reap it; None when it hangs in the kernel, where no signal reaches it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
    try:
        return child.wait(_REAPED_WITHIN)
    except subprocess.TimeoutExpired:
        return None
