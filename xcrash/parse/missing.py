# SPDX-License-Identifier: Apache-2.0
"""What crash says when it does not know a symbol: two lines, and the symbols whose name holds the text.

Source of the format: symbols.c:cmd_sym, tools.c:convert, symbols.c:show_symbol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xcrash.parse.answer import Severity
from xcrash.parse.text import Line
from xcrash.parse.value import Remark

_MISSING = re.compile(r"\s*symbol not found: \S")
_ALTERNATIVES = re.compile(r"\s*possible alternatives:\s*$")
_NONE = re.compile(r"\s*\(none found\)\s*$")
_ALTERNATIVE = re.compile(r"\s*[0-9a-f]{1,16} \(.\) \S")


def without_missing(lines: Iterable[Line]) -> tuple[list[Line], list[Remark]]:
    """The other lines, and ``symbol not found:`` with what follows: an error, and notes for the alternatives."""
    rest: list[Line] = []
    remarks: list[Remark] = []
    inside = False
    for line in lines:
        missing = _MISSING.match(line.text) is not None
        if missing or (inside and _belongs(line.text)):
            severity: Severity = "error" if missing else "note"
            span = (line.start, line.end)
            remarks.append(Remark(line=line.number, span=span, severity=severity, text=line.text.strip()))
            inside = True
        else:
            rest.append(line)
            inside = inside and not line.text.strip()
    return rest, remarks


def _belongs(text: str) -> bool:
    return any(shape.match(text) for shape in (_ALTERNATIVES, _NONE, _ALTERNATIVE))
