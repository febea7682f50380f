# SPDX-License-Identifier: Apache-2.0
"""Count what a run of xcrash opens, lists and reads under a directory: python3 -m tests.bench.counting TREE ARGS...

In a process of its own: an audit hook stays for good.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple


class Counted(NamedTuple):
    """Paths as on the machine in the tree: bytes read from each opened file, and how often a directory was listed."""

    status: int
    read: dict[str, int]
    listed: dict[str, int]


def count(tree: Path, *args: str) -> Counted:
    """Run ``xcrash ARGS`` and count what it does under ``tree``."""
    argv = [sys.executable, "-m", "tests.bench.counting", str(tree), *args]
    # With it the C library opens /etc/passwd, unseen by the hook.
    env = {name: value for name, value in os.environ.items() if name != "SUDO_USER"}
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], env=env)
    status, read, listed = json.loads(done.stdout)
    return Counted(status, read, listed)


class Counting:
    """An audit hook. The bytes read between two opens are those of the file opened first: the kernel counts them."""

    def __init__(self, tree: str) -> None:
        self.read: Counter[str] = Counter()
        self.listed: Counter[str] = Counter()
        self.on = False
        self._tree = tree
        self._io = os.open("/proc/self/io", os.O_RDONLY)
        self._file: str | None = None
        self._before = self._own = 0

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], (str, bytes)):
            path = os.fsdecode(args[0])
            place = path[len(self._tree) :] if path.startswith(f"{self._tree}/") else None
            if event == "open":
                self.settle(place)
            elif place is not None:
                self.listed[place] += 1

    def settle(self, next_file: str | None) -> None:
        """Give the bytes read since the last open to the file of that open."""
        text = os.pread(self._io, 4096, 0)
        done = int(text.split(b"rchar: ", 1)[1].split(None, 1)[0]) - self._own
        self._own += len(text)
        if self._file is not None:
            self.read[self._file] += done - self._before
        self._file, self._before = next_file, done


def main() -> None:
    """Print what was counted, as JSON."""
    tree, *args = sys.argv[1:]
    out = sys.stdout
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    sys.argv = ["xcrash", *args]
    counting = Counting(str(Path(tree).absolute()))
    _run()  # Once for the imports: what they read is not the tree's.
    sys.addaudithook(counting)
    counting.on = True
    status = _run()
    counting.on = False
    counting.settle(None)
    json.dump([status, counting.read, counting.listed], out)


def _run() -> int:
    from xcrash.cli.main import main as xcrash

    try:
        xcrash()
    except SystemExit as ending:
        return int(ending.code or 0)
    return 0


if __name__ == "__main__":
    main()
