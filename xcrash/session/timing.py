# SPDX-License-Identifier: Apache-2.0
"""The clocks of a session in one place."""

from __future__ import annotations

import msgspec


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds the engine waits: silences before a prompt is tested, deadlines before it insists.

    ``silent`` without output and processor time is told as a hang, measured every ``measure``; ``again`` is between the
    presses of a crash that needs several, ``interrupt`` before a second press of one that should need one. Without a
    request for ``spare``, a background command is sent; after ``give_way`` it is interrupted for one that a user waits
    for.
    """

    settle: float = 0.005
    settle_glued: float = 0.3
    question: float = 0.5
    retry: float = 5.0
    interrupt: float = 2.0
    again: float = 0.3
    give_up: float = 15.0
    quit: float = 5.0
    start: float = 1800.0
    silent: float = 60.0
    measure: float = 1.0
    report: float = 0.1
    spare: float = 1.0
    give_way: float = 0.5
