# SPDX-License-Identifier: Apache-2.0
"""What a session costs beside crash alone on the same files: the start, a batch of commands, the first facts.

Cold is a first start, which writes the index cache; warm is every later one. The files are in the page cache.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench.clock import Row, Spent, in_turns, run
from tests.lab.paths import CrashProgram, Lab

ROUNDS = 3
FACTS_ROUNDS = 11
BATCH = (
    *("sys", "ps", "bt", "log", "mod", "runq", "mount", "net", "dev", "files", "vm", "kmem -i", "swap", "timer", "irq"),
    *("bt -a", "ps -k", "ps -u", "task", "set", "sys -c", "mach", "p jiffies", "p init_task.comm", "struct pid"),
    *("struct list_head", "whatis schedule", "sym schedule", "rd jiffies", "dis schedule 5"),
)


class Place(NamedTuple):
    """The files of one comparison: the dump, the kernel, one crash, and a directory for what is written."""

    dump: str
    vmlinux: str
    crash: CrashProgram
    work: Path

    def alone(self, *commands: str) -> Spent:
        """``crash -s`` on the same files, the commands in a file for ``-i``."""
        script = self.work / "commands"
        script.write_text("".join(f"{command}\n" for command in (*commands, "q")))
        env = {**os.environ, "TERM": "dumb", "HOME": str(self.work)}
        argv = (str(self.crash.path), "-s", "--no_crashrc", "-i", str(script), self.vmlinux, self.dump)
        return run(argv, env=env)

    def ours(self, cache: str, *commands: str) -> Spent:
        """``xcrash run`` with all it does: identifies, plans, records, confirms every prompt."""
        env = {**os.environ, "XDG_CACHE_HOME": str(self.work / cache)}
        words = [word for command in commands for word in ("-c", command)]
        target = (self.dump, "--vmlinux", self.vmlinux, "--crash", str(self.crash.path))
        return run((sys.executable, "-m", "xcrash", "run", *target, *words), env=env)

    def cold(self, *commands: str) -> Spent:
        """With nothing kept of an earlier start."""
        shutil.rmtree(self.work / "cold", ignore_errors=True)
        return self.ours("cold", *commands)

    def warm(self, *commands: str) -> Spent:
        """With what an earlier start has kept."""
        return self.ours("warm", *commands)


def crash_rows(lab: Lab, work: Path) -> Iterator[Row]:
    """The rows that start the crash programs of the lab, each on a dump that it can read; they take minutes."""
    for version, name in (("8.0.2", "panic-6.1"), ("9.0", "panic-6.1"), ("8.0.6", "panic"), ("9.0", "panic")):
        crash, dump = lab.crash_version(version), lab.dump(name)
        directory = work / f"{version}-{name}"
        directory.mkdir()
        place = Place(str(dump.path), str(dump.vmlinux), crash, directory)
        what = f"crash {crash.version.partition('-')[0]}, Linux {dump.kernel}"
        aim = "<= 0.50" if version.startswith("8.") else "<= 0.65"
        yield from _rows(place, f"{what}: dump to prompt", ("p 1",), aim, "`crash -s` alone")
    yield from _rows(place, f"{what}: {len(BATCH)} commands", BATCH, "< 1", "`crash -s -i FILE` alone")


def _rows(place: Place, what: str, commands: tuple[str, ...], aim: str, instead: str) -> Iterator[Row]:
    place.warm(*commands)
    alone, cold, warm = in_turns(
        ROUNDS, lambda: place.alone(*commands), lambda: place.cold(*commands), lambda: place.warm(*commands)
    )
    yield Row(f"{what}, cold", cold, instead, alone, "<= 1.02")
    yield Row(f"{what}, warm", warm, instead, alone, aim)


def fact_rows(lab: Lab | None) -> Iterator[Row]:
    """How soon anything is said."""
    python = sys.executable
    script = Path(python).with_name("xcrash")
    version = [str(script), "--version"] if script.exists() else [python, "-m", "xcrash", "--version"]
    ours, theirs = in_turns(FACTS_ROUNDS, lambda: run(version), lambda: run((python, "-c", "pass")))
    yield Row("`xcrash --version`", ours, "`python3 -c pass`", theirs, "<= 4")
    if lab:
        target = (str(lab.dump("panic").path), "--vmlinux", str(lab.vmlinux), "--crash", str(lab.default_crash))
        plan = (python, "-m", "xcrash", "plan", *target, "--json")
        ours, theirs = in_turns(FACTS_ROUNDS, lambda: run(plan), lambda: run((python, "-c", "pass")))
        yield Row("who a dump is, and its whole plan as JSON", ours, "`python3 -c pass`", theirs, "+ 0.35 s")
