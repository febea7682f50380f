# SPDX-License-Identifier: Apache-2.0
"""How often Ctrl-C is typed into one command, and when."""

from __future__ import annotations

import re

from xcrash.session.timing import Timing

_ONE_PRESS_SINCE = (7, 0, 5)


def presses_needed(version: str | None) -> int:
    """How many SIGINTs a crash takes to leave a command: three before 7.0.5, one since.

    A version that is not known is taken for a newer one.
    """
    found = re.match(r"(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?", version or "")
    numbers = tuple(int(number or 0) for number in found.groups()) if found else _ONE_PRESS_SINCE
    return 1 if numbers >= _ONE_PRESS_SINCE else 3


class Presses:
    """The presses into the running command: what is needed and one more, and then no more until crash says something.

    A piped or paged gdb command ignores Ctrl-C until it is done; more presses would wait for whatever comes then.
    """

    def __init__(self, timing: Timing, version: str | None) -> None:
        self._timing, self._needed = timing, presses_needed(version)
        self._most = max(2, self._needed)
        self._times: list[float] = []
        self._told = False

    def __len__(self) -> int:
        """How many there were."""
        return len(self._times)

    def pressed(self, now: float) -> None:
        """Ctrl-C was typed."""
        self._times.append(now)

    def since(self, now: float) -> float:
        """Seconds since the last one."""
        return now - self._times[-1]

    def due(self, now: float) -> bool:
        """Is it time to type it again without being asked to?"""
        if not self._times or len(self._times) >= self._most:
            return False
        return self.since(now) > (self._timing.again if len(self._times) < self._needed else self._timing.interrupt)

    def may(self, now: float, last_output: float) -> bool:
        """May the user press it (again)?"""
        if len(self._times) < self._needed:
            return True
        return self.since(now) > self._timing.interrupt and last_output > self._times[-1]

    def in_vain(self, now: float) -> bool:
        """Has crash not reacted for long enough to say so? True once."""
        if self._told or not self._times or now - self._times[0] <= self._timing.interrupt:
            return False
        self._told = True
        return True
