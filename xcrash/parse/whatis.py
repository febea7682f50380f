# SPDX-License-Identifier: Apache-2.0
"""Types as ``whatis`` shows them: definitions, declarations of symbols, and the types found by size or member.

Source of the format: symbols.c:cmd_whatis, symbols.c:whatis_variable, symbols.c:print_struct.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import items, size, within
from xcrash.parse.c_type import Declaration, Definition
from xcrash.parse.missing import without_missing
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_HEADER = re.compile(r"\s*SIZE\s+TYPE\s*$")
_ROW = re.compile(r"\s*([0-9]{1,12})\s+([A-Za-z_][\w ]*)$")
_EXPRESSION = re.compile(r"\s*(?:type = )?([A-Za-z_][\w *()\[\],]*)$")


class TypeSize(msgspec.Struct, frozen=True, kw_only=True):
    """A type and its bytes."""

    line: int
    span: Span
    size: int
    name: str


class DeclaredSize(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration, of a typedef, variable or function; ``size`` is bytes and printed for typedefs."""

    line: int
    span: Span
    declaration: Declaration
    size: int | None = None


class Whatis(CommandOutput, frozen=True, kw_only=True, tag="whatis"):
    """What the text has of each; the type of an expression is a declaration without a name."""

    definitions: tuple[Definition, ...] = ()
    declarations: tuple[DeclaredSize, ...] = ()
    types: tuple[TypeSize, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], Whatis] | None:
    """The parser for ``whatis ARGUMENTS``: the text says what it is."""
    return parse


def parse(text: str, command: str = "whatis") -> Whatis:
    """The types in the text."""
    said = answer(text, command)
    lines, missing = without_missing(said.lines)
    definitions: list[Definition] = []
    declarations: list[DeclaredSize] = []
    types: list[TypeSize] = []
    left: list[Line] = []
    numbers = {line.start: line.number for line in lines}
    strange: list[Span] = []
    table = fresh = False
    for item in items(lines, declarations=True):
        if isinstance(item, Definition):
            definitions.append(item)
        elif isinstance(item, Declaration):
            declarations.append(DeclaredSize(line=numbers[item.span[0]], span=item.span, declaration=item))
        elif not isinstance(item, Line):
            strange.append(item.span)
        elif _HEADER.match(item.text):
            table = True
        elif table and (found := _ROW.match(item.text)):
            types.append(
                TypeSize(line=item.number, span=(item.start, item.end), size=int(found[1]), name=found[2].rstrip())
            )
        elif fresh and (size_ := size(item)) is not None:
            last = declarations[-1]
            declarations[-1] = replace(last, size=size_, span=(last.span[0], item.end))
        else:
            left.append(item)
        fresh = isinstance(item, Declaration)
    left += within(lines, strange)
    alone = [line for line in left if line.text.strip()]
    found = _EXPRESSION.match(alone[0].text) if len(alone) == 1 and not (definitions or declarations or types) else None
    if found:
        span, left = (alone[0].start, alone[0].end), []
        type_ = Declaration(declaration=found[1].rstrip(), span=span)
        declarations.append(DeclaredSize(line=alone[0].number, span=span, declaration=type_))
    return Whatis(
        definitions=tuple(definitions),
        declarations=tuple(declarations),
        types=tuple(types),
        remarks=(*said.remarks, *missing),
        unread=tuple(unread(sorted(set(left)))),
    )
