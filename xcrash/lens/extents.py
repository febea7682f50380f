# SPDX-License-Identifier: Apache-2.0
"""From machine frame to the Dom0's own frame: the p2m turned round, as stretches of consecutive frames."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from xcrash.errors import LensError
from xcrash.lens.p2m import INVALID, NOT_MEMORY

MOST_EXTENTS = 1 << 22
"""About 100 MB of them, and 400 MB while they are sorted: a Dom0 of 16 GB with no two frames in a row."""

_ONE_BY_ONE = 64
"""Entries that are looked at one by one; more are first compared at once with what consecutive frames would be."""


class Extent(NamedTuple):
    """Machine frames ``first`` to ``end``, and how far the domain's own frames are from them."""

    first: int
    end: int
    shift: int


class Extents:
    """Stretches sorted by machine frame, in three arrays of 64-bit words."""

    def __init__(self, first: array[int], frame: array[int], length: array[int]) -> None:
        order = sorted(range(len(first)), key=first.__getitem__)
        self._first, self._frame, self._length = (
            array("Q", map(column.__getitem__, order)) for column in (first, frame, length)
        )

    def __len__(self) -> int:
        return len(self._first)

    @property
    def frames(self) -> int:
        """How many frames they cover."""
        return sum(self._length)

    @property
    def memory(self) -> int:
        """Bytes that they take."""
        return sum(column.itemsize * len(column) for column in (self._first, self._frame, self._length))

    def find(self, machine_frame: int) -> Extent | None:
        """The stretch that holds a machine frame."""
        at = bisect_right(self._first, machine_frame) - 1
        if at < 0 or machine_frame >= self._first[at] + self._length[at]:
            return None
        first = self._first[at]
        return Extent(first, first + self._length[at], self._frame[at] - first)


def build_extents(chunks: Iterable[tuple[int, array[int]]]) -> Extents:
    """Turn a p2m round; ``chunks`` are its entries in order of frames, each piece with its first frame.

    Entries that are no memory of the domain are left out, and zeros: holes of the list read so. Raises LensError
    ``lens-fragmented`` for more than MOST_EXTENTS stretches.
    """
    firsts, frames, lengths = array("Q"), array("Q"), array("Q")
    next_machine = next_frame = INVALID
    for base, words in chunks:
        for at, end in _runs(words, 0, len(words)):
            machine, frame = words[at], base + at
            if machine == 0 or machine & NOT_MEMORY:
                continue
            if machine == next_machine and frame == next_frame:
                lengths[-1] += end - at
            else:
                if len(firsts) == MOST_EXTENTS:
                    raise _fragmented()
                firsts.append(machine)
                frames.append(frame)
                lengths.append(end - at)
            next_machine, next_frame = machine + end - at, base + end
    return Extents(firsts, frames, lengths)


def _runs(words: array[int], at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where runs of consecutive values begin and end; a run of equal ones counts once, as it is no memory."""
    length = end - at
    if length > _ONE_BY_ONE:
        first, last = words[at], words[end - 1]
        if last == first + length - 1:
            guess = array("Q", range(first, first + length))
        else:
            no_memory = last == first and (not first or first & NOT_MEMORY)
            guess = array("Q", (first,)) * length if no_memory else array("Q")
        if words[at:end] == guess:
            yield at, end
        else:
            middle = at + length // 2
            yield from _runs(words, at, middle)
            yield from _runs(words, middle, end)
        return
    while at < end:
        value = words[at] + 1
        begin = at
        at += 1
        while at < end and words[at] == value:
            at += 1
            value += 1
        yield begin, at


def _fragmented() -> LensError:
    return LensError(
        "lens-fragmented",
        f"the memory of this Dom0 lies in more than {MOST_EXTENTS:,} pieces of machine memory",
        "start without the lens: --lens off --crash-arg=--minimal",
    )
