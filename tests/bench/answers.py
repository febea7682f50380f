# SPDX-License-Identifier: Apache-2.0
"""One large answer over a pty, read by a session, a plain loop and pexpect: python3 -m tests.bench.answers WAY MB.

Each in a process of its own, which prints the seconds from the command to its end, its processor time and its memory.
"""

from __future__ import annotations

import json
import os
import pty
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench import flood
from tests.bench.clock import Spent

PROMPT = b"crash> "
ARGV = [sys.executable, "-I", "-S", flood.__file__]


class Read(NamedTuple):
    """What an answer took from the command to its end, and the most resident memory of the reader in bytes."""

    spent: Spent
    memory: int


def measure(way: str, megabytes: int) -> Read:
    """Read one answer in a new process, one of WAYS."""
    argv = [sys.executable, "-m", "tests.bench.answers", way, str(megabytes)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    wall, cpu, memory = json.loads(done.stdout)
    return Read(Spent(wall, cpu), memory)


def by_session(megabytes: int, recorded: bool = False) -> Spent:
    """The way xcrash reads; without a recording, or with one."""
    from xcrash.session import PtyTransport, Session, Spool
    from xcrash.transcript.asciicast import Facts
    from xcrash.transcript.record import CastRecorder

    with tempfile.TemporaryDirectory() as work:
        recorder = CastRecorder(Path(work) / "a.cast", Facts()) if recorded else None
        spool = Spool.create(Path(work))
        session = Session(PtyTransport(ARGV, dict(os.environ), Path(work)), spool, recorder=recorder)
        session.start()
        session.wait_ready()
        cpu = time.process_time()
        result = session.run(f"log {megabytes}")
        cpu = time.process_time() - cpu
        session.close()
        size = result.end - result.start
        if size < _expected(megabytes) or session.spool.line_count < size // len(flood.LINE):
            raise RuntimeError(f"{size} bytes of {megabytes} MB")
        session.spool.close()
    return Spent(result.seconds, cpu)


def by_loop(megabytes: int) -> Spent:
    """Nothing but os.read and a test of the last bytes; nothing is kept."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.executable, ARGV)  # noqa: S606 - the program of this benchmark, no shell
    _to_prompt(fd)
    wall, cpu = time.monotonic(), time.process_time()
    os.write(fd, f"log {megabytes}\n".encode())
    size = _to_prompt(fd)
    spent = Spent(time.monotonic() - wall, time.process_time() - cpu)
    os.write(fd, b"q\n")
    os.waitpid(pid, 0)
    os.close(fd)
    if size < _expected(megabytes):
        raise RuntimeError(f"{size} bytes of {megabytes} MB")
    return spent


def _to_prompt(fd: int) -> int:
    tail, size = b"", 0
    while not tail.endswith(PROMPT):
        data = os.read(fd, 65536)
        size += len(data)
        tail = (tail + data)[-len(PROMPT) :]
    return size


def by_pexpect(megabytes: int) -> Spent:
    """``expect`` with a regular expression and the defaults of pexpect, which keeps the whole answer in memory."""
    import pexpect

    child = pexpect.spawn(ARGV[0], ARGV[1:], timeout=None, encoding="utf-8")
    child.expect("crash> ")
    wall, cpu = time.monotonic(), time.process_time()
    child.sendline(f"log {megabytes}")
    child.expect("crash> ")
    spent = Spent(time.monotonic() - wall, time.process_time() - cpu)
    child.sendline("q")
    child.close()
    return spent


WAYS = {
    "session": by_session,
    "recorded": lambda megabytes: by_session(megabytes, recorded=True),
    "loop": by_loop,
    "pexpect": by_pexpect,
}


def _expected(megabytes: int) -> int:
    return (megabytes << 20) // len(flood.PIECE) * len(flood.PIECE)


if __name__ == "__main__":
    spent = WAYS[sys.argv[1]](int(sys.argv[2]))
    print(json.dumps([*spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10]))
