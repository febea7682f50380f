# SPDX-License-Identifier: Apache-2.0
"""The command line for the far shell that starts crash on a terminal, every word quoted."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence

ROWS, COLUMNS = 50, 512
"""A window wide enough that readline never redraws."""

_UNSAFE = re.compile(rb"[^A-Za-z0-9 _./,=:@+-]")
_LEADER = (
    'eval "set -- $(printf %b "$1")"; '
    'cd "$1" || exit 1; shift; '
    f"stty -echo rows {ROWS} columns {COLUMNS}; "
    "echo $$ >.pid; "
    "trap : INT QUIT; "
    "exec 2>/dev/null; "
    '(exec "$@" 2>&1); '
    "exit $?"
)
"""The leader of the terminal: it waits for crash and passes its exit status on, 128 and more for a signal.

When the terminal goes away the kernel ends the leader (SIGHUP), and with its parent crash (PR_SET_PDEATHSIG, main.c),
which itself ignores SIGHUP. Ctrl-C goes to both, and only crash ends over it what it does. What the shell has to say
of a crash that died is not for the terminal.
"""


def terminal_command(directory: str, env: Mapping[str, str], argv: Sequence[str]) -> str:
    """What the login's shell has to run: ``argv`` in ``directory`` with exactly this environment.

    That shell may be of any family: fish and csh read backslashes, quotes and "!" in their own ways. So the words are
    quoted for sh, and what is no plain character in that is written as printf's ``\\0ooo``.
    """
    settings = [f"{name}={text}" for name, text in env.items()]
    words = os.fsencode(shlex.join([directory, "env", "-i", *settings, *argv]))
    plain = _UNSAFE.sub(lambda match: b"\\0%03o" % match[0][0], words).decode()
    return f"exec /bin/sh -c '{_LEADER}' xcrash '{plain}'"
