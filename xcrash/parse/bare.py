# SPDX-License-Identifier: Apache-2.0
"""A type, a member or a symbol typed where a command is expected: crash shows what it is.

Source of the behaviour: cmdline.c:exec_command, symbols.c:is_datatype_command (``struct``, ``union`` or ``whatis`` was
meant), symbols.c:cmd_p (``p`` was).
"""

from __future__ import annotations

import re

from xcrash.parse import p, struct, whatis

WORD = re.compile(r"[A-Za-z_]\w*(?:\.[\w.,\[\]]+)?(?::[\w,-]*)?$")
"""What can be typed so; commands of gdb and of extensions look the same."""

_ERROR = re.compile(r"(?:struct|union): ")


def parse(text: str) -> struct.Struct | whatis.Whatis | p.Print | None:
    """What the text shows; None if that is neither a type nor data."""
    printed = p.parse(text)
    if printed.results or printed.per_cpu:
        return printed
    shown = struct.parse(text)
    if shown.definitions or shown.instances or shown.memory or any(_ERROR.match(said.text) for said in shown.remarks):
        return shown
    types = whatis.parse(text)
    return types if types.declarations else None
