# SPDX-License-Identifier: Apache-2.0
"""Everything xcrash can refuse to do, as one tree.

    XcrashError                     70  internal error
    ├── UsageError                   2  the command line does not make sense
    ├── NamelistError                3  no kernel image or debuginfo that fits
    ├── MemorySourceError            4  the dump or memory is missing, unreadable or not one; its host is not reached
    │   └── LensError                4  the memory of a PV Dom0 cannot be shown to crash
    ├── StartError                   5  crash could not start
    ├── SessionError                 6  crash died, hung or timed out; its output cannot be kept
    └── ReplayError                  7  a recording and the session differ

Each error says what happened and why (``message``), what to try next (``hint``), and has a stable ``code`` for scripts.
"""

from __future__ import annotations

from typing import ClassVar


class XcrashError(Exception):
    """A refusal with a stable code, a message for people and the next thing to try."""

    exit_status: ClassVar[int] = 70

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class UsageError(XcrashError):
    """The command line does not make sense."""

    exit_status = 2


class NamelistError(XcrashError):
    """No kernel image or debuginfo that fits the memory image."""

    exit_status = 3


class MemorySourceError(XcrashError):
    """The dump or memory source is missing, unreadable or not what it was taken for."""

    exit_status = 4


class LensError(MemorySourceError):
    """The memory of a running PV Dom0 cannot be shown to crash: something of it is unknown or missing."""


class StartError(XcrashError):
    """crash could not be started, or ended before its first prompt."""

    exit_status = 5


class SessionError(XcrashError):
    """crash died, hung or timed out after its first prompt, or its output could not be kept."""

    exit_status = 6


class ReplayError(XcrashError):
    """A recording cannot be read, or a session differs from it."""

    exit_status = 7
