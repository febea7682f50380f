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
_HEX = r"(?:0x)?[0-9a-f]{8,16}"
_ENDS = tuple(
    (re.compile(above), re.compile(below))
    for above, below in (
        (r".*\bTASK: .* COMMAND:\s*$", r'"[^"]{0,15}"\s*$'),
        (rf"\s*#\d{{1,4}} \[{_HEX}\] \S+ at {_HEX}\s*$", r"\[\w{1,60}\]\s*$"),
        (rf"\s*{_HEX} <[^<>]{{1,200}}>:.*\s{_HEX}\s*$", r"<[\w.$+@-]{1,200}>\s*$"),
        (r"\s*PID +PPID +CPU +TASK +ST +%MEM +VSZ +RSS\s*$", r"COMM\s*$"),
        (
            rf"[>\s]*\d+ +\d+ +\d+ +{_HEX} +[A-Z?]{{2}} +[\d.]+ +\d+ +\d+\s*$",
            r"(?:\[[^\s\[\]]{1,20}\]|[A-Za-z][^\s:]{0,15})\s*$",
        ),
        (rf"\s*{_HEX}(?: +[0-9a-f]{{1,16}}){{5}}\s*$", r"[a-z]\w*(?:,\w+)*\s*$"),
    )
)
"""The end of a line that a mailer broke, and what it left for the next one."""
_ENTRY = re.compile(r"[0-9a-f]{8,16}\s*$")
"""The first answer of ``list``: people type such an address with ``0x``."""
_NAME = re.compile(r"COMMAND: ")


def rejoin(typed: str, command: str, answer: Sequence[Numbered]) -> tuple[str, list[Numbered]]:
    """The whole ``command``, of which ``typed`` is the line with its prompt, and the answer below it."""
    lines = list(answer)
    while lines and command.endswith("\\"):
        command = f"{command[:-1].rstrip()} {lines.pop(0)[1].strip()}"
    if lines and (_PIPE.match(lines[0][1]) or _flows(typed, lines[0][1])):
        command = f"{command} {lines.pop(0)[1].strip()}"
    rows: list[Numbered] = []
    for number, text in lines:
        if rows and _NAME.match(text) and _TASK.match(rows[-1][1]):
            rows[-1] = (rows[-1][0], f"{rows[-1][1].rstrip()}  {text}")
        elif (
            rows
            and len(text) < _BROKEN.stop
            and any(below.match(text) and above.match(rows[-1][1]) for above, below in _ENDS)
        ):
            rows[-1] = (rows[-1][0], f"{rows[-1][1].rstrip()} {text}")
        else:
            rows.append((number, text))
    return command, rows


def _flows(typed: str, below: str) -> bool:
    """Whether a mailer broke the line ``typed`` because the first word ``below`` had no room."""
    if _ENTRY.match(below):
        return False
    is_broken = len(typed) in _BROKEN and typed.endswith(" ") and not typed.endswith("  ")
    return is_broken and below[:1].strip() != "" and len(typed) + len(below.split(maxsplit=1)[0]) >= _FULL
