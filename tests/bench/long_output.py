# SPDX-License-Identifier: Apache-2.0
"""An answer of a million lines: its index, and looking at it in the console and in less."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import tempfile
import time
import tracemalloc
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from tests.bench import flood
from tests.bench.clock import Spent, in_turns, timed
from tests.bench.flooded import opened
from tests.bench.painted import Painted
from tests.tui.screens import session_screen, until
from xcrash.session import Spool
from xcrash.session.spool import MOST_BYTES
from xcrash.tui.widgets.line_view import LineView

LINES = 1_000_000
PAGES = 60
SEARCHES = 5
ROUNDS = 5
_BURST = 1 << 16
_QUIET = 0.5
"""Seconds in which less prints nothing when it has no more to print."""


def write_lines(path: Path) -> Path:
    """The answer as a file."""
    with path.open("wb") as handle:
        handle.writelines(flood.pieces(LINES))
    return path


def _index(path: Path) -> Spool:
    """Index a file as it comes from crash, in bursts; the bytes themselves are not kept."""
    spool = Spool(os.open(os.devnull, os.O_WRONLY), MOST_BYTES)
    with path.open("rb", buffering=0) as handle:
        while data := handle.read(_BURST):
            spool.append(data)
    if spool.line_count != LINES:
        raise RuntimeError(f"{spool.line_count} lines")
    return spool


def _accumulated(path: Path) -> array[int]:
    with path.open("rb") as handle:
        return array("Q", accumulate(map(len, handle)))


def index(path: Path) -> tuple[list[Spent], list[Spent]]:
    """What the index of xcrash takes, and a list of where each line ends."""
    ours, theirs = in_turns(ROUNDS, timed(lambda: _index(path).close()), timed(lambda: _accumulated(path)))
    return ours, theirs


def index_memory(path: Path) -> tuple[int, int]:
    """Bytes that either keeps."""
    return _kept(lambda: _index(path)), _kept(lambda: _accumulated(path))


def _kept(make: Callable[[], object]) -> int:
    tracemalloc.start()
    made = make()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    if isinstance(made, Spool):
        made.close()
    return kept


class Looked(NamedTuple):
    """What each page down took, and each search for a word that is in one line."""

    pages: list[Spent]
    searches: list[Spent]


async def _in_console(directory: Path) -> Looked:
    async with opened(directory) as (pilot, app):
        session, screen = app.opened.session, session_screen(app)
        session.submit(f"lines {LINES}")
        await until(pilot, lambda: any(one.command.startswith("lines") for one in session.results), "the answer")
        await pilot.press("2")
        lines = screen.query_one("#lines", LineView)
        lines.focus()
        await until(pilot, lambda: lines.has_focus and lines.source.line_count() > LINES, "a million lines")
        await pilot.press("g")
        painted = Painted(app, lines)
        pages, searches = [], []
        for _ in range(PAGES):
            top = lines.scroll_offset.y
            pages.append(await painted.key("pagedown", lambda top=top: lines.scroll_offset.y > top))  # type: ignore[misc]
        for _ in range(SEARCHES):
            lines.find("")
            await pilot.press("g")
            lines.begin_find()
            searches.append(await painted.after(partial(lines.find, flood.RARE), lambda: lines.cursor > LINES // 2))
        return Looked(pages, searches)


def in_console() -> Looked:
    """Look at it in the console of the real terminal UI, as crash printed it on a real pty."""
    with tempfile.TemporaryDirectory() as work:
        return asyncio.run(_in_console(Path(work)))


class _Less:
    """less on a pty."""

    def __init__(self, path: Path) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", LINES="40", COLUMNS="120", LESSHISTFILE="-")
            os.execvp("less", ["less", "-S", str(path)])  # noqa: S606 - as a user would
        self.say("")

    def _cpu(self) -> float:
        # The clock of another process (clock_getcpuclockid): the complement of its number, and 2 for scheduled time.
        return time.clock_gettime(~self.pid << 3 | 2)

    def say(self, keys: str, awaited: str = "") -> Spent:
        """Type, and wait for the end of what it prints then, which has ``awaited`` in it."""
        wall, cpu = time.perf_counter(), self._cpu()
        last, printed = wall, b""
        os.write(self._fd, keys.encode())
        while not printed or awaited.encode() not in printed or select.select([self._fd], [], [], _QUIET)[0]:
            printed += os.read(self._fd, 1 << 16)
            last = time.perf_counter()
        return Spent(last - wall, self._cpu() - cpu)

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def in_less(path: Path) -> Looked:
    """The same in less, which crash itself shows long answers with."""
    less = _Less(path)
    try:
        pages = [less.say("f") for _ in range(PAGES // 3)]
        return Looked(pages, list(_searched(less)))
    finally:
        less.close()


def _searched(less: _Less) -> Iterator[Spent]:
    for _ in range(SEARCHES):
        less.say("g")
        # The line that is typed is printed first, and may not be taken for what was found.
        less.say(f"/{flood.RARE}")
        yield less.say("\n", flood.RARE)
