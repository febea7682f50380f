# SPDX-License-Identifier: Apache-2.0
"""What was asked when in a session, how long it took and how much it said: of a recording, or of one that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from xcrash.session import CommandResult
from xcrash.transcript.play import Play
from xcrash.transcript.recording import Recording

State = Literal["played", "playing", "to come", "ok", "error", "interrupted", "timeout", "died"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command: ``at`` and ``seconds`` in seconds since crash was started, as recorded; None where nobody knows.

    ``result`` is the number of its CommandResult in this session, None while it has none; ``background``: a view asked.
    """

    number: int
    command: str
    at: float | None
    seconds: float | None
    bytes: int
    state: State
    result: int | None = None
    background: bool = False


class Ended(msgspec.Struct, frozen=True):
    """A command that ended, ``at`` seconds after the session was begun."""

    result: CommandResult
    at: float


def of_recording(recording: Recording, play: Play) -> tuple[Step, ...]:
    """Every command that was recorded, and how far the play is."""
    timed = any(piece.delay for piece in recording.startup) or any(
        piece.delay for one in recording.exchanges for piece in one.pieces
    )
    clock = sum(piece.delay for piece in recording.startup)
    steps = []
    for number, exchange in enumerate(recording.exchanges):
        seconds = sum(piece.delay for piece in exchange.pieces)
        state: State = "to come"
        if number < play.position:
            state = "playing" if play.running and number == play.position - 1 else "played"
        steps.append(
            Step(
                number=number + 1,
                command=exchange.command,
                at=clock if timed else None,
                seconds=seconds if timed else None,
                bytes=len(exchange.output.removesuffix(recording.prompt).encode("utf-8", "replace")),
                state=state,
                result=play.results.get(number),
            )
        )
        clock += seconds
    return tuple(steps)


def of_session(ended: Sequence[Ended]) -> tuple[Step, ...]:
    """The commands of a session that goes on, those of views among them."""
    return tuple(
        Step(
            number=number,
            command=one.result.command,
            at=max(0.0, one.at - one.result.seconds),
            seconds=one.result.seconds,
            bytes=one.result.bytes,
            state=one.result.exit,
            result=one.result.id,
            background=one.result.background,
        )
        for number, one in enumerate(ended, 1)
    )
