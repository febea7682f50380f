# SPDX-License-Identifier: Apache-2.0
"""Aliases, as a table; and those that crash has from the start, which say what a typed command means.

Source of the format: cmdline.c:dump_alias_data, cmdline.c:deallocate_alias; of the aliases: cmdline.c:alias_init.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

BUILTIN: Final[dict[str, tuple[str, ...]]] = {
    "?": ("help",),
    "dec": ("set", "radix", "10"),
    "dmesg": ("log",),
    "for": ("foreach",),
    "g": ("gdb",),
    "hex": ("set", "radix", "16"),
    "last": ("ps", "-l"),
    "lsmod": ("mod",),
    "man": ("help",),
    "pd": ("p", "-d"),
    "px": ("p", "-x"),
    "quit": ("q",),
    "sf": ("set", "scroll", "off"),
    "size": ("*",),
    "sn": ("set", "scroll", "on"),
}
"""The words of the command by the alias; a user may have others."""

_HEADER = re.compile(r"\s*ORIGIN\s+ALIAS\s+COMMAND\s*$")
_ROW = re.compile(r"\s*(builtin|runtime|\S*rc)\s+(\S+)\s+(\S.*)$")
_DELETED = re.compile(r"\s*alias deleted: (\S+)\s*$")


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """An alias; ``origin`` says where it was made (``builtin``, ``runtime``, an rc file)."""

    line: int
    span: Span
    origin: str
    alias: str
    command: str


class DeletedAlias(msgspec.Struct, frozen=True, kw_only=True):
    """An alias that is gone."""

    line: int
    span: Span
    alias: str


class Aliases(CommandOutput, frozen=True, kw_only=True, tag="alias"):
    """The rows, and what was deleted."""

    aliases: tuple[Alias, ...]
    deleted: tuple[DeletedAlias, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], Aliases] | None:
    """The parser for ``alias ARGUMENTS``: the text says what it is."""
    return parse


def parse(text: str) -> Aliases:
    """The aliases in the text."""
    said = answer(text, "alias")
    aliases: list[Alias] = []
    deleted: list[DeletedAlias] = []
    left: list[Line] = []
    table = False
    for line in said.lines:
        if _HEADER.match(line.text):
            table = True
        elif table and (found := _ROW.match(line.text)):
            origin, name, command = found[1], found[2], found[3].rstrip()
            span = (line.start, line.end)
            aliases.append(Alias(line=line.number, span=span, origin=origin, alias=name, command=command))
        elif found := _DELETED.match(line.text):
            deleted.append(DeletedAlias(line=line.number, span=(line.start, line.end), alias=found[1]))
        else:
            left.append(line)
    return Aliases(aliases=tuple(aliases), deleted=tuple(deleted), remarks=said.remarks, unread=tuple(unread(left)))
