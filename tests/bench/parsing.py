# SPDX-License-Identifier: Apache-2.0
"""How fast long answers are parsed, and what a row costs: python3 -m tests.bench.parsing [COMMAND...]

Each answer is made of real lines with other numbers. Beside it, in the same run, stands the least that any parser
could do: ``[line.split() for line in text.splitlines()]``, which keeps the words of every line. All times are processor
time, the best of some rounds. "parsed": until the value is there, every cell of every row checked and every line
accounted for; rows that the parser keeps as text are text. "and read": with a struct made of every row, once. Bytes are
those allocated and kept for the parsed value (tracemalloc), without the text itself, which the caller has.
"""

from __future__ import annotations

import gc
import platform
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final, NamedTuple

from tests.unit.parse import bt_samples
from xcrash.parse import bt, ps
from xcrash.parse.kmem import slabs
from xcrash.parse.log import records
from xcrash.transcript.recording import read_recording

ROUNDS = 5
DEMO = Path(__file__).parents[2] / "xcrash" / "transcript" / "demo.cast"


class Case(NamedTuple):
    """One command: its answer, how it is parsed, and the rows of what comes of it."""

    command: str
    text: Callable[[], str]
    rows: Callable[[str], Sequence[object]]
    read: Callable[[Sequence[object]], object] = list


class Figures(NamedTuple):
    """Seconds of each way, and bytes for each row of the parsed value."""

    megabytes: float
    rows: int
    plain: float
    parsed: float
    read: float
    memory: float

    def line(self, command: str) -> str:
        """The row in Markdown."""
        speeds = " | ".join(f"{self.megabytes / seconds:.0f} MB/s" for seconds in (self.plain, self.parsed))
        ratio, whole = self.parsed / self.plain, (self.parsed + self.read) / self.plain
        return (
            f"| `{command}` | {self.megabytes:.1f} MB | {self.rows:,} | {speeds} | {ratio:.2f} "
            f"| {self.megabytes / (self.parsed + self.read):.0f} MB/s | {whole:.2f} | {self.memory:.0f} |"
        )


def tasks(count: int) -> str:
    """``ps`` with so many tasks."""
    answer = read_recording(DEMO).answer_to("ps") or ""
    header, *rows = [row for row in answer.splitlines() if row.strip()]
    ids = re.compile(r"^(.) *[0-9]+ +[0-9]+")
    varied = (
        ids.sub(rf"\g<1> {pid:7} {pid // 3:7}", row).replace("ffff8", f"ffff{pid % 8}")
        for pid, row in enumerate(islice(cycle(rows), count))
    )
    return "\n".join((header, *varied, ""))


def backtraces(count: int) -> str:
    """``foreach bt`` with so many tasks."""
    blocks = [block for block in bt_samples.FOREACH.split("\n\n") if block]
    varied = (
        re.sub(r"PID: \d+ *", f"PID: {pid:<9}", block).replace("ffffcd96", f"ffff{pid % 65536:04x}")
        for pid, block in enumerate(islice(cycle(blocks), count))
    )
    return "\n\n".join((*varied, ""))


def messages(megabytes: int) -> str:
    """``log`` of so many megabytes."""
    answer = read_recording(DEMO).answer_to("log") or ""
    lines = [line for line in answer.splitlines() if line.startswith("[")]
    length = sum(map(len, lines)) / len(lines)
    varied = (
        f"[{at // 1000:5}.{at % 1000:03}{line[10:]}"
        for at, line in enumerate(islice(cycle(lines), int(megabytes * 1e6 / length)))
    )
    return "\n".join((*varied, ""))


def caches(count: int) -> str:
    """``kmem -s`` with so many caches."""
    answer = read_recording(DEMO).answer_to("kmem -s") or ""
    header, *rows = [row for row in answer.splitlines() if row.strip()]
    varied = (f"ffff{at:08x}{row[12:]}" for at, row in enumerate(islice(cycle(rows), count)))
    return "\n".join((header, *varied, ""))


def frames(traces: Iterable[object]) -> Iterator[object]:
    """Every frame of backtraces."""
    return (frame for trace in traces if isinstance(trace, bt.Trace) for frame in trace.frames)


CASES: Final = (
    Case("ps", lambda: tasks(100_000), lambda text: ps.parse(text).tasks),
    Case("foreach bt", lambda: backtraces(50_000), lambda text: bt.parse(text).traces, lambda rows: list(frames(rows))),
    Case("log", lambda: messages(50), lambda text: records.parse(text).records),
    Case("kmem -s", lambda: caches(20_000), lambda text: slabs.parse(text).caches),
)


def measure(case: Case) -> Figures:
    """The figures of one command: the best of some rounds, each way in turn."""
    text = case.text()
    best = [float("inf")] * 3
    for _ in range(ROUNDS):
        rows = case.rows(text)
        ways: tuple[Callable[[], object], ...] = (
            lambda: [line.split() for line in text.splitlines()],
            lambda: case.rows(text),
            lambda rows=rows: case.read(rows),  # type: ignore[misc]  # the rows of this round
        )
        for at, way in enumerate(ways):
            gc.collect()
            began = time.process_time()
            kept = way()
            best[at] = min(best[at], time.process_time() - began)
            del kept
    tracemalloc.start()
    rows = case.rows(text)
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    plain, parsed, read = best
    return Figures(len(text.encode()) / 1e6, len(rows), plain, parsed, read, memory / max(len(rows), 1))


def report(commands: Sequence[str] = ()) -> Iterator[str]:
    """The table in Markdown, of all commands unless some are named."""
    yield "| command | answer | rows | plain split | parsed | ratio | and read | ratio | bytes a row |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for case in CASES:
        if not commands or case.command in commands:
            yield measure(case).line(case.command)


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, best of {ROUNDS}\n")
    for line in report(sys.argv[1:]):
        print(line, flush=True)


if __name__ == "__main__":
    main()
