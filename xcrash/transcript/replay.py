# SPDX-License-Identifier: Apache-2.0
"""A recording that behaves like crash: the session cannot tell."""

from __future__ import annotations

import bisect
import difflib
import select
import time
from collections import deque

from xcrash.errors import ReplayError
from xcrash.session.transport import Ending
from xcrash.transcript.recording import Exchange, Piece, Recording


class ReplayTransport:
    """Plays the other side of a session from a recording.

    A command is answered with its next recorded answer from the last one on, or with the one before when there is none
    left; anything else gets an error line in crash's own form. ``strict``: a command that is not the next one of the
    recording ends the session with a ReplayError ``replay-differs``. ``speed`` 0 plays at once, 1 with the recorded
    pauses, N times faster; ``speed`` may change while it plays, from the next answer on.
    """

    def __init__(self, recording: Recording, speed: float = 0.0, strict: bool = False) -> None:
        self._recording = recording
        self.speed = speed
        self._strict = strict
        self._pending: deque[tuple[float, bytes]] = deque()
        self._due = 0.0
        self._at = 0
        self._asked: list[str] = []
        self._refusal: ReplayError | None = None
        self._over = False
        self._typed = b""
        self._places: dict[str, list[int]] = {}
        for number, exchange in enumerate(recording.exchanges):
            self._places.setdefault(exchange.command.strip(), []).append(number)

    def seek(self, number: int) -> None:
        """Answer from exchange ``number`` (from 0) on."""
        self._at = number

    def open(self) -> None:
        """Begin with what crash said first."""
        self._due = time.monotonic()
        self._play(self._recording.startup)
        if not self._recording.startup_text.endswith(self._recording.prompt):
            if self._recording.exchanges or not self._recording.complete or self._recording.exit_status is None:
                self._say(self._recording.prompt)
            else:
                self._over = True

    def read(self, timeout: float, wake: int) -> bytes | None:
        """What is due now; waits at most ``timeout`` seconds for it. Raises the ReplayError of a strict play."""
        if self._refusal:
            raise self._refusal
        if not self._pending:
            if self._over:
                return None
            _wait(wake, timeout)
            return b""
        pause = self._pending[0][0] - time.monotonic()
        if pause > 0:
            _wait(wake, min(timeout, pause))
            return b""
        parts = []
        while self._pending and self._pending[0][0] <= time.monotonic():
            parts.append(self._pending.popleft()[1])
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        """Take what is typed; each complete line gets its answer."""
        *lines, self._typed = (self._typed + data).split(b"\n")
        for line in lines:
            self._command(line.decode("utf-8", "replace").strip())

    def _command(self, command: str) -> None:
        self._due = max(self._due, time.monotonic())
        if command in ("q", "quit", "exit"):
            self._over = True
        elif command.startswith("echo xcrash-"):
            self._say(f"{command.removeprefix('echo ')}\r\n{self._recording.prompt}")
        elif exchange := self._next(command):
            self._play(exchange.pieces)
            if not exchange.output.endswith(self._recording.prompt):
                self._say(self._recording.prompt)
        else:
            name = command.split(maxsplit=1)[0] if command else ""
            error = f"{name}: this recording has no answer to {command!r}\r\n" if name else ""
            self._say(error + self._recording.prompt)

    def _next(self, command: str) -> Exchange | None:
        if self._strict and command:
            self._compare(command)
        places = self._places.get(command)
        if not places:
            return None
        number = places[min(bisect.bisect_left(places, self._at), len(places) - 1)]
        self._at = number + 1
        return self._recording.exchanges[number]

    def _compare(self, command: str) -> None:
        """In a strict play, is ``command`` the next one?"""
        self._asked.append(command)
        recorded = [exchange.command.strip() for exchange in self._recording.exchanges[: len(self._asked)]]
        if recorded != self._asked:
            self._refusal = differs(recorded, self._asked, f"command {len(self._asked)}")

    def _play(self, pieces: tuple[Piece, ...]) -> None:
        for piece in pieces:
            self._say(piece.text, piece.delay / self.speed if self.speed > 0 else 0.0)

    def _say(self, text: str, delay: float = 0.0) -> None:
        self._due += delay
        self._pending.append((self._due, text.encode("utf-8", "replace")))

    def interrupt(self) -> None:
        """Stop the answer that is being played."""
        if self._pending:
            self._pending.clear()
            self._due = time.monotonic()
            self._say(f"^C\r\n{self._recording.prompt}")

    def request_exit(self) -> None:
        """End the play."""
        self._pending.clear()
        self._over = True

    def kill(self) -> None:
        """End the play."""
        self.request_exit()

    def processor_ticks(self) -> int | None:
        """A recording does not tell."""
        return None

    def close(self) -> Ending:
        """The exit status the recording tells, and no signal."""
        return Ending(self._recording.exit_status, None)

    def lost(self) -> None:
        """Nothing: a recording is here."""


def differs(recorded: list[str], session: list[str], what: str) -> ReplayError:
    """The error for lines of a session that are not those of its recording, with their difference."""
    lines = difflib.unified_diff(recorded, session, "recorded", "session", lineterm="", n=3)
    return ReplayError(
        "replay-differs",
        "\n".join((f"{what} is not what was recorded:", *lines)),
        "send the recorded commands in their order, or replay without --strict",
    )


def _wait(wake: int, seconds: float) -> None:
    waiting = select.poll()
    waiting.register(wake, select.POLLIN)
    waiting.poll(seconds * 1000)
