# SPDX-License-Identifier: Apache-2.0
"""Why a session or a command ended early, in words."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from xcrash.errors import SessionError, StartError

if TYPE_CHECKING:
    from xcrash.session.transport import Ending


def not_started(program: str, error: Exception) -> StartError:
    """``program`` cannot be executed, or what it takes to talk to it cannot be had."""
    exhausted = isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)
    return StartError(
        "crash-not-started",
        f"cannot start {program}: {str(error).splitlines()[0]}",
        "end other sessions, or raise the limit of open files: ulimit -n"
        if exhausted
        else "name the crash utility with --crash PATH",
    )


def start_timeout(limit: float, phase: str) -> StartError:
    """No prompt within ``limit`` seconds."""
    return StartError(
        "start-timeout",
        f"crash did not reach its prompt within {limit:.0f} s; it was {phase}",
        "start again with --crash-arg=-d1, or skip the step it hangs in (--crash-arg=--no_modules, ...)",
    )


def stuck(command: str) -> SessionError:
    """A command that passed its limit and cannot be interrupted."""
    return SessionError(
        "command-stuck",
        f"{command!r} passed its limit and crash does not react to Ctrl-C",
        "the session was ended; start again without that command",
    )


def in_words(exit_status: int | None, signal: int | None) -> str:
    """How a process ended."""
    return f"signal {signal}" if signal else f"status {exit_status}"


def died(ending: Ending, command: str | None) -> SessionError:
    """crash is gone and nobody asked for it."""
    how = in_words(ending.exit_status, ending.signal)
    doing = f" during {command!r}" if command else ""
    return SessionError(
        "crash-died",
        f"crash ended by itself{doing} ({how})",
        "everything it said is in the recording; start again"
        + (" and leave that command out" if command else "; if it was killed for its memory, dmesg tells"),
    )


def defect(bug: BaseException) -> SessionError:
    """An exception nobody expected on the owner thread."""
    return SessionError("internal", f"the session ended over a defect in xcrash: {bug!r}", "please report it")
