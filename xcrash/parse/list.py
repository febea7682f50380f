# SPDX-License-Identifier: Apache-2.0
"""Lists of addresses, with what ``-s`` and ``-S`` show of each.

Source of the format: tools.c:do_list, tools.c:dump_struct_members_for_list. What is wrong with a list (``duplicate list
entry``, ``invalid list entry``) is said where it ends, so the addresses above are good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, items, within
from xcrash.parse.c_value import Member
from xcrash.parse.missing import without_missing
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_NOTE = r"(?:(?:<+[-=<]{2,}|-{2,}>|={2,}>)(?:\s.*)?)?$"
"""What people write behind a line."""
_ADDRESS = re.compile(rf"\s*(?:0x)?([0-9a-f]{{1,16}})\s*{_NOTE}")
_PASTED = re.compile(r"\s*(?:0x)?[0-9a-f]{6,16}\s+[A-Za-z_]\w* = \S")
_MEMBER = re.compile(r"\s+(?=[A-Za-z_]\w* = )")
_POSITION = re.compile(r"\s+(?:index: ([0-9]{1,20})\s+)?position: (root\S*)\s*$")
_EMPTY = re.compile(r"\s*\(empty\)\s*$")


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A structure that is linked: its address, the members or the whole structures that were asked for.

    ``tree -p`` adds the ``position`` (``root/0/3``, ``root/l/r``) and, of trees with keys, the ``index``.
    """

    line: int
    span: Span
    address: str
    index: int | None = None
    position: str | None = None
    members: tuple[Member, ...] = ()
    structs: tuple[Instance, ...] = ()


class List(CommandOutput, frozen=True, kw_only=True, tag="list"):
    """The entries in the order of the list.

    ``members`` are those whose entry is not in the text, as after ``| grep``.
    """

    entries: tuple[Entry, ...]
    members: tuple[Member, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], List] | None:
    """The parser for ``list ARGUMENTS``: the text says what it is."""
    return parse


def parse(text: str) -> List:
    """The list in the text."""
    said = answer(text, "list")
    lines, missing = without_missing(said.lines)
    found, loose, left = entries(lines)
    return List(entries=found, members=loose, remarks=(*said.remarks, *missing), unread=tuple(unread(left)))


def entries(lines: Sequence[Line]) -> tuple[tuple[Entry, ...], tuple[Member, ...], list[Line]]:
    """The entries of a list or tree, the members above them, and the lines that belong to none."""
    found: list[_Open] = []
    loose: list[Member] = []
    left: list[Line] = []
    strange: list[Span] = []
    for item in items(chain.from_iterable(map(_parted, lines)), own=_own):
        if not isinstance(item, Line):
            if found and isinstance(item, (Member, Instance)):
                found[-1].add(item)
            elif isinstance(item, Member):
                loose.append(item)
            else:
                strange.append(item.span)
        elif address := _ADDRESS.match(item.text):
            found.append(_Open(item, "0x" + address[1]))
        elif found and (position := _POSITION.match(item.text)):
            found[-1].place(item, position)
        elif not _EMPTY.match(item.text):
            left.append(item)
    left += within(lines, strange)
    return tuple(entry.entry() for entry in found), tuple(loose), sorted(set(left))


def _parted(line: Line) -> Iterator[Line]:
    """The address and the members of an entry that ``| paste - -``, or a writer, put on one line."""
    found = _PASTED.match(line.text)
    if not found:
        yield line
        return
    cuts = [0, *(cut.end() for cut in _MEMBER.finditer(line.text)), len(line.text)]
    for begin, end in pairwise(cuts):
        stop = line.end if end == len(line.text) else line.start + end
        yield line._replace(text=line.text[begin:end].rstrip(), start=line.start + begin, end=stop)


def _own(text: str) -> object:
    return _ADDRESS.match(text) or _POSITION.match(text)


class _Open:
    """An entry to which the lines below can belong."""

    __slots__ = ("_address", "_end", "_index", "_line", "_members", "_position", "_structs")

    def __init__(self, line: Line, address: str) -> None:
        self._line, self._end, self._address = line, line.end, address
        self._index: int | None = None
        self._position: str | None = None
        self._members: list[Member] = []
        self._structs: list[Instance] = []

    def add(self, item: Member | Instance) -> None:
        if isinstance(item, Member):
            self._members.append(item)
        else:
            self._structs.append(item)
        self._end = item.span[1]

    def place(self, line: Line, found: re.Match[str]) -> None:
        self._index = int(found[1]) if found[1] else None
        self._position, self._end = found[2], line.end

    def entry(self) -> Entry:
        return Entry(
            line=self._line.number,
            span=(self._line.start, self._end),
            address=self._address,
            index=self._index,
            position=self._position,
            members=tuple(self._members),
            structs=tuple(self._structs),
        )
