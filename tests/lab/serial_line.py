# SPDX-License-Identifier: Apache-2.0
"""A command run in a guest as if it ran here: python serial_line.py SOCKET COMMAND, in a terminal.

Bytes go to and fro between the terminal and the guest's serial line; guest_dom0/line runs the command at its other end.
Needs nothing but the standard library.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
import tty

_SEPARATOR = b"\x1e"
_READ = 65536
_GATHER = 0.02  # seconds: the line brings a few bytes at a time, and each piece would be an event of the recording


def main() -> int:
    """Run the command and return its exit status; 1 when the guest is gone."""
    path, command = sys.argv[1:]
    tty.setraw(0)  # the guest's terminal does it all: line ends, Ctrl-C
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        line.sendall(command.encode() + b"\n")
        return _relay(line)


def _relay(line: socket.socket) -> int:
    held = b""
    while True:
        ready, _, _ = select.select([0, line.fileno()], [], [])
        if 0 in ready:
            line.sendall(os.read(0, _READ))
        if line.fileno() in ready:
            time.sleep(_GATHER)
            data = line.recv(_READ)
            if not data:
                return 1
            output, separator, rest = (held + data).partition(_SEPARATOR)
            _print(output)
            status, end, _ = rest.partition(_SEPARATOR)
            if end:
                return int(status)
            held = separator + rest


def _print(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    sys.exit(main())
