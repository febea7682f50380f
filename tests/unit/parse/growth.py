# SPDX-License-Identifier: Apache-2.0
"""Is a reader linear? Told by processor time, in a way that a busy machine and a large test process do not disturb."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

_TRIES = 5
_NOTHING = 0.1
"""Seconds below which the clock says nothing."""


def grows_linearly(read: Callable[[str], object], small: str, large: str) -> bool:
    """Whether ``large``, four times the text, takes less than nine times as long; a quadratic step takes 16 times.

    The best of several tries counts: other work can only make a try longer. The garbage collector, whose work grows
    with all that the process holds, is off meanwhile.
    """
    shortest = longest = float("inf")
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(_TRIES):
            longest = min(longest, _seconds(read, large))
            if longest < _NOTHING:
                return True
            shortest = min(shortest, _seconds(read, small))
            if longest < 9 * shortest:
                return True
        return False
    finally:
        if collecting:
            gc.enable()


def _seconds(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start
