# SPDX-License-Identifier: Apache-2.0
"""Is a silent crash working or stuck? Output and processor time are its signs of life."""

from __future__ import annotations

from collections.abc import Callable

WORKING = "working (CPU)"
NO_SIGN = "no output and no CPU"
_LATE = 3


class Activity:
    """Follows the signs of life of one start or one command.

    ``measure`` gives the processor time used so far in any unit, None where nobody can tell. It is asked every
    ``every`` seconds of silence, never while output flows; over a slow connection it may not be told each time.
    """

    def __init__(self, measure: Callable[[], int | None], every: float) -> None:
        self._measure, self._every = measure, every
        self._heard = self._alive = self._looked = 0.0
        self._used: int | None = None
        self._told = self._measured = False
        self.text = ""

    def begin(self, now: float) -> None:
        """Something new begins: a start, a command."""
        self._heard = self._alive = self._looked = now
        self._used, self._told, self._measured, self.text = None, False, False, ""

    # Output is the sign of life that needs no measuring.
    heard = begin

    def silence(self, now: float) -> float:
        """Seconds without output."""
        return now - self._heard

    def idle(self, now: float) -> float:
        """Seconds without output and, where it can be told, without processor time."""
        return now - self._alive

    def look(self, now: float) -> None:
        """Measure, if it is time to, and renew ``text``."""
        if now - max(self._heard, self._looked) < self._every:
            return
        used, before = self._measure(), self._used
        self._looked, self._measured = now, used is not None
        self._used = before if used is None else used
        if used is not None and before is not None and used != before:
            self._alive, self._told, self.text = now, False, WORKING
        elif before is None and self._measured and self._looked - self._heard > _LATE * self._every:
            self._alive = now  # what was not measured until now was no idleness
        elif self.text == WORKING and self.idle(now) >= 3 * self._every:
            self.text = ""

    def hangs(self, now: float, limit: float) -> bool:
        """Has it been silent and without processor time for ``limit`` seconds? True once for each such stretch."""
        if self._told or not self._measured or self.idle(now) < limit:
            return False
        self._told = True
        self.text = f"{NO_SIGN} for {limit:g} s"
        return True
