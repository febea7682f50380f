# SPDX-License-Identifier: Apache-2.0
"""Ask a program of the live machine something, with a deadline: a hung xenstored blocks ``xl`` for ever."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence

DEADLINE = 10.0
"""Seconds."""

LARGEST_OUTPUT = 4 << 20
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run_command(argv: Sequence[str], unread: dict[str, str], deadline: float = DEADLINE) -> str | None:
    """What ``argv`` prints on stdout; None, with the reason in ``unread``, when it fails or takes too long.

    A program that is not installed is no reason to note. Nothing is read from stdin, no shell is involved.
    """
    program = shutil.which(argv[0], path=os.environ.get("PATH", "") + ":" + _PATH)
    if program is None:
        return None
    shown = " ".join(argv)
    with tempfile.TemporaryFile() as out:
        try:
            child = subprocess.Popen(
                [program, *argv[1:]],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "LC_ALL": "C"},
                start_new_session=True,
            )
        except OSError as error:
            unread[shown] = error.strerror or str(error)
            return None
        try:
            status = child.wait(deadline)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            unread[shown] = f"no answer within {deadline:g} s"
            return None
        if status:
            unread[shown] = f"exit status {status}"
            return None
        out.seek(0)
        return out.read(LARGEST_OUTPUT).decode("utf-8", "replace")
