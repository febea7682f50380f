# SPDX-License-Identifier: Apache-2.0
"""Start crash once more with -d1, only to see what it says last: a truncated dump ends it without a message."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from xcrash.errors import XcrashError
from xcrash.rescue import last_words
from xcrash.session import Event, PhaseChanged, Session, Spool, Timing, Transport

LONGEST = 180.0
"""Seconds; the start that failed took no longer than any other."""


class Diagnosis:
    """One such start; what it prints goes to the end of ``spool``, its phases to ``listener``."""

    def __init__(self, transport: Transport, spool: Spool, listener: Callable[[Event], None] | None) -> None:
        self._listener = listener
        self._session = Session(transport, spool, listener=self._hear, timing=Timing(start=LONGEST))

    def _hear(self, event: Event) -> None:
        if isinstance(event, PhaseChanged) and self._listener:
            self._listener(PhaseChanged(f"looking for the reason: {event.phase}", event.seconds))

    def words(self) -> str | None:
        """The line that tells most; None when there is none, or crash reached its prompt this time."""
        self._session.start()
        with contextlib.suppress(XcrashError):
            self._session.wait_ready()
        reached = self._session.was_ready
        self._session.close()
        return None if reached else last_words(self._session.startup_text())

    def stop(self) -> None:
        """End it early, from another thread."""
        self._session.close()
