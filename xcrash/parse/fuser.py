# SPDX-License-Identifier: Apache-2.0
"""The tasks that use a file: ``fuser``.

Source of the format: filesys.c:cmd_fuser, filesys.c:show_fuser: the name is quoted and cut to 16 characters, quotes
included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.value import CommandOutput, Span

_USER = re.compile(
    r"\s*([0-9]{1,10}) +([0-9a-f]{6,16}) +\"(.{0,16}?)(\"?) +"
    r"((?:(?:root|cwd|fd|mmap|lockd|\([^()]{1,200}\))(?: +|$))+)$"
)
_NOBODY = re.compile(r"\s*No users of .{1,300} found\s*$")
_LONGEST = 400


class FileUser(msgspec.Struct, frozen=True, kw_only=True):
    """One task and how it uses the file: ``root``, ``cwd``, ``fd``, ``mmap``.

    ``complete`` is False where crash cut the end of ``comm`` off.
    """

    line: int
    span: Span
    pid: int
    task: str
    comm: str
    complete: bool
    usage: tuple[str, ...]


class Fuser(CommandOutput, frozen=True, kw_only=True, tag="fuser"):
    """The users of a file; none for ``No users of FILE found``."""

    users: tuple[FileUser, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Fuser] | None:
    """The parser for ``fuser ARGUMENTS``."""
    return parse


def parse(text: str) -> Fuser:
    """The tasks of the answer."""
    said = answer(text, "fuser")
    users, left = [], []
    for line in said.lines:
        found = _USER.match(line.text) if len(line.text) < _LONGEST else None
        if found:
            users.append(
                FileUser(
                    line=line.number,
                    span=(line.start, line.end),
                    pid=int(found[1]),
                    task=f"0x{found[2]}",
                    comm=found[3],
                    complete=bool(found[4]),
                    usage=tuple(found[5].split()),
                )
            )
        elif line.text.split() != ["PID", "TASK", "COMM", "USAGE"] and not _NOBODY.match(line.text[:_LONGEST]):
            left.append(line)
    return Fuser(users=tuple(users), remarks=said.remarks, unread=tuple(unread(left)))
