# SPDX-License-Identifier: Apache-2.0
"""What of a log can stand folded: lines that repeat, alone or in small groups, and the stacks of incidents."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from xcrash.kernel_log.lines import LogLines

_LONGEST: Final = 4
"""Lines of the largest group that is looked for."""
_LEAST: Final = 3
"""So many times the same are worth a fold."""


class Fold(msgspec.Struct, frozen=True):
    """Lines ``first`` to ``last`` that can be hidden; what they repeat or belong to is right above.

    ``times``: so often the ``period`` lines above come again. ``opened``: it is open at first.
    """

    first: int
    last: int
    kind: Literal["repeat", "stack"]
    period: int = 0
    times: int = 0
    opened: bool = False


def folds(lines: LogLines) -> tuple[Fold, ...]:
    """Every fold in order, none inside another; linear in the number of lines."""
    found: list[Fold] = []
    at = 0
    for one in lines.incidents:
        if one.times > 1 or one.last - one.first < 2:
            continue
        begin = _heading(lines, one.first)
        found += _repeats(lines, at, begin + 1)
        opened = lines.landing is None or one.first >= lines.landing
        found.append(Fold(begin + 1, one.last, "stack", opened=opened))
        at = one.last + 1
    found += _repeats(lines, at, len(lines))
    return tuple(found)


def _heading(lines: LogLines, first: int) -> int:
    """The line of an incident that stays: not the one that only says where to cut."""
    return first + 1 if "[ cut here ]" in lines.text_of(first) else first


def _repeats(lines: LogLines, at: int, end: int) -> list[Fold]:
    keys = lines.keys
    found: list[Fold] = []
    while at < end:
        for period in range(1, _LONGEST + 1):
            same = at + period
            stop = min(end, at + period * _LEAST)
            while same < stop and keys[same] == keys[same - period]:
                same += 1
            if same < at + period * _LEAST:
                continue
            while same < end and keys[same] == keys[same - period]:
                same += 1
            times = (same - at) // period - 1
            found.append(Fold(at + period, at + period * (times + 1) - 1, "repeat", period, times))
            at += period * (times + 1)
            break
        else:
            at += 1
    return found
