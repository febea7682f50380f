# SPDX-License-Identifier: Apache-2.0
"""Which lines of a log are shown now, and which hold what is looked for: arrays of numbers, made on a thread."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence, Set

import msgspec

from xcrash.kernel_log.folds import Fold
from xcrash.kernel_log.lines import UNKNOWN_LEVEL, LogLines
from xcrash.output.pattern import Pattern
from xcrash.output.search import Stop, never

ALL = 7
_CHECK = 4096


class Wanted(msgspec.Struct, frozen=True):
    """What is to be shown: levels up to ``level`` (7: everything), lines that match ``pattern``, these folds open."""

    level: int = ALL
    pattern: Pattern | None = None
    opened: frozenset[int] = frozenset()


def arrange(lines: LogLines, folds: Sequence[Fold], wanted: Wanted, stop: Stop = never) -> array[int]:
    """The shown rows: the number of a line, or ``-1 - n`` for the closed fold ``n``.

    A filter by text shows every hit, whether folded or not; one by level keeps the stacks of what is bad enough.
    """
    numbers: Sequence[int] = range(len(lines))
    if wanted.level < ALL:
        numbers = _of_level(lines, wanted.level)
    if wanted.pattern is not None:
        hits = array("q")
        for batch in matching(lines, wanted.pattern, stop):
            hits.extend(batch.tolist())
        if wanted.level >= ALL:
            return hits
        kept = set(numbers)
        return array("q", (hit for hit in hits if hit in kept))
    return _folded(numbers, folds, wanted.opened, plain=wanted.level >= ALL)


def matching(lines: LogLines, pattern: Pattern, stop: Stop = never) -> Iterator[array[int]]:
    """The numbers of the lines that match, in order and in batches."""
    batch = array("Q")
    if pattern.needle and b"\n" not in pattern.needle:
        text = bytes(lines.text) if pattern.exact else bytes(lines.text).lower()
        found = text.find(pattern.needle)
        while found >= 0:
            at = lines.line_at(found)
            batch.append(at)
            if len(batch) == _CHECK:
                yield batch
                batch = array("Q")
                if stop():
                    return
            found = text.find(pattern.needle, lines.starts[at + 1]) if at + 1 < len(lines) else -1
    else:
        for at in range(len(lines)):
            if pattern.in_line(lines.text_of(at)):
                batch.append(at)
            if at % _CHECK == 0 and stop():
                return
    yield batch


def _of_level(lines: LogLines, level: int) -> array[int]:
    """Lines this bad or worse; where levels are inferred, with the lines that belong to them."""
    good = bytes(one != UNKNOWN_LEVEL and one & 7 <= level for one in range(256))
    kept = bytearray(lines.levels.translate(good))
    for one in lines.incidents:
        if kept[one.first] or any(kept[one.first : min(one.last, one.first + 3) + 1]):
            for at in range(one.first, one.last + 1) if one.times == 1 else ():
                kept[at] = kept[at] or lines.levels[at] == UNKNOWN_LEVEL
    return array("q", (at for at, keep in enumerate(kept) if keep))


def _folded(numbers: Sequence[int], folds: Sequence[Fold], opened: Set[int], plain: bool) -> array[int]:
    closed = [(number, fold) for number, fold in enumerate(folds) if number not in opened]
    if not closed:
        return array("q", numbers)
    rows = array("q")
    if plain:
        at = 0
        for number, fold in closed:
            rows.extend(range(at, fold.first))
            rows.append(-1 - number)
            at = fold.last + 1
        rows.extend(range(at, len(numbers)))
        return rows
    following = iter(closed)
    current = next(following, None)
    for line in numbers:
        while current and line > current[1].last:
            current = next(following, None)
        if current is None or line < current[1].first:
            rows.append(line)
        elif not rows or rows[-1] != -1 - current[0]:
            rows.append(-1 - current[0])
    return rows
