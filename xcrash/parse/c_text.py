# SPDX-License-Identifier: Apache-2.0
"""What crash prints of C data, in order: values, instances of structures, definitions; other lines as they are.

Commands that show structures (``struct``, ``list -s``, ``tree -s``, ``p``, ``task``, ``mach -c`` ...) share this text
and differ in the lines between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from xcrash.parse.c_type import HEAD, Declaration, Definition, TypeReader, declaration, enumeration
from xcrash.parse.c_value import Member, Members, Reader
from xcrash.parse.text import Line
from xcrash.parse.value import Span

_SIZE = re.compile(r"\s*SIZE: ([0-9]{1,12}|0x[0-9a-f]{1,10})(?:\s+\(0x[0-9a-f]+\))?\s*$")
_DEFINES = re.compile(r".*;\s*$|\s*(?:\[\w{1,18}\]\s*)?(?:struct|union|enum)\b[^=]*\{\s*$|\s*\}|\s*<?[Nn]o data fields")


class Instance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A structure in memory: ``keyword`` and ``name`` of its type, None if single members were asked for.

    ``cpu`` and ``address`` are printed for per-cpu data alone. ``truncated`` if the text ends inside of it.
    """

    line: int
    span: Span
    keyword: str | None = None
    name: str | None = None
    cpu: int | None = None
    address: str | None = None
    members: tuple[Member, ...]
    truncated: bool = False


class Place(NamedTuple):
    """The line in front of a structure that says whose it is: the CPU, and mostly the address."""

    line: Line
    cpu: int
    address: str | None


Item = Instance | Definition | Declaration | Member | Line


def items(
    lines: Iterable[Line], own: Callable[[str], object] = lambda text: None, declarations: bool = False
) -> Iterator[Item]:
    """The C data in these lines, in order, and every other line.

    A line for which ``own`` is true is the caller's and ends what is not closed. Blank lines are handed out between
    values only. With ``declarations``, lines such as ``int panic_timeout;`` are read as well.
    """
    state = _State(own, declarations)
    for line, following in _pairs(lines):
        yield from state.step(line, following)
    yield from state.stop()


class _State:
    def __init__(self, own: Callable[[str], object], declarations: bool) -> None:
        self._own, self._declarations = own, declarations
        self._values = Reader()
        self._type: TypeReader | None = None
        self._head: tuple[re.Match[str], Line] | None = None
        self._definition: Definition | None = None
        self._end = 0

    def step(self, line: Line, following: str) -> Iterator[Item]:
        """Read one line; ``following`` is the text of the next one that is not blank."""
        text = line.text
        if not text.strip():
            if not (self._values.depth or self._type or self._definition):
                yield line
            return
        head = HEAD.match(text)
        if self._own(text) or (head and not self._nested(text)):
            yield from self.stop()
        if head and not (self._type or self._values.depth):
            self._begin(head, line, following)
        elif self._type:
            yield from self._in_type(line)
        elif self._own(text):
            yield line
        else:
            yield from self._in_value(line)

    def stop(self) -> Iterator[Item]:
        """Hand out what is not closed."""
        if self._type:
            yield self._type.cut()
            self._type = None
        if self._definition:
            yield self._definition
            self._definition = None
        yield from self._values.dropped()
        yield from (self._named(member) for member in self._values.finish(self._end))
        self._head = None

    def _nested(self, text: str) -> bool:
        """Whether a line like a head is inside of a definition: it is indented deeper."""
        if not self._type or not self._head:
            return False
        outer = self._head[1].text
        return len(text) - len(text.lstrip()) > len(outer) - len(outer.lstrip())

    def _begin(self, head: re.Match[str], line: Line, following: str) -> None:
        self._head, self._end = (head, line), line.end
        if head["typedef"] or head["keyword"] == "enum" or not head["name"] or _DEFINES.match(following):
            self._type = TypeReader(head, line)
        else:
            self._values.open(head["name"], line)

    def _in_type(self, line: Line) -> Iterator[Item]:
        if self._type and not self._type.feed(line):
            yield line
        elif self._type and self._type.done:
            self._definition, self._type = self._type.done, None

    def _in_value(self, line: Line) -> Iterator[Item]:
        definition, self._definition = self._definition, None
        if definition:
            found = _SIZE.match(line.text)
            if found:
                yield msgspec.structs.replace(definition, size=_bytes(found[1]), span=(definition.span[0], line.end))
                return
            yield definition
        if self._values.feed(line):
            self._end = line.end
            yield from (self._named(member) for member in self._values.take())
            return
        yield from self._values.dropped()
        declared = (enumeration(line) or declaration(line)) if self._declarations and not self._values.depth else None
        yield declared or line

    def _named(self, member: Member) -> Item:
        """A member as what it is: an instance if it began with the head of one."""
        head, value = self._head, member.value
        if not head or not isinstance(value, Members) or member.span[0] != head[1].start:
            return member
        self._head = None
        return Instance(
            line=head[1].number,
            span=member.span,
            keyword=head[0]["keyword"],
            name=head[0]["name"],
            members=value.members,
            truncated=value.truncated,
        )


def size(line: Line) -> int | None:
    """The bytes of a ``SIZE: 8`` line."""
    found = _SIZE.match(line.text)
    return _bytes(found[1]) if found else None


def _bytes(word: str) -> int:
    return int(word, 16 if word.startswith("0x") else 10)


def placed(instance: Instance, place: Place | None) -> Instance:
    """The instance with what the line in front of it says; that line then belongs to it."""
    if not place:
        return instance
    start = place.line.start
    return msgspec.structs.replace(
        instance, line=place.line.number, span=(start, instance.span[1]), cpu=place.cpu, address=place.address
    )


def within(lines: Iterable[Line], spans: Iterable[Span]) -> list[Line]:
    """The lines that these spans, in order, are on."""
    found: list[Line] = []
    rest = iter(spans)
    span = next(rest, None)
    for line in lines:
        while span and span[1] <= line.start:
            span = next(rest, None)
        if span and span[0] <= line.start:
            found.append(line)
    return found


def structures(lines: Sequence[Line]) -> tuple[tuple[Instance, ...], list[Line]]:
    """The instances among the lines, and the lines that belong to none, also those inside of one that make no sense."""
    found: list[Instance] = []
    left: list[Line] = []
    strange: list[Span] = []
    for item in items(lines):
        if isinstance(item, Instance):
            found.append(item)
        elif isinstance(item, Line):
            left.append(item)
        else:
            strange.append(item.span)
    return tuple(found), sorted({*left, *within(lines, strange)})


def _pairs(lines: Iterable[Line]) -> Iterator[tuple[Line, str]]:
    """Each line with the text of the next one that is not blank."""
    waiting: list[Line] = []
    for line in chain(lines, (None,)):
        if line is not None and not line.text.strip():
            waiting.append(line)
            continue
        following = line.text if line is not None else ""
        yield from ((earlier, following) for earlier in waiting)
        waiting = [line] if line is not None else []
