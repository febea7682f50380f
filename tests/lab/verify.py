# SPDX-License-Identifier: Apache-2.0
"""Whether a crash reads a dump of the lab rightly, and which crash is the one to use."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.paths import CrashProgram, Dump
from tests.lab.proc import LabError, plain_environment, run, say
from tests.lab.scenes import Ending

_OLDEST = (8, 0, 6)  # older ones misread the task tables of the lab's kernels or refuse them
_MARK = "LAB-NEXT-COMMAND"
_COMMANDS = ("sys", "ps", "bt", "mod")
_ROW = re.compile(r"^>?\s*\d+\s+\d+\s+\d+\s+[0-9a-f]{16}\s", re.MULTILINE)


@dataclass(frozen=True)
class Reading:
    """What one crash said about one dump."""

    tasks: int
    rows: int
    panic: str
    seconds: float
    problems: tuple[str, ...]


def choose_crash(programs: Sequence[CrashProgram], dump: Dump, ending: Ending) -> CrashProgram:
    """Return the last crash, the newest, that reads a dump rightly."""
    for program in reversed(programs):
        if program.numbers >= _OLDEST and reads_rightly(program, dump, ending):
            return program
    raise LabError(f"no crash reads {dump.name} rightly; see the lines above")


def reads_rightly(program: CrashProgram, dump: Dump, ending: Ending) -> bool:
    """Whether a crash reads a dump rightly; says so."""
    reading = read_dump(program, dump, ending)
    verdict = "; ".join(reading.problems) or "right"
    said = f"{reading.tasks} tasks, {reading.rows} rows in ps, panic {reading.panic!r}, {reading.seconds:.1f} s"
    say(f"crash {program.version} on {dump.name}: {said}: {verdict}")
    return not reading.problems


def read_dump(program: CrashProgram, dump: Dump, ending: Ending) -> Reading:
    """Start a crash on a dump, ask a few things and compare the answers with what is known."""
    began = time.monotonic()
    script = "".join(f"{command}\n!echo {_MARK}\n" for command in _COMMANDS) + "quit\n"
    with tempfile.TemporaryDirectory(prefix="xcrash-lab-home-") as home:
        environment = plain_environment(TERM="dumb", INPUTRC="/dev/null", NO_COLOR="1", HOME=home, TZ="UTC")
        argv = [str(program.path), "-s", "--no_scroll", "--no_crashrc", str(dump.vmlinux), str(dump.path)]
        text = run(argv, seconds=600, stdin=script, cwd=Path(home), env=environment)
        # For a flattened dump crash looks with the machine's own `strings`, which need not be there.
        named = dump.release
        if dump.format != "flattened":
            named = run([str(program.path), "--osrelease", str(dump.path)], env=environment).strip()
    seconds = time.monotonic() - began
    parts = text.split(f"{_MARK}\n")
    if len(parts) != len(_COMMANDS) + 1:
        raise LabError(f"crash {program.version} on {dump.name} answered only:\n{text[-3000:]}")
    return _judge({"osrelease": named, **dict(zip(_COMMANDS, parts, strict=False))}, dump, ending, seconds)


def _judge(answers: dict[str, str], dump: Dump, ending: Ending, seconds: float) -> Reading:
    banner = answers["sys"]
    rows = len(_ROW.findall(answers["ps"]))
    tasks = int(_field(banner, "TASKS") or 0)
    panic = _field(banner, "PANIC")
    checks = {
        f"RELEASE is {_field(banner, 'RELEASE')!r}, not {dump.release}": _field(banner, "RELEASE") == dump.release,
        f"--osrelease says {answers['osrelease']!r}": answers["osrelease"] == dump.release,
        f"TASKS is {tasks}, ps has {rows} rows": tasks == rows,
        f"only {tasks} tasks": tasks >= 80,
        "tasks are missing: 'not found in PID hash'": "not found in PID hash" not in "".join(answers.values()),
        "NODENAME is not dom0lab": _field(banner, "NODENAME") == "dom0lab",
        "mod does not list virtio_blk": "virtio_blk" in answers["mod"],
        "ps has no task in state UN": re.search(r"\sUN\s", answers["ps"]) is not None,
    }
    if dump.panic:
        checks[f"PANIC is {panic!r}"] = ending.seen_in(panic)
        checks[f"bt does not show {ending.frames}"] = all(text in answers["bt"] for text in ending.frames)
    problems = tuple(text for text, good in checks.items() if not good)
    return Reading(tasks, rows, panic.strip('"'), seconds, problems)


def _field(banner: str, label: str) -> str:
    found = re.search(rf"^\s*{label}: (.*)$", banner, re.MULTILINE)
    return found[1].strip() if found else ""
