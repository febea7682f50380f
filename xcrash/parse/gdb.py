# SPDX-License-Identifier: Apache-2.0
"""Commands for gdb whose output crash's own commands print as well.

Source of the format: gdb's printcmd.c (``print``, ``x/i``) and typeprint.c (``ptype``, ``whatis``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from xcrash.parse import dis, p, whatis
from xcrash.parse.bt import gdb as backtrace
from xcrash.parse.value import ParsedValue

_PRINT = re.compile(r"(?:p|pri|prin|print|inspect|call)(?:/\w*)?$")
_TYPE = re.compile(r"(?:ptype|whatis)(?:/\w*)?$")
_INSTRUCTIONS = re.compile(r"x/[0-9]*i$|disassemble$")


def parser(arguments: Sequence[str]) -> Callable[[str], ParsedValue | None] | None:
    """The parser for ``gdb ARGUMENTS``; None for what only gdb prints."""
    command = arguments[0] if arguments else ""
    if _PRINT.match(command):
        return partial(p.parse, command="gdb")
    if _TYPE.match(command):
        return partial(whatis.parse, command="gdb")
    if _INSTRUCTIONS.match(command):
        return partial(dis.parse, command="gdb")
    return backtrace.parser(arguments)
