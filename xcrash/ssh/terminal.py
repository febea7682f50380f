# SPDX-License-Identifier: Apache-2.0
"""The command line for the far shell that starts crash on a terminal, every word quoted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

ROWS, COLUMNS = 50, 512
"""A window wide enough that readline never redraws."""

_LEADER = (
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
of a crash that died is not for the terminal. One line without a backslash: shells of every family read it alike.
"""


def terminal_command(directory: str, env: Mapping[str, str], argv: Sequence[str]) -> str:
    """What the login's shell, whichever it is, has to run: ``argv`` in ``directory`` with exactly this environment."""
    settings = [f"{name}={text}" for name, text in env.items()]
    return f"exec {shlex.join(['/bin/sh', '-c', _LEADER, 'xcrash', directory, 'env', '-i', *settings, *argv])}"
