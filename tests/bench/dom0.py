# SPDX-License-Identifier: Apache-2.0
"""The lens in a Dom0 of the lab against the same kernel, disk and crash on a machine without Xen; takes a long time."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.clock import HEAD, Row, Spent, in_turns
from tests.lab.dom0.image import DEFAULT_CRASH, prepare_dom0
from tests.lab.dom0.machine import Running, Setup, boot, running_dom0, stop_dom0
from tests.lab.dom0.parts import SUITES
from tests.lab.paths import load_lab

ROOT = Path(__file__).parents[2]
MEMORY = "3072"
"""MB of the machine without Xen: what the Dom0 has."""

ROUNDS = 3
LONGEST = 1800.0
_READS = 2000
_TIMED = """
import os, subprocess, sys, time
before = time.perf_counter(), sum(os.times()[2:4])
subprocess.run(sys.argv[1:], input=b"q\\n", stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - before[0], sum(os.times()[2:4]) - before[1])
"""
_SERVED = """
import os, subprocess, sys, time
starter = os.getppid()
(lens,) = set(open(f"/proc/{starter}/task/{starter}/children").read().split()) - {str(os.getpid())}
def spent():
    fields = open(f"/proc/{lens}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
built, begun = spent(), time.perf_counter()
subprocess.run(sys.argv[1:], input=b"q\\n", stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - begun, spent() - built, built)
"""
"""The lens is what its starter runs beside the program (fields 14 and 15 of proc_pid_stat(5))."""
_PAGES = """
import os, random, sys, time
from pathlib import Path
from xcrash.lens.kcore import Kcore, open_kcore
file = open_kcore(Path("/proc/kcore"))
chance = random.Random(2)
direct = [one for one in Kcore(file).segments if one.address < 0xffffc00000000000]
segment = max(direct, key=lambda one: one.size)
places = [segment.offset + chance.randrange(segment.size // 4096) * 4096 for _ in range(int(sys.argv[1]))]
before = time.perf_counter(), time.process_time()
read = sum(len(os.pread(file, 4096, at)) for at in places)
assert read == len(places) * 4096, read
print(time.perf_counter() - before[0], time.process_time() - before[1])
"""


def report(rounds: int = ROUNDS) -> Iterator[str]:
    """The table; both machines run at a time, and one of them idles while the other is measured."""
    lab = load_lab()
    if lab is None:
        yield "Not measured: the lab is not there (make lab)\n"
        return
    suite = SUITES[0]
    with running_dom0(lab, suite, ROOT) as dom0:
        native = boot(lab, prepare_dom0(lab, suite, ROOT), Setup(lab.root / f"bare-{suite}", None, memory=MEMORY))
        try:
            yield from _rows(dom0, native, rounds)
        finally:
            stop_dom0(native)


def _rows(dom0: Running, native: Running, rounds: int) -> Iterator[str]:
    wrapper = json.loads(dom0.run("xcrash plan --json"))["wrapper"]
    crash = [f"/usr/local/bin/crash-{DEFAULT_CRASH}", "-s", "--no_crashrc", dom0.vmlinux, "/proc/kcore"]
    yield HEAD
    ours, theirs = in_turns(
        rounds, lambda: _timed(dom0, _TIMED, [*wrapper, *crash]), lambda: _timed(native, _TIMED, crash)
    )
    yield Row("crash behind the lens to its end", ours, "crash without Xen", theirs, "<= 1.30").line()
    took, served, built = _run(dom0, _SERVED, crash, wrapper)
    yield f"\nOnce more, {took:.1f} s: of CPU time the lens took {served:.2f} s, and {built:.2f} s before that.\n\n"
    yield HEAD
    walks_no_tables = [*crash[:-2], "--minimal", *crash[-2:]]
    ours, theirs = in_turns(
        rounds, lambda: _timed(dom0, _TIMED, walks_no_tables), lambda: _timed(native, _TIMED, walks_no_tables)
    )
    yield Row("crash --minimal there, without the lens", ours, "the same without Xen", theirs).line()
    words = [str(_READS)]
    ours, theirs = in_turns(
        rounds,
        lambda: _timed(dom0, _PAGES, words, wrapper),
        lambda: _timed(dom0, _PAGES, words),
    )
    yield Row(f"{_READS:,} reads of a page through the lens", ours, "pread of /proc/kcore there", theirs).line()
    found: Any = json.loads(dom0.run("xcrash lens --check --json", seconds=LONGEST))
    yield f"\nExtents: {json.dumps({name: value for name, value in _numbers(found) if 'extents' in name})}\n"


def _numbers(found: Any) -> Iterator[tuple[str, Any]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _numbers(value)
        else:
            yield name, value


def _timed(machine: Running, script: str, words: list[str], wrapper: tuple[str, ...] | list[str] = ()) -> Spent:
    return Spent(*_run(machine, script, words, wrapper))


def _run(machine: Running, script: str, words: list[str], wrapper: tuple[str, ...] | list[str] = ()) -> list[float]:
    argv = [*wrapper, *(("env", "PYTHONPATH=") if wrapper else ()), "python3", "-c", script, *words]
    said = machine.run(f"mkdir -p /var/tmp/xcrash-session && {shlex.join(argv)}", seconds=LONGEST)
    return [float(number) for number in said.splitlines()[-1].split()]
