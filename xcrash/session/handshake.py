# SPDX-License-Identifier: Apache-2.0
"""The question typed at what looks like a prompt: when to ask, and when to ask again."""

from __future__ import annotations

from xcrash.session.timing import Timing

_MOST_RETRIES = 8


class Handshake:
    """Whether a question is out, and since when."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._asked: float | None = None
        self._tries = 0

    @property
    def out(self) -> bool:
        """Is an answer awaited?"""
        return self._asked is not None

    def due(self, now: float, silence: float, likely: bool) -> bool:
        """Is it time to ask, behind a prompt and ``silence`` seconds? ``likely``: the prompt looks like a real one."""
        if self._asked is None:
            return silence >= (self._timing.settle if likely else self._timing.settle_glued)
        # Rarer each time: lines that crash does not read would fill the terminal's input queue.
        return now - self._asked >= self._timing.retry * float(2 ** min(self._tries - 1, _MOST_RETRIES))

    def asked(self, now: float) -> None:
        """A question was typed."""
        self._asked = now
        self._tries += 1

    def over(self) -> None:
        """It was answered, or no answer is wanted any more."""
        self._asked, self._tries = None, 0
