# SPDX-License-Identifier: Apache-2.0
"""Extensions: the shared objects and the commands that they add.

Source of the format: extensions.c:dump_extension_table, extensions.c:load_extension, extensions.c:unload_extension.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Remark, Span

_HEADER = re.compile(r"\s*SHARED OBJECT\s+COMMANDS\s*$")
_ROW = re.compile(r"\s*(\S*\.so\S*)\s+([\w*.-]+(?: +[\w*.-]+)*) *$")
_CHANGE = re.compile(r"\s*(\S.*?): shared object (loaded|unloaded)\s*$")
_NOTHING = re.compile(r"\s*(?:no extensions loaded|\S.*?: shared object already loaded)\s*$", re.IGNORECASE)


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """A shared object that is loaded."""

    line: int
    span: Span
    shared_object: str
    commands: tuple[str, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A shared object that came or went."""

    line: int
    span: Span
    shared_object: str
    change: Literal["loaded", "unloaded"]


class Extensions(CommandOutput, frozen=True, kw_only=True, tag="extend"):
    """What is loaded, or what changed."""

    extensions: tuple[Extension, ...] = ()
    changes: tuple[Change, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], Extensions] | None:
    """The parser for ``extend ARGUMENTS``: the text says what it is."""
    return parse


def parse(text: str) -> Extensions:
    """The extensions in the text."""
    said = answer(text, "extend")
    extensions: list[Extension] = []
    changes: list[Change] = []
    notes: list[Remark] = []
    left: list[Line] = []
    table = False
    for line in said.lines:
        span = (line.start, line.end)
        if _HEADER.match(line.text):
            table = True
        elif found := _CHANGE.match(line.text):
            change: Literal["loaded", "unloaded"] = "loaded" if found[2] == "loaded" else "unloaded"
            changes.append(Change(line=line.number, span=span, shared_object=found[1], change=change))
        elif table and (found := _ROW.match(line.text)):
            commands = tuple(found[2].split())
            extensions.append(Extension(line=line.number, span=span, shared_object=found[1], commands=commands))
        elif _NOTHING.match(line.text):
            notes.append(Remark(line=line.number, span=span, severity="note", text=line.text.strip()))
        else:
            left.append(line)
    return Extensions(
        extensions=tuple(extensions),
        changes=tuple(changes),
        remarks=(*said.remarks, *notes),
        unread=tuple(unread(left)),
    )
