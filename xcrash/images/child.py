# SPDX-License-Identifier: Apache-2.0
"""Run a long-lasting program with a deadline and see the lines of its stderr as they come."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

LARGEST_OUTPUT = 64 << 10
LONGEST_LINE = 4096

_ENDS = re.compile(rb"[\r\n]+")


class Ended(NamedTuple):
    """How the program ended: its exit status, the start of its stdout, the end of its stderr."""

    status: int
    output: bytes
    errors: bytes
    timed_out: bool


def run_watched(
    argv: Sequence[str], environ: Mapping[str, str], on_line: Callable[[bytes], None], deadline: float
) -> Ended:
    """Run ``argv`` in a process group of its own, which is killed after ``deadline`` seconds and on any exception.

    ``on_line`` gets each line of stderr, ended by a line feed or a carriage return. OSError when it cannot be started.
    """
    until = time.monotonic() + deadline
    child = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environ),
        start_new_session=True,
    )
    timed_out = False
    with child:
        try:
            output, errors, finished = _watch(child, on_line, until)
            if finished:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(max(0.0, until - time.monotonic()))
        finally:
            # Until it has been waited for, its number cannot be anyone else's.
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
                timed_out = True
    return Ended(child.returncode, output, errors, timed_out)


def _watch(child: subprocess.Popen[bytes], on_line: Callable[[bytes], None], until: float) -> tuple[bytes, bytes, bool]:
    assert child.stdout is not None and child.stderr is not None  # noqa: S101 - both are pipes, for the type checker
    output, errors, rest = b"", b"", b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        waiting.register(child.stderr, selectors.EVENT_READ)
        while waiting.get_map():
            left = until - time.monotonic()
            if left <= 0:
                return output, errors, False
            for key, _ in waiting.select(left):
                data = os.read(key.fd, 1 << 16)
                if not data:
                    waiting.unregister(key.fileobj)
                elif key.fileobj is child.stdout:
                    output = (output + data)[:LARGEST_OUTPUT]
                else:
                    errors = (errors + data)[-LARGEST_OUTPUT:]
                    *lines, rest = _ENDS.split(rest[-LONGEST_LINE:] + data)
                    for line in lines:
                        on_line(line)
    on_line(rest)
    return output, errors, True
