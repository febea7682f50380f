# SPDX-License-Identifier: Apache-2.0
"""What did crash say? One module per crash command, named like it: text in, frozen typed values out."""

from __future__ import annotations

from collections.abc import Callable

from xcrash.parse import ps, set, sys
from xcrash.parse.value import ParsedValue

Parser = Callable[[str], ParsedValue | None]


def parser_for(command_line: str) -> Parser | None:
    """The parser for the output of a crash command line, None if there is none."""
    return None
