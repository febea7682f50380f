# SPDX-License-Identifier: Apache-2.0
"""Let a recorded session happen again: its commands, one after the other, sent to the crash that is the recording."""

from __future__ import annotations

from xcrash.errors import XcrashError
from xcrash.session import Session
from xcrash.session.command import ends_session
from xcrash.transcript.recording import Recording
from xcrash.transcript.replay import ReplayTransport

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 0.0)
"""From slow to everything at once, which is 0."""


class Play:
    """The play of a recording over a session on it.

    ``position`` is the number of the next exchange; ``results`` tells the number of the CommandResult of each exchange
    that was sent.
    """

    def __init__(self, recording: Recording, session: Session, transport: ReplayTransport) -> None:
        self._recording, self._session, self._transport = recording, session, transport
        self._until: int | None = None
        self._speed = transport.speed
        self.sent: int | None = None
        self.position = 0
        self.paused = False
        self.results: dict[int, int] = {}

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
        return self.sent is not None

    @property
    def speed(self) -> float:
        """How many times faster than recorded; 0 is at once."""
        return self._speed

    def faster(self, steps: int) -> None:
        """Change the speed by steps of ``SPEEDS``, from the next answer on."""
        near = min(range(len(SPEEDS)), key=lambda at: abs((SPEEDS[at] or 1e9) - (self._speed or 1e9)))
        self._speed = SPEEDS[max(0, min(near + steps, len(SPEEDS) - 1))]
        self._transport.speed = self._speed

    def pause(self) -> None:
        """Stop behind the command that is on its way, or go on; behind the last one it begins again."""
        self._until = None
        if self.over and not self.running:
            self.position, self.paused = 0, False
        else:
            self.paused = not self.paused
        self.next()

    def to(self, number: int) -> None:
        """Play at once up to and with exchange ``number`` (from 0), and pause there."""
        self._until, self.paused = number, False
        self._transport.speed = 0.0
        self.next()

    def next(self) -> None:
        """Send the next command unless the play is paused or one is on its way; a line xcrash never sends is skipped.

        The session stays open at the end of a recording whose user left crash.
        """
        while not (self.paused or self.over or self.sent or self._session.gone):
            if self._until is not None and self.position > self._until:
                self._until, self.paused = None, True
                self._transport.speed = self._speed
                return
            number, self.position = self.position, self.position + 1
            command = self._recording.exchanges[number].command
            if ends_session(command):
                continue
            # What its user asked meanwhile may have moved the recording.
            self._transport.seek(number)
            try:
                self.sent = self._session.submit(command)
            except XcrashError:
                continue
            self.results[number] = self.sent

    def finished(self, number: int) -> None:
        """A command of the session ended: the next one, if it was ours."""
        if number == self.sent:
            self.sent = None
            self.next()
