# SPDX-License-Identifier: Apache-2.0
"""The wire to a crash on another machine: the same pty, with ssh at its other end and a far terminal behind that."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xcrash.errors import SessionError
from xcrash.session.processor_time import ticks_in
from xcrash.session.transport import Ending, PtyTransport
from xcrash.ssh import Connection, Request
from xcrash.ssh.complaint import OWN_FAILURE
from xcrash.ssh.terminal import terminal_command

_SIGNALLED = 128
"""Above it, a shell's exit status is that of what a signal ended."""

_ENDING = 20.0
_MEASURING = 2.0


class FarTransport(PtyTransport):
    """crash in ``directory`` on the machine that ``reach`` connects to.

    ``reach`` makes the connection and the directory where they are not there, and raises XcrashError. What the far
    crash leaves behind when the way to it breaks is ended by its process number there.
    """

    def __init__(
        self, reach: Callable[[], Connection], directory: str, argv: Sequence[str], env: Mapping[str, str]
    ) -> None:
        super().__init__(argv, {**os.environ, "TERM": "dumb"}, Path("/"))
        self._reach = reach
        self._directory = directory
        self._command = terminal_command(directory, env, argv)
        self._connection: Connection | None = None
        self._gone: SessionError | None = None

    def open(self) -> None:
        """Connect, if need be, and start crash there."""
        self._connection = self._reach()
        self._argv = list(self._connection.terminal_argv(self._command))
        super().open()

    def processor_ticks(self) -> int | None:
        """Clock ticks of crash and of what it started, over there."""
        reply = self._ask("ticks", _MEASURING)
        ticks = [ticks_in(line) for line in reply.splitlines()] if reply else []
        return sum(one for one in ticks if one is not None) if ticks else None

    def close(self) -> Ending:
        """End ssh and, should it still be there, crash."""
        ending = super().close()
        if self._connection is None:
            return ending
        left = self._ask("end", _ENDING)
        status = ending.exit_status
        if status is not None and _SIGNALLED < status < OWN_FAILURE:
            return Ending(None, status - _SIGNALLED)
        if status not in (None, OWN_FAILURE):
            return ending
        self._gone = self._why(ending, left is not None)
        return ending

    def lost(self) -> SessionError | None:
        """The connection ended, and crash with it or because of it."""
        return self._gone

    def _why(self, ending: Ending, answers: bool) -> SessionError:
        """The error of a connection that ended; ``answers``: the host itself can still be asked."""
        address = self._connection.address if self._connection else ""
        how = f"signal {ending.signal} ended ssh" if ending.signal else "ssh lost its connection"
        crash = "crash was ended there" if answers else "the host cannot be reached; crash ends there by itself"
        return SessionError(
            "connection-lost",
            f"the connection to {address} is gone ({how}); {crash}",
            "everything crash said is kept; start again when the host can be reached",
        )

    def _ask(self, op: str, patience: float) -> bytes | None:
        connection = self._connection
        if connection is None or not connection.alive:
            return None
        reply = connection.ask_briefly(Request(op, self._directory), patience)
        return None if reply is None else reply.data
