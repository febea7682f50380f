# SPDX-License-Identifier: Apache-2.0
"""A large answer over a real pty, read by a session and by a plain loop."""

from __future__ import annotations

import json
import os
import pty
import sys
import time
from pathlib import Path

from xcrash.session import PtyTransport, Session, Spool
from xcrash.transcript import fakecrash

PROMPT = b"crash> "


def large_answer(path: Path, megabytes: int) -> Path:
    """An asciicast whose ``log`` answers with so many megabytes of kernel log lines."""
    line = "[    1.234567] usb 1-1: new high-speed USB device number 2 using xhci_hcd, bcdDevice= 1.00\r\n"
    count = megabytes * (1 << 20) // len(line)
    events = [
        [0.0, "o", "\r\ncrash 9.0.2\r\n\r\ncrash> "],
        [0.0, "i", "log\r"],
        [0.0, "o", line * count + "crash> "],
    ]
    text = "".join(json.dumps(event) + "\n" for event in [{"version": 2, "width": 80, "height": 24}, *events])
    path.write_text(text, encoding="utf-8")
    return path


def argv(cast: Path) -> list[str]:
    """The fake crash that plays ``cast``."""
    return [sys.executable, "-I", "-S", str(fakecrash.__file__), str(cast)]


def session_read(cast: Path, work: Path) -> float:
    """Read the answer the way xcrash does; returns the seconds from the command to its confirmed end."""
    session = Session(PtyTransport(argv(cast), dict(os.environ), work), Spool.create(work / "spool"))
    session.start()
    session.wait_ready()
    elapsed = session.run("log").seconds
    session.close()
    session.spool.close()
    return elapsed


def plain_read(cast: Path) -> float:
    """Read the same bytes with nothing but os.read and a test of the last bytes; returns the same seconds."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.executable, argv(cast))  # noqa: S606 - the fake crash, no shell
    _to_prompt(fd)
    began = time.monotonic()
    os.write(fd, b"log\n")
    _to_prompt(fd)
    elapsed = time.monotonic() - began
    os.write(fd, b"q\n")
    os.waitpid(pid, 0)
    os.close(fd)
    return elapsed


def _to_prompt(fd: int) -> bytearray:
    data = bytearray()
    while not data.endswith(PROMPT):
        data += os.read(fd, 65536)
    return data
