# SPDX-License-Identifier: Apache-2.0
"""Commands over which crash ends by a fault of its own, so that another crash can do without them."""

from __future__ import annotations

import signal

from xcrash.errors import SessionError
from xcrash.literal import one_line
from xcrash.session.command_line import read_line
from xcrash.session.values import CommandResult, SessionGone

_SIGNALS = frozenset((signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT))
"""Those that nobody sends to another process."""

_KNOWN = {
    ("xen", "dumpinfo"): "crash 8.0.6 and 9.0.2 were seen to end so over every dump; pcpus, vcpus and log tell of the "
    "processors, too",
}
"""By view and command."""


def known_fault(view: str | None, command: str) -> str | None:
    """What is known of a command over which crash ends without a word; None when nothing is."""
    return _KNOWN.get((view or "", read_line(command).word))


def is_fault(gone: SessionGone, last: CommandResult, view: str | None) -> bool:
    """Did crash end over its last command by itself: by a signal that no user sends, or as the command is known to?"""
    if gone.error is None or gone.error.code != "crash-died" or last.exit != "died":
        return False
    return gone.signal in _SIGNALS or known_fault(view, last.command) is not None


def survived(command: str, how: str, view: str | None) -> SessionError:
    """The error of a command over which crash ended, for a session that goes on with another crash."""
    return SessionError(
        "crash-died",
        f"crash ended by itself during {command!r} ({how}) and was started again",
        known_fault(view, command) or "leave that command out; it is a fault of crash, worth a report to its makers",
    )


def in_words(command: str, how: str, view: str | None) -> str:
    """The same for who watches."""
    known = known_fault(view, command)
    return (
        f"crash ended over {one_line(command)!r} without saying why ({how}); it is started again, and that command is "
        f"not sent again{f': {known}' if known else ''}"
    )
