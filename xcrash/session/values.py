# SPDX-License-Identifier: Apache-2.0
"""What a session says about itself: its states, events and results."""

from __future__ import annotations

import enum
from typing import Literal

import msgspec

from xcrash.errors import XcrashError
from xcrash.session.messages import Message

Exit = Literal["ok", "error", "interrupted", "timeout", "died"]


class State(enum.Enum):
    """Where a session is; NEEDS_INPUT is a question of gdb, a pager or a shell that waits for an answer."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    INTERRUPTING = "interrupting"
    NEEDS_INPUT = "needs input"
    GONE = "gone"


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """One command that ended: what was sent, how it ended, and the span of the spool that holds its output.

    ``background``: no user asked for it.
    """

    id: int
    command: str
    exit: Exit
    seconds: float
    start: int
    end: int
    background: bool = False

    @property
    def bytes(self) -> int:
        """Size of the output."""
        return self.end - self.start


class PhaseChanged(msgspec.Struct, frozen=True):
    """Start-up entered a new phase, ``seconds`` after it began."""

    phase: str
    seconds: float


class MessageSeen(msgspec.Struct, frozen=True):
    """crash printed a line during start-up that the message table knows."""

    message: Message


class SessionReady(msgspec.Struct, frozen=True):
    """The first prompt was confirmed, ``seconds`` after the start."""

    version: str | None
    seconds: float


class CommandStarted(msgspec.Struct, frozen=True):
    """A command was sent; its output begins at ``start`` in the spool. ``background``: no user asked for it."""

    id: int
    command: str
    start: int
    background: bool = False


class OutputGrew(msgspec.Struct, frozen=True):
    """The spool holds ``size`` bytes; sent at most ten times a second."""

    size: int


class CommandFinished(msgspec.Struct, frozen=True):
    """A command ended."""

    result: CommandResult


class InputNeeded(msgspec.Struct, frozen=True):
    """crash stopped at a question that is not its prompt; ``text`` is the last line."""

    text: str


class Notice(msgspec.Struct, frozen=True):
    """Something the user should know that does not end the session, such as a recording that stopped."""

    text: str


class ActivityChanged(msgspec.Struct, frozen=True):
    """What a silent crash does, in words; empty when it prints again."""

    text: str


class SessionGone(msgspec.Struct, frozen=True):
    """crash has ended; ``error`` is None when it was asked to."""

    error: XcrashError | None
    exit_status: int | None
    signal: int | None


class StartedAgain(msgspec.Struct, frozen=True):
    """crash ended over ``command`` by a fault of its own, and another one is being started in its place.

    In the place of SessionGone; the events of a start follow. ``how`` it ended, in words.
    """

    command: str
    how: str
    exit_status: int | None
    signal: int | None


Event = (
    PhaseChanged
    | MessageSeen
    | SessionReady
    | CommandStarted
    | OutputGrew
    | CommandFinished
    | InputNeeded
    | Notice
    | ActivityChanged
    | SessionGone
    | StartedAgain
)
