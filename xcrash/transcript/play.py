# SPDX-License-Identifier: Apache-2.0
"""Let a recorded session happen again: its commands, one after the other, sent to the crash that is the recording."""

from __future__ import annotations

from xcrash.errors import XcrashError
from xcrash.session import Session
from xcrash.session.command import ends_session
from xcrash.transcript.recording import Recording


class Play:
    """The play of a recording over a session on it; ``position`` is the number of the next exchange."""

    def __init__(self, recording: Recording, session: Session) -> None:
        self._recording, self._session = recording, session
        self._sent: int | None = None
        self.position = 0
        self.paused = False

    @property
    def total(self) -> int:
        """How many commands were recorded."""
        return len(self._recording.exchanges)

    @property
    def over(self) -> bool:
        """Has every command been sent?"""
        return self.position >= self.total

    @property
    def running(self) -> bool:
        """Is one of its commands on its way?"""
        return self._sent is not None

    def next(self) -> None:
        """Send the next command unless the play is paused or one is on its way; a line xcrash never sends is skipped.

        The session stays open at the end of a recording whose user left crash.
        """
        while not (self.paused or self.over or self._sent or self._session.gone):
            command = self._recording.exchanges[self.position].command
            self.position += 1
            if ends_session(command):
                continue
            try:
                self._sent = self._session.submit(command)
            except XcrashError:
                continue

    def finished(self, number: int) -> None:
        """A command of the session ended: the next one, if it was ours."""
        if number == self._sent:
            self._sent = None
            self.next()
