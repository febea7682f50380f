# SPDX-License-Identifier: Apache-2.0
"""Measure xcrash against what a user would have instead, in one run; prints the tables of docs/performance.md.

``python3 -m tests.bench NAME...`` makes only the tables of those names: answers, parsing, faces, screens, crash,
discovery, lens; and, only when it is named, dom0, which boots two machines and takes half an hour.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.bench import answers, discovery, dom0, lens, looking, parsing, starting
from tests.bench.clock import HEAD, Row, in_turns, run, timed
from tests.bench.screens import empty_app, overview_app
from tests.lab.paths import load_lab

ROUNDS = 5


def answer_lines(_: Path) -> Iterator[str]:
    """Large answers over a pty, and the memory they take."""
    yield HEAD
    memory = {}
    for way, instead, megabytes, rounds, aim in (
        ("session", "loop", 20, 9, "<= 1.67"),
        ("recorded", "loop", 20, 5, ""),
        ("session", "loop", 1024, 3, "<= 1.67"),
        ("session", "pexpect", 4, 1, ""),
    ):
        ours: list[answers.Read] = []
        theirs: list[answers.Read] = []
        for _round in range(rounds):
            theirs.append(answers.measure(instead, megabytes))
            ours.append(answers.measure(way, megabytes))
        memory[way, megabytes] = max(one.memory for one in ours)
        what = f"{megabytes} MB answer, spooled, indexed, confirmed{', recorded' if way == 'recorded' else ''}"
        words = {"loop": "a loop of os.read", "pexpect": "pexpect's `expect`, its defaults"}[instead]
        yield Row(what, [one.spent for one in ours], words, [one.spent for one in theirs], aim).line()
    told = ", ".join(f"{megabytes} MB {way}: {most >> 20} MB" for (way, megabytes), most in memory.items())
    yield f"\nMost memory of the reader: {told}\n"


def parsing_lines(_: Path) -> Iterator[str]:
    """How fast answers are read."""
    yield from parsing.report()


def face_lines(_: Path) -> Iterator[str]:
    """The command line and the screen."""
    python = sys.executable
    demo, imports = (python, "-m", "xcrash", "demo", "--json"), (python, "-c", "import click, msgspec")
    yield HEAD
    for row in starting.fact_rows(load_lab()):
        yield row.line()
    ours, theirs = in_turns(ROUNDS, lambda: run(demo), lambda: run(imports))
    yield Row("`xcrash demo --json`", ours, "`python3 -c 'import click, msgspec'`", theirs).line()
    ours, theirs = in_turns(
        ROUNDS + 1, timed(lambda: asyncio.run(overview_app())), timed(lambda: asyncio.run(empty_app()))
    )
    yield Row("terminal UI, demo, to the overview with tasks", ours[1:], "an empty Textual app", theirs[1:]).line()


def screen_lines(work: Path) -> Iterator[str]:
    """The terminal UI: its first painting, long answers, many tasks, keys."""
    yield from looking.report(work, ROUNDS)


def crash_lines(work: Path) -> Iterator[str]:
    """Whole sessions with the real crash, where the lab is."""
    lab = load_lab()
    if lab:
        yield HEAD
        for row in starting.crash_rows(lab, work):
            yield row.line()


def discovery_lines(work: Path) -> Iterator[str]:
    """Finding the kernel on a crowded machine."""
    yield from discovery.report(work, ROUNDS)


def lens_lines(work: Path) -> Iterator[str]:
    """The view of a PV Dom0's memory."""
    yield from lens.report(work, ROUNDS)


def dom0_lines(_: Path) -> Iterator[str]:
    """The lens in a real Dom0."""
    yield from dom0.report()


TABLES: Mapping[str, Callable[[Path], Iterator[str]]] = {
    "answers": answer_lines,
    "parsing": parsing_lines,
    "faces": face_lines,
    "screens": screen_lines,
    "crash": crash_lines,
    "discovery": discovery_lines,
    "lens": lens_lines,
    "dom0": dom0_lines,
}
NAMED_ONLY = {"dom0"}


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as work:
        os.environ["XDG_STATE_HOME"] = work
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        # As where xcrash is installed: byte code from the first run on, here in a directory of its own.
        os.environ["PYTHONPYCACHEPREFIX"] = f"{work}/pycache"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of rounds taken in turns\n")
        for name in sys.argv[1:] or [name for name in TABLES if name not in NAMED_ONLY]:
            for line in TABLES[name](Path(work)):
                print(line, flush=True)


if __name__ == "__main__":
    main()
