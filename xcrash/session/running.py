# SPDX-License-Identifier: Apache-2.0
"""The command crash is working on, and what it must not exceed."""

from __future__ import annotations

import time

import msgspec

from xcrash.session.presses import Presses
from xcrash.session.requests import Submit
from xcrash.session.spool import IN_MEMORY, Spool
from xcrash.session.values import CommandResult, Exit

_GRACE = 1 << 16
"""What a command may print while the disk takes nothing: a small answer stays whole, a flood is interrupted."""


class Running(msgspec.Struct):
    """A command on its way.

    ``start`` is where its answer begins in the spool, ``held`` what waited there for room on the disk when it began.
    """

    request: Submit
    began: float
    start: int
    presses: Presses
    held: int
    ending: Exit | None = None

    def passed(self, now: float, idle: float) -> str | None:
        """Which of its limits it has passed, in words; ``idle`` is how long nothing was to be seen of it."""
        limit, quiet = self.request.timeout, self.request.idle
        if limit is not None and now - self.began > limit:
            return f"past its limit of {limit:g} s"
        if quiet is not None and idle > quiet:
            return f"no output and no CPU for {quiet:g} s"
        return None

    def floods(self, spool: Spool) -> bool:
        """Does its answer not fit on the disk?"""
        return spool.trouble is not None and (spool.held - self.held > _GRACE or spool.held >= IN_MEMORY)

    def result(self, ending: Exit, end: int) -> CommandResult:
        """How it ended, with its answer up to ``end`` of the spool."""
        return _result(self.request, ending, time.monotonic() - self.began, self.start, max(self.start, end))


def never_sent(request: Submit, at: int) -> CommandResult:
    """The result of a command that was taken back before crash heard of it."""
    return _result(request, "interrupted", 0.0, at, at)


def _result(request: Submit, ending: Exit, seconds: float, start: int, end: int) -> CommandResult:
    return CommandResult(
        id=request.id,
        command=request.text,
        exit=ending,
        seconds=seconds,
        start=start,
        end=end,
        background=request.background,
    )
