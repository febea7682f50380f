# SPDX-License-Identifier: Apache-2.0
"""A program that prompts like crash: python3 flood.py.

It answers ``log N`` with N megabytes of kernel log, and ``lines N`` with N lines that all differ.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from collections.abc import Iterator

LINE = b"[    1.234567] usb 1-1: new high-speed USB device number 2 using xhci_hcd, bcdDevice= 1.00\r\n"
PIECE = LINE * 700
RARE = "needle"
"""Stands in one of many lines, nine tenths down."""

_AT_ONCE = 1000


def main() -> None:
    """Answer until ``q``; Ctrl-C does nothing, as every answer ends soon."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _no_echo()
    os.write(1, b"\r\ncrash 9.0.2\r\n\r\ncrash> ")
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "q":
            return
        if word == "echo":
            _write(f"{rest}\r\n".encode())
        elif word == "log" and rest.isdigit():
            for _ in range((int(rest) << 20) // len(PIECE)):
                _write(PIECE)
        elif word == "lines" and rest.isdigit():
            for piece in pieces(int(rest)):
                _write(piece)
        _write(b"crash> ")


def pieces(count: int) -> Iterator[bytes]:
    """So many lines of 110 bytes, some at once."""
    for start in range(0, count, _AT_ONCE):
        lines = range(start, min(count, start + _AT_ONCE))
        yield "".join(f"[{at:12}.234567] {_words(at, count):78} {at:08x}\n" for at in lines).encode()


def _words(at: int, count: int) -> str:
    what = RARE if at == count * 9 // 10 else "device"
    return f"usb {at % 7}-1: new high-speed USB {what} number {at % 127} using xhci_hcd"


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def _no_echo() -> None:
    with contextlib.suppress(termios.error):
        settings = termios.tcgetattr(0)
        settings[1] &= ~termios.OPOST
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, settings)


if __name__ == "__main__":
    main()
