# SPDX-License-Identifier: Apache-2.0
"""Two ways of doing the same, measured in turns, and the row of a table that compares them."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

HEAD = """\
| what | xcrash | instead | that takes | ratio | best of each | of CPU time | aim |
|---|---|---|---|---|---|---|---|"""


class Spent(NamedTuple):
    """Seconds by the clock, and seconds of processor time."""

    wall: float
    cpu: float


class Row(NamedTuple):
    """One comparison: what every round of xcrash took, and of what a user would have instead."""

    what: str
    ours: Sequence[Spent]
    instead: str
    theirs: Sequence[Spent]
    aim: str = ""

    def line(self) -> str:
        """The row in Markdown: medians, their ratio, that of the shortest of each, and that of the processor time."""
        ours, theirs = (statistics.median(one.wall for one in side) for side in (self.ours, self.theirs))
        best = min(one.wall for one in self.ours) / min(one.wall for one in self.theirs)
        cpu = statistics.median(one.cpu for one in self.ours) / statistics.median(one.cpu for one in self.theirs)
        return (
            f"| {self.what} | {told(ours)} | {self.instead} | {told(theirs)} | {ours / theirs:.2f} | {best:.2f}"
            f" | {cpu:.2f} | {self.aim} |"
        )


def told(seconds: float) -> str:
    """Seconds, or milliseconds where there are few."""
    return f"{seconds:.3f} s" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


def in_turns(rounds: int, *works: Callable[[], Spent]) -> list[list[Spent]]:
    """What each of ``works`` took in each round; they take turns, so that all meet the same other load."""
    times = [[work() for work in works] for _ in range(rounds)]
    return [list(column) for column in zip(*times, strict=True)]


def timed(work: Callable[[], object]) -> Callable[[], Spent]:
    """``work``, done in this process, as something that tells what it took."""

    def measured() -> Spent:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        return Spent(time.perf_counter() - wall, time.process_time() - cpu)

    return measured


def run(argv: Sequence[str], env: Mapping[str, str] | None = None) -> Spent:
    """What a program took from its start to its end with all it started, its output thrown away; it must succeed."""
    wall, cpu = time.perf_counter(), _of_children()
    subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=env
    )
    return Spent(time.perf_counter() - wall, _of_children() - cpu)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
