# SPDX-License-Identifier: Apache-2.0
"""What did crash say? One module per crash command, named like it: text in, frozen typed values out.

Parsers never raise on text, take time in proportion to it, and keep what they could not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from xcrash.parse.commands import COMMANDS
from xcrash.parse.value import ParsedValue

Parser = Callable[[str], ParsedValue | None]

_PROTECTED = re.compile(r"'[^']*'|\"[^\"]*\"|\([^()]*\)|->")
_FILTERS = frozenset(("grep", "egrep", "fgrep", "head", "tail", "sort", "uniq", "cat", "less", "more", "tee"))


def parser_for(command_line: str) -> Parser | None:
    """The parser for the output of a crash command line; None if the output has no shape that one of them knows.

    A filter behind a pipe leaves lines that are still rows or labels; any other program, or a file, leaves none.
    """
    plain = _PROTECTED.sub("_", command_line)
    command, *filters = plain.split("|")
    words = command.split() or [""]
    if ">" in plain:
        return None
    if any((part.split() or [""])[0] not in _FILTERS for part in filters):
        return None
    choose = COMMANDS.get(words[0].lstrip("\\"))
    return choose(words[1:]) if choose else None
