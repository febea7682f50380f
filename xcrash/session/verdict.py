# SPDX-License-Identifier: Apache-2.0
"""Did crash refuse a command? Told from the first and the last line of its answer."""

from __future__ import annotations

from xcrash.session.command_line import COMMANDS
from xcrash.session.messages import is_error_line
from xcrash.session.prompt import strip_escapes
from xcrash.session.spool import Spool
from xcrash.session.values import Exit

_LOOKED_AT = 4096
_REFUSALS = ("symbol not found: ", "Usage:")


def judge(spool: Spool, command: str, start: int, end: int) -> Exit:
    """How the command ended whose answer is bytes ``start`` to ``end``."""
    head = spool.read(start, min(end, start + _LOOKED_AT))
    tail = spool.read(max(start, end - _LOOKED_AT), end)
    for data, at in ((head, 0), (tail, -1)):
        lines = [line for line in strip_escapes(data).decode("utf-8", "replace").splitlines() if line.strip()]
        if lines and (is_error_line(lines[at], command) or _is_refusal(lines, at)):
            return "error"
    return "ok"


def _is_refusal(lines: list[str], at: int) -> bool:
    """Whether crash refused with other words than ``COMMAND: ...``: a usage, or the command that it took it for."""
    if at == 0 and lines[0].startswith(_REFUSALS):
        return True
    word, separator, _ = lines[0].partition(": ")
    return len(lines) == 1 and bool(separator) and word in COMMANDS
