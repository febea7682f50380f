# SPDX-License-Identifier: Apache-2.0
"""Measure xcrash against what a user would have instead, in one run; prints the table of docs/performance.md."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.bench import discovery
from tests.bench.answers import large_answer, plain_read, session_read
from tests.bench.screens import empty_app, overview_app
from tests.lab.paths import load_lab

ROUNDS = 5


class Row(NamedTuple):
    """One comparison: seconds of xcrash, seconds of the alternative."""

    what: str
    ours: float
    instead: str
    theirs: float

    def line(self) -> str:
        """The row in Markdown."""
        ratio = self.ours / self.theirs
        return f"| {self.what} | {self.ours:.3f} s | {self.instead} | {self.theirs:.3f} s | {ratio:.2f} |"


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median wall time of ``work``, after one round that does not count."""
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def told(work: Callable[[], float], rounds: int = ROUNDS) -> float:
    """Median of the seconds that ``work`` itself measured, after one round that does not count."""
    return statistics.median([work() for _ in range(rounds + 1)][1:])


def run(*argv: str, stdin: str = "", env: dict[str, str] | None = None) -> None:
    """Run a program to its end, its output thrown away."""
    subprocess.run(
        argv, input=stdin, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=env
    )


def rows(work: Path) -> list[Row]:
    """Every comparison that this machine can make."""
    python = sys.executable
    cast = large_answer(work / "large.cast", 20)
    found = [
        Row(
            "20 MB answer over a pty: spooled, indexed, confirmed",
            told(lambda: session_read(cast, work)),
            "plain os.read loop",
            told(lambda: plain_read(cast)),
        ),
        Row(
            "`xcrash demo --json` from a cold process",
            seconds(lambda: run(python, "-m", "xcrash", "demo", "--json")),
            "`python3 -c 'import click, msgspec'`",
            seconds(lambda: run(python, "-c", "import click, msgspec")),
        ),
        Row(
            "terminal UI, demo, to the overview with tasks",
            seconds(lambda: asyncio.run(overview_app())),
            "an empty Textual app",
            seconds(lambda: asyncio.run(empty_app())),
        ),
    ]
    lab = load_lab()
    if lab:
        dump, vmlinux, crash = (str(path) for path in (lab.dump("panic").path, lab.vmlinux, lab.default_crash))
        env = {**os.environ, "TERM": "dumb", "HOME": str(work)}
        ours = (python, "-m", "xcrash", "run", dump, "--vmlinux", vmlinux, "--crash", crash, "-c", "sys", "-c", "ps")
        found.append(
            Row(
                "`xcrash run DUMP -c sys -c ps`, start to end",
                seconds(lambda: run(*ours), 3),
                "crash alone, the same commands on stdin",
                seconds(lambda: run(crash, "-s", vmlinux, dump, stdin="sys\nps\nq\n", env=env), 3),
            )
        )
    return found


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as work:
        os.environ["XDG_STATE_HOME"] = work
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        # As where xcrash is installed: byte code from the first run on, here in a directory of its own.
        os.environ["PYTHONPYCACHEPREFIX"] = f"{work}/pycache"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, median of {ROUNDS} (crash: 3)\n")
        print("| what | xcrash | instead | that takes | ratio |\n|---|---|---|---|---|")
        for row in rows(Path(work)):
            print(row.line(), flush=True)
        for line in discovery.report(Path(work), ROUNDS):
            print(line, flush=True)


if __name__ == "__main__":
    main()
