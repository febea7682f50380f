# SPDX-License-Identifier: Apache-2.0
"""The lens: how long it takes to turn a p2m round and what memory, and reads through it against reads of the file."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

from tests.bench.clock import HEAD, Row, Spent, in_turns, timed
from tests.lens.behind import ROOT, Place, fuse_missing
from tests.unit.lens.dom0 import DIRECT, PAGE, Dom0
from xcrash.lens.extents import build_extents
from xcrash.lens.kcore import Kcore

FRAMES = {"2 GB": 1 << 19, "16 GB": 1 << 22, "1 TB": 1 << 28}
_LARGE = 1 << 26
_CHUNK = 1 << 17
_RING = 1 << 22
"""Words of the file that is read again and again: the same work for the reader as a file of 2 GB, and less disk."""

_STRETCH = 1852
"""Frames of a stretch on average, as on a real Dom0 of 2 GB: 283 stretches of 524,288 frames."""

_READS = 20000


def report(work: Path, rounds: int) -> Iterator[str]:
    """The tables."""
    p2m = work / "p2m"
    p2m.write_bytes(_words().tobytes())
    yield HEAD
    told = []
    for size, frames in FRAMES.items():
        with p2m.open("rb") as file:
            descriptor = file.fileno()
            before = _most_memory(anew=True)
            extents = build_extents(_chunks(descriptor, frames))
            more = _most_memory() - before
            told.append(
                f"{size}: {len(extents):,} extents, {extents.memory / 1e6:.1f} MB, {more / 1e3:.1f} MB to build"
            )
            ours, theirs = in_turns(
                rounds if frames < _LARGE else 1,
                timed(lambda: build_extents(_chunks(descriptor, frames))),  # noqa: B023 - called in this round
                timed(lambda: sum(len(words) for _, words in _chunks(descriptor, frames))),  # noqa: B023
            )
            yield Row(f"extents of a Dom0 of {size}", ours, "reading that p2m", theirs).line()
    yield from _read_rows(work, rounds)
    yield f"\nMemory: {'; '.join(told)}\n"


def _most_memory(anew: bool = False) -> int:
    """The most memory of this process so far, or, counted ``anew``, what it has now; in kB (proc_pid_clear_refs(5))."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def _words() -> array[int]:
    chance = random.Random(1)  # noqa: S311
    words = array("Q")
    start = 0x100000
    while len(words) < _RING:
        length = min(1 + int(chance.expovariate(1 / _STRETCH)), _RING - len(words))
        words.extend(range(start, start + length))
        start += length + chance.randrange(1, 5000)
    return words


def _chunks(descriptor: int, frames: int) -> Iterator[tuple[int, array[int]]]:
    for frame in range(0, frames, _CHUNK):
        words = array("Q")
        words.frombytes(os.pread(descriptor, min(_CHUNK, frames - frame) * 8, frame % _RING * 8))
        yield frame, words


def _read_rows(work: Path, rounds: int) -> Iterator[str]:
    if fuse_missing():
        yield f"\nNot measured: reads through the lens ({fuse_missing()})\n"
        return
    machine = Dom0(frames=8192)
    machine.seal()
    home = work / "lens"
    home.mkdir()
    place = Place(home, machine)
    with place.kcore.open("rb") as file:
        segment = Kcore(file.fileno()).segment_of(DIRECT[machine.levels])
    assert segment
    for what, frames in (
        (f"{_READS:,} reads of a page of memory", [str(20), str(machine.free)]),
        (f"{_READS // 20:,} reads of a page table", [str(machine.free), str(machine.frames)]),
    ):
        count = _READS if what.startswith(f"{_READS:,}") else _READS // 20
        argv = [sys.executable, "-m", "tests.bench.lens", str(place.kcore), str(segment.offset), *frames, str(count)]
        ours, theirs = in_turns(rounds, lambda: _reads([*place.wrapper(), *argv]), lambda: _reads(argv))  # noqa: B023
        yield Row(f"{what} through the lens", ours, "pread of the same file", theirs).line()


def _reads(argv: list[str]) -> Spent:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=ROOT, env=env).stdout
    wall, cpu = said.split()[-2:]
    return Spent(float(wall), float(cpu))


def main() -> None:
    """Read pages of a file at random; print seconds by the clock and of this process."""
    path, offset, first, last, count = sys.argv[1], *map(int, sys.argv[2:])
    chance = random.Random(2)  # noqa: S311
    places = [offset + chance.randrange(first, last) * PAGE for _ in range(count)]
    with open(path, "rb") as file:  # noqa: PTH123
        descriptor = file.fileno()
        wall, cpu = time.perf_counter(), time.process_time()
        for at in places:
            os.pread(descriptor, PAGE, at)
        print(time.perf_counter() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    main()
