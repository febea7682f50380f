# SPDX-License-Identifier: Apache-2.0
"""``ps -S``: how many tasks are in which state.

Source of the format: task.c:show_ps_summary.
"""

from __future__ import annotations

import re

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line, unquote
from xcrash.parse.value import CommandOutput

_ROW = re.compile(r"\s*([A-Z?]{2}): *([0-9]{1,10})\s*$")


class PsStates(CommandOutput, frozen=True, kw_only=True, tag="ps-states"):
    """The number of tasks by the state's two letters, as in the column ST of the table."""

    tasks: dict[str, int]


def parse_states(text: str) -> PsStates:
    """The output of ``ps -S``."""
    found = answer(text, "ps")
    tasks: dict[str, int] = {}
    rest: list[Line] = []
    for line in found.lines:
        bare = line._replace(text=unquote(line.text))
        row = _ROW.match(bare.text)
        if row and row[1] not in tasks:
            tasks[row[1]] = int(row[2])
        else:
            rest.append(bare)
    return PsStates(tasks=tasks, remarks=found.remarks, unread=tuple(unread(rest)))
