# SPDX-License-Identifier: Apache-2.0
"""A process in the place of xcrash: it starts what it is told on a pty of its own, and is killed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from xcrash.session import PtyTransport


def main() -> None:
    """Start the arguments and print what they print."""
    transport = PtyTransport(sys.argv[1:], dict(os.environ), Path.cwd())
    transport.open()
    never, _ = os.pipe()
    print(f"pid {transport._pid}", flush=True)
    while (data := transport.read(0.1, never)) is not None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
