# SPDX-License-Identifier: Apache-2.0
"""Structures as ``struct``, ``union`` and ``*`` show them: the definition with its size, or what is in memory.

Source of the format: symbols.c:cmd_datatype_common, symbols.c:print_struct, symbols.c:dump_struct_member; gdb prints
the data itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain

from xcrash.parse import rd
from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, Place, items, placed, size
from xcrash.parse.c_type import Declaration, Definition, declared
from xcrash.parse.c_value import Member
from xcrash.parse.missing import without_missing
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Remark

_CPU = re.compile(r"\s*\[([0-9]{1,5})\]: ([0-9a-f]{1,16})\s*$")
_MEMBER = re.compile(r"\s+(?:(?P<place>\[\w{1,18}\])\s*)?(?P<text>[A-Za-z_]\w* [^{};=]{1,400});\s*$")
_MEMORY = re.compile(r"\s*[0-9a-f]{4,16}:  ")
_ERROR = re.compile(r"(?:(?:struct|union) \w+ )?((?:struct|union|\*): .*)$")
"""An error, also behind the head of the structure that it ended."""


class Struct(CommandOutput, frozen=True, kw_only=True, tag="struct"):
    """Definitions without an address, else instances: of whole structures, or of the members that were asked for.

    ``memory`` are the words of ``struct -r``; ``members`` and ``size`` what ``| grep`` left of a definition.
    """

    definitions: tuple[Definition, ...] = ()
    instances: tuple[Instance, ...] = ()
    memory: tuple[rd.Row, ...] = ()
    members: tuple[Declaration, ...] = ()
    size: int | None = None


def parser(arguments: Sequence[str]) -> Callable[[str], Struct] | None:
    """The parser for ``struct ARGUMENTS``, and of ``union`` and ``*``: the text says what it is."""
    return parse


def parse(text: str, command: str = "struct") -> Struct:
    """The structures in the text, which ``command`` printed: its errors begin with its name."""
    said = answer(text, command)
    lines, missing = without_missing(said.lines)
    numbers = {line.start: line.number for line in lines}
    definitions: list[Definition] = []
    instances: list[Instance] = []
    memory: list[rd.Row] = []
    errors: list[Remark] = []
    left: list[Line] = []
    members: list[Member] = []
    place: Place | None = None
    for item in chain(items(lines, own=_own), (None,)):
        if isinstance(item, Member):
            members.append(item)
            continue
        if members:
            start, end = members[0].span[0], members[-1].span[1]
            instance = Instance(line=numbers[start], span=(start, end), members=tuple(members))
            instances.append(placed(instance, place))
            members, place = [], None
        if isinstance(item, Definition):
            definitions.append(item)
        elif isinstance(item, Instance):
            instances.append(placed(item, place))
            place = None
        elif isinstance(item, Line):
            row = rd.row(item) if _MEMORY.match(item.text) else None
            if found := _CPU.match(item.text):
                left += [place.line] if place else []
                place = Place(item, int(found[1]), "0x" + found[2])
            elif found := _ERROR.match(item.text):
                errors.append(Remark(line=item.number, span=(item.start, item.end), severity="error", text=found[1]))
            elif row:
                memory.append(row)
            else:
                left.append(item)
    left += [place.line] if place else []
    loose, bytes_, left = _filtered(left, not (definitions or instances))
    return Struct(
        definitions=tuple(definitions),
        instances=tuple(instances),
        memory=tuple(memory),
        members=loose,
        size=bytes_,
        remarks=tuple(sorted((*said.remarks, *missing, *errors), key=lambda remark: remark.line)),
        unread=tuple(unread(sorted(left))),
    )


def _filtered(lines: Sequence[Line], alone: bool) -> tuple[tuple[Declaration, ...], int | None, list[Line]]:
    """What is left of a definition without its head, and the other lines; members without an offset only if alone."""
    found: list[Declaration] = []
    bytes_: int | None = None
    left: list[Line] = []
    for line in sorted(lines):
        member = _MEMBER.match(line.text)
        if member and (member["place"] or alone):
            found.append(declared(member["text"], member["place"], (line.start, line.end)))
        elif alone and bytes_ is None and (bytes_ := size(line)) is not None:
            continue
        else:
            left.append(line)
    return tuple(found), bytes_, left


def _own(text: str) -> object:
    return _CPU.match(text) or _MEMORY.match(text) or _ERROR.match(text)
