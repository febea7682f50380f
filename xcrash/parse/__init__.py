# SPDX-License-Identifier: Apache-2.0
"""What did crash say? One module per crash command, named like it: text in, frozen typed values out.

Parsers never raise on text, take time in proportion to it, and keep what they could not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from xcrash.parse import ps as _ps
from xcrash.parse import set as _set
from xcrash.parse import sys as _sys
from xcrash.parse.value import ParsedValue

Parser = Callable[[str], ParsedValue | None]

_PROTECTED = re.compile(r"'[^']*'|\"[^\"]*\"|\([^()]*\)|->")
_FILTERS = frozenset(("grep", "egrep", "fgrep", "head", "tail", "sort", "uniq", "cat", "less", "more", "tee"))
_PS_OPTIONS = frozenset("AkuGsIy")
_TASK = re.compile(r"(?:0x)?[0-9a-fA-F]+|-[cpa]")


def parser_for(command_line: str) -> Parser | None:
    """The parser for the output of a crash command line; None if the output has no shape that one of them knows.

    A filter behind a pipe leaves lines that are still rows or labels; any other program, or a file, leaves none.
    """
    command, *filters = _PROTECTED.sub("_", command_line).split("|")
    words = command.split() or [""]
    if ">" in command_line and ">" in _PROTECTED.sub("_", command_line):
        return None
    if any((part.split() or [""])[0] not in _FILTERS for part in filters):
        return None
    name, arguments = words[0].lstrip("\\"), words[1:]
    if name == "ps":
        options = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
        return _ps.parse if options <= _PS_OPTIONS else None
    if name == "sys" and not arguments:
        return _sys.parse
    if name == "set" and (not arguments or _TASK.fullmatch(arguments[0])):
        return _set.parse
    return None
