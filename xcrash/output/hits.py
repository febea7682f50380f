# SPDX-License-Identifier: Apache-2.0
"""What a search has found so far, and which of it comes next."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from xcrash.output.pattern import Pattern


class Hits:
    """The places of one pattern in their order; ``done`` when all of them are known, ``stopped`` if given up."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self.places = array("Q")
        self.done = self.stopped = False
        self.current: int | None = None
        self.wrapped = ""

    def add(self, places: Iterable[int]) -> None:
        """More of them, behind those that are known."""
        self.places.extend(places)

    def step(self, place: int, step: int, here: bool = False) -> bool:
        """Make the hit next to ``place`` the current one, or that at it with ``here``; False when it is not known yet.

        Behind the last comes the first again, once all are known; ``wrapped`` says so.
        """
        self.wrapped = ""
        if step > 0:
            at = bisect_left(self.places, place) if here else bisect_right(self.places, place)
        else:
            at = bisect_left(self.places, place) - 1
        if 0 <= at < len(self.places):
            self.current = at
            return True
        if not self.places or not (self.done or self.stopped):
            return False
        self.current = 0 if step > 0 else len(self.places) - 1
        self.wrapped = "from the top again" if step > 0 else "from the end again"
        return True

    @property
    def place(self) -> int | None:
        """Where the current hit is."""
        return None if self.current is None else self.places[self.current]

    @property
    def words(self) -> str:
        """How far the search is: "hit 3 of 128"."""
        count = f"{len(self.places):,}"
        if not self.places:
            return "not found" if self.done else "stopped, nothing found so far" if self.stopped else "searching"
        at = "" if self.current is None else f"hit {self.current + 1:,} of "
        more = "" if self.done else " so far, stopped" if self.stopped else " so far, searching"
        words = f"{at}{count}{more}" if at else f"{count} {'hit' if count == '1' else 'hits'}{more}"
        return f"{words} · {self.wrapped}" if self.wrapped else words
