# SPDX-License-Identifier: Apache-2.0
"""Lines of crash that a mailer broke, put together again: long commands, and tasks whose name came on the next line."""

from __future__ import annotations

import re
from collections.abc import Sequence

Numbered = tuple[int, str]

_BROKEN = range(60, 80)
_FULL = 67
"""format=flowed (RFC 3676, section 4.2) ends a line that it broke with one blank; most mailers break at 66 to 78."""
_PIPE = re.compile(r"\| ?(?:[ef]?grep|head|tail|sort|uniq|wc|awk|sed|less|more|tee|cut|cat)\b")
_TASK = re.compile(r".*\bTASK: [0-9a-f]{8,16} +CPU: \d+ *$")
_NAME = re.compile(r"COMMAND: ")


def rejoin(typed: str, command: str, answer: Sequence[Numbered]) -> tuple[str, list[Numbered]]:
    """The whole ``command``, of which ``typed`` is the line with its prompt, and the answer below it."""
    lines = list(answer)
    if lines and (_PIPE.match(lines[0][1]) or _flows(typed, lines[0][1])):
        command = f"{command} {lines.pop(0)[1].strip()}"
    rows: list[Numbered] = []
    for number, text in lines:
        if rows and _NAME.match(text) and _TASK.match(rows[-1][1]):
            rows[-1] = (rows[-1][0], f"{rows[-1][1].rstrip()}  {text}")
        else:
            rows.append((number, text))
    return command, rows


def _flows(typed: str, below: str) -> bool:
    """Whether a mailer broke the line ``typed`` because the first word ``below`` had no room."""
    is_broken = len(typed) in _BROKEN and typed.endswith(" ") and not typed.endswith("  ")
    return is_broken and below[:1].strip() != "" and len(typed) + len(below.split(maxsplit=1)[0]) >= _FULL
