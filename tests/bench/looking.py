# SPDX-License-Identifier: Apache-2.0
"""What a user of the terminal UI waits for, as a table."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import long_output, many_tasks
from tests.bench.clock import HEAD, Row, Spent, in_turns, run, told
from tests.bench.screens import first_paint
from tests.bench.typing import MEGABYTES, typed

PAGE_AIM = "<= 16 ms"
TABLE_AIM = "<= 100 ms"


def report(work: Path, rounds: int) -> Iterator[str]:
    """The table in Markdown, and below it what each wait was at most."""
    waits: dict[str, Sequence[Spent]] = {}
    yield HEAD
    yield from _first(rounds)
    yield from _lines(work, waits)
    yield from _tasks(work, rounds, waits)
    keys = typed()
    waits |= {f"key, crash printing {MEGABYTES} MB": keys.busy, "key, crash at rest": keys.idle}
    yield Row(f"a key at the prompt while crash prints {MEGABYTES} MB", keys.busy, "at rest", keys.idle).line()
    yield "\n| what | median | of CPU time | slowest |\n|---|---|---|---|"
    for what, spent in waits.items():
        walls, cpus = [one.wall for one in spent], [one.cpu for one in spent]
        yield f"| {what} | {told(statistics.median(walls))} | {told(statistics.median(cpus))} | {told(max(walls))} |"


def _first(rounds: int) -> Iterator[str]:
    # The first round of each reads the style sheets that later ones find read.
    ours, theirs = in_turns(rounds + 1, lambda: first_paint("demo"), lambda: first_paint("empty"))
    yield Row("first painting, everything imported", ours[1:], "an empty Textual app", theirs[1:], "<= 1.4").line()
    module = (sys.executable, "-m", "tests.bench.screens")
    ours, theirs = in_turns(rounds + 1, lambda: run((*module, "demo")), lambda: run((*module, "empty")))
    yield Row("first painting, from the start of Python", ours[1:], "the same of it", theirs[1:], "<= 1.4").line()


def _lines(work: Path, waits: dict[str, Sequence[Spent]]) -> Iterator[str]:
    path = long_output.write_lines(work / "lines")
    ours, theirs = long_output.index(path)
    yield Row("1,000,000 lines, 110 MB: index", ours, "`accumulate(map(len, file))`", theirs, "<= 0.2 s").line()
    memory, listed = long_output.index_memory(path)
    yield (
        f"| the same: memory of the index | {memory / 1e6:.2f} MB | its array | {listed / 1e6:.2f} MB"
        f" | {memory / listed:.2f} | | | <= 20 MB |"
    )
    shown, less = long_output.in_console(), long_output.in_less(path)
    yield Row("the same: page down", shown.pages, "`less`", less.pages, PAGE_AIM).line()
    yield Row("the same: a word 99 MB further down", shown.searches, "`less`", less.searches).line()
    waits |= {"page down": shown.pages, "search": shown.searches}


def _tasks(work: Path, rounds: int, waits: dict[str, Sequence[Spent]]) -> Iterator[str]:
    shown, path = many_tasks.in_view(work), many_tasks.written(work)
    table = [many_tasks.in_data_table()]
    by_size = [run(("sort", "-k8n", str(path))) for _ in range(rounds)]
    found = [run(("grep", "-i", many_tasks.WORD, str(path))) for _ in range(rounds)]
    yield Row("100,000 tasks: answer to table", shown.loads, "Textual's DataTable", table, "<= 1 s").line()
    yield Row("the same: sort", shown.sorts, "`sort -k8n`", by_size, TABLE_AIM).line()
    yield Row("the same: filter, a letter", shown.filters, "`grep -i`", found, TABLE_AIM).line()
    waits |= {"load": shown.loads, "sort, by each column": shown.sorts, "filter, each letter": shown.filters}
