# SPDX-License-Identifier: Apache-2.0
"""Copying what crash says into the recording, without the handshakes that only xcrash and crash need to know of."""

from __future__ import annotations

from typing import Protocol

from xcrash.session.prompt import PromptMatcher
from xcrash.session.spool import Spool

HELD_BYTES = 1 << 14
"""How much of the end of the output can belong to handshakes that are not answered yet."""

_PIECE = 1 << 16


class Recorder(Protocol):
    """Who writes down what is said; called from the owner thread only and never expected to raise."""

    def output(self, data: bytes) -> None:
        """crash printed ``data``."""

    def input(self, line: str) -> None:
        """``line`` was sent as a command."""

    def ended(self, exit_status: int | None, abandoned: bool = False) -> None:
        """crash has ended; ``abandoned``: the user ended it while it was starting."""


class Scribe:
    """Follows the spool and tells the recorder everything once, in order, in pieces of bounded size."""

    def __init__(self, recorder: Recorder | None, spool: Spool, matcher: PromptMatcher) -> None:
        self._recorder, self._spool, self._matcher = recorder, spool, matcher
        self._told = spool.size
        self._holding = False
        self._muted = False

    def grew(self) -> None:
        """The spool has grown."""
        self._tell(self._spool.size - (HELD_BYTES if self._holding else 0))

    def hold(self) -> None:
        """A handshake is typed: the end of the output waits until it is known what of it is the answer."""
        self._holding = True

    def release(self) -> None:
        """The handshake was answered, or never will be: what waited is told without it."""
        self._tell(self._spool.size)
        self._holding = False

    def input(self, line: str) -> None:
        """``line`` is sent."""
        if self._recorder:
            self._recorder.input(line)

    def mute(self) -> None:
        """A command of xcrash's own is sent: neither it nor its answer belongs to the recording."""
        self.grew()
        self._muted = True

    def unmute(self) -> None:
        """What follows belongs to the recording again."""
        self._muted = False

    def ended(self, exit_status: int | None, abandoned: bool = False) -> None:
        """crash has ended; nothing follows."""
        self.unmute()
        self.release()
        if self._recorder:
            self._recorder.ended(exit_status, abandoned)

    def _tell(self, end: int) -> None:
        while self._recorder and self._told < end:
            data = self._spool.read(self._told, min(end, self._told + _PIECE))
            if not data:
                break
            self._told += len(data)
            if self._muted:
                continue
            self._recorder.output(self._matcher.without_answers(data) if self._holding else data)
