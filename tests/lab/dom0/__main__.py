# SPDX-License-Identifier: Apache-2.0
"""The program behind `make lab-dom0`: python -m tests.lab.dom0 [start|stop|status|refresh]."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from tests.lab.command import carry_out
from tests.lab.dom0.image import CRASHES
from tests.lab.dom0.machine import Running, find_running, refresh, start_dom0, stop_dom0
from tests.lab.dom0.parts import SUITES
from tests.lab.paths import Lab, lab_root, load_lab
from tests.lab.proc import LabError, say

_HERE = Path(__file__).parents[3]


def main() -> int:
    """Run a sub-command and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.dom0", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("start", "stop", "status", "refresh"), default="start")
    parser.add_argument("--suite", choices=SUITES, default=SUITES[0], help="the Debian of the Dom0")
    parser.add_argument("--source", type=Path, default=_HERE, help="the working tree whose xcrash is installed there")
    words = parser.parse_args()
    return carry_out(lambda: _do(words.command, words.suite, words.source.absolute()))


def _do(command: str, suite: str, source: Path) -> int:
    if command == "start":
        _show(start_dom0(_lab(), suite, source))
        return 0
    running = find_running(lab_root(), suite)
    if running is None:
        print(f"no Dom0 of {suite} runs; start it with: make lab-dom0 DOM0={suite}")
        return 0 if command == "stop" else 1
    if command == "stop":
        stop_dom0(running)
        say(f"stopped: process {running.pid}")
    elif command == "refresh":
        refresh(_lab(), running, source)
    else:
        _show(running)
    return 0


def _lab() -> Lab:
    lab = load_lab()
    if lab is None:
        raise LabError("no lab yet; build it with: make lab")
    return lab


def _show(running: Running) -> None:
    print(f"dom0     {running.suite}, process {running.pid}, console {running.home / 'run/serial.log'}")
    print(f"reach    {shlex.join(running.argv())}")
    print(f"         ssh://root@127.0.0.1:{running.port} with that configuration")
    print(f"inside   crash (also {', '.join(f'crash-{version}' for version in CRASHES)}), xcrash, xl")
    print(f"vmlinux  {running.vmlinux} there")


if __name__ == "__main__":
    sys.exit(main())
