# SPDX-License-Identifier: Apache-2.0
"""Definitions of C types and declarations as gdb prints them, with the offsets that crash puts in front of members.

Source of the format: gdb's c-typeprint.c:c_type_print_base; symbols.c:parse_for_member_extended and
symbols.c:cmd_datatype_common (``-o``), symbols.c:dump_enumerator_list.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from xcrash.parse.text import Line
from xcrash.parse.value import Span

Keyword = Literal["struct", "union", "enum"]

_DEEPEST = 48
_LONGEST = 500
HEAD = re.compile(
    r"\s*(?:type = )?(?P<typedef>typedef )?(?:const |volatile )*(?P<keyword>struct|union|enum|class)"
    r"(?:\s+(?P<name>[A-Za-z_]\w*))?(?: : [\w ]{1,60}?)?\s*\{\s*$"
)
_UNDERLYING = r"(?: : [\w ]{1,60}?)?"
_PLACE = r"\s*(?:(?P<place>\[\w{1,18}\])\s*)?"
_ENUM = re.compile(
    rf"\s*(?:type = )?(?P<typedef>typedef )?enum(?: (?P<name>[A-Za-z_]\w*))?{_UNDERLYING} \{{(?P<names>[^{{}}]*)\}}"
    r"(?P<rest>[^{};]*)(?:;\s*)?$"
)
_OPEN = re.compile(rf"{_PLACE}(?P<type>(?:const |volatile )*(?:struct|union|enum)(?: \w+)?){_UNDERLYING}\s*\{{\s*$")
_CLOSE = re.compile(_PLACE + r"\}(?P<rest>[^{};]*)(?:(?P<end>;)\s*)?$")
_MEMBER = re.compile(r"\s*(?:(?P<place>\[\w{1,18}\])\s*)?(?P<text>[A-Za-z_][^{};=]*);\s*$")
_ENUMERATOR = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)(?: = (?P<value>-?[0-9]{1,20}|0x[0-9a-f]{1,16}))?,?\s*$")
_INLINE_ENUM = re.compile(
    r"\s*(?:(?P<place>\[\w{1,18}\])\s*)?(?P<text>enum(?: \w+)?(?: : [\w ]{1,60}?)? \{[^{}]*\}[^{};]*);\s*$"
)
_NO_FIELDS = re.compile(r"\s*<?[Nn]o data fields>?\s*$")
_FUNCTION_POINTER = re.compile(r"\(\*+\s*(?:const |volatile )*(\w+)")
_PLAIN_NAME = re.compile(r"(\w+)(?:\[[^\]]*\])*(?:\s*:\s*[0-9]+)?$")
_FUNCTION = re.compile(r"(\w+)\(")


class Declaration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A member, or a declared variable or function.

    ``declaration`` is the text without the semicolon, with ``{...}`` for the ``members`` of an embedded structure.
    ``offset`` is in bytes, ``address`` where the member is in memory (``-o`` with an address), ``value`` that of an
    enumerator.
    """

    name: str | None = None
    declaration: str | None = None
    offset: int | None = None
    address: str | None = None
    value: int | None = None
    members: tuple[Declaration, ...] | None = None
    span: Span


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A type with its members; ``typedef`` is the name behind the closing brace, ``size`` bytes.

    ``truncated`` if the text ends inside of it.
    """

    line: int
    span: Span
    keyword: Keyword
    name: str | None
    typedef: str | None = None
    members: tuple[Declaration, ...]
    size: int | None = None
    truncated: bool = False


class _Frame:
    __slots__ = ("declaration", "end", "items", "place", "start")

    def __init__(self, declaration: str | None, place: str | None, line: Line) -> None:
        self.declaration, self.place, self.start, self.end = declaration, place, line.start, line.end
        self.items: list[Declaration] = []


class TypeReader:
    """Reads the lines of one definition, whose head is given; ``feed`` is False for a line that is no part of it."""

    def __init__(self, head: re.Match[str], line: Line) -> None:
        keyword = head["keyword"]
        self._keyword: Keyword = "enum" if keyword == "enum" else "union" if keyword == "union" else "struct"
        self._name: str | None = head["name"]
        self._line = line
        self._frames = [_Frame(None, None, line)]
        self.done: Definition | None = None

    def feed(self, line: Line) -> bool:
        """Whether the line belongs to the definition; ``done`` is there after its last one."""
        text, frame = line.text, self._frames[-1]
        found = _CLOSE.match(text)
        if found:
            return self._close(found, line)
        found = _ENUMERATOR.match(text) if self._keyword == "enum" else None
        if found:
            value = found["value"]
            number = int(value, 16 if value.startswith("0x") else 10) if value else None
            frame.items.append(Declaration(name=found["name"], value=number, span=(line.start, line.end)))
        elif found := _OPEN.match(text):
            if len(self._frames) > _DEEPEST:
                return False
            self._frames.append(_Frame(found["type"], found["place"], line))
        elif found := _MEMBER.match(text) or _INLINE_ENUM.match(text):
            frame.items.append(declared(found["text"], found["place"], (line.start, line.end)))
        elif not _NO_FIELDS.match(text):
            return False
        self._frames[0].end = line.end
        return True

    def cut(self) -> Definition:
        """The definition as far as it came."""
        while len(self._frames) > 1:
            self._nested(None, self._frames[0].end)
        return self._finished(None, self._frames[0].end, truncated=True)

    def _close(self, found: re.Match[str], line: Line) -> bool:
        rest = found["rest"].strip() or None
        if len(self._frames) > 1:
            if not found["end"]:
                return False
            self._frames[-1].place = found["place"] or self._frames[-1].place
            self._nested(rest, line.end)
            self._frames[0].end = line.end
        else:
            self.done = self._finished(rest, line.end)
        return True

    def _nested(self, declarator: str | None, end: int) -> None:
        frame = self._frames.pop()
        head = declared(declarator or "", frame.place, (frame.start, end))
        self._frames[-1].items.append(
            Declaration(
                name=head.name,
                declaration=f"{frame.declaration} {{...}} {declarator or ''}".rstrip(),
                offset=head.offset,
                address=head.address,
                members=tuple(frame.items),
                span=head.span,
            )
        )

    def _finished(self, typedef: str | None, end: int, truncated: bool = False) -> Definition:
        return Definition(
            line=self._line.number,
            span=(self._line.start, end),
            keyword=self._keyword,
            name=self._name,
            typedef=typedef,
            members=tuple(self._frames[0].items),
            truncated=truncated,
        )


def declared(text: str, place: str | None, span: Span) -> Declaration:
    """A declaration; ``place`` is the offset in decimal or hexadecimal digits, or the address, in brackets."""
    offset = address = None
    if place:
        digits = place[1:-1]
        if len(digits.removeprefix("0x")) >= 8 and not digits.startswith("0x"):
            address = _hexadecimal(digits)
        elif digits.isdigit():
            offset = int(digits)
        else:
            number = _hexadecimal(digits)
            offset = int(number, 16) if number else None
    return Declaration(
        name=_declarator(text), declaration=text.strip() or None, offset=offset, address=address, span=span
    )


def declaration(line: Line) -> Declaration | None:
    """A declaration that stands alone, such as ``void panic(const char *, ...);``; None for other lines."""
    found = _MEMBER.match(line.text)
    return declared(found["text"], None, (line.start, line.end)) if found and not found["place"] else None


def enumeration(line: Line) -> Definition | None:
    """An ``enum`` on one line, as gdb prints it; None for other lines."""
    found = _ENUM.match(line.text) if "enum" in line.text else None
    if not found:
        return None
    span, members, value = (line.start, line.end), [], -1
    for part in found["names"].split(","):
        name, _, number = part.partition("=")
        if number.strip():
            read = _ENUMERATOR.match(part)
            if not read or not read["value"]:
                return None
            value = int(read["value"], 0)
        else:
            value += 1
        members.append(Declaration(name=name.strip(), value=value, span=span))
    return Definition(
        line=line.number,
        span=span,
        keyword="enum",
        name=found["name"],
        typedef=found["rest"].strip() or None,
        members=tuple(members),
    )


def _hexadecimal(digits: str) -> str | None:
    digits = digits.removeprefix("0x").lower()
    return "0x" + digits if digits and all(digit in "0123456789abcdef" for digit in digits) else None


def _declarator(text: str) -> str | None:
    """The name that a declaration declares."""
    text = text.strip()
    if not 0 < len(text) <= _LONGEST:
        return None
    found = _FUNCTION_POINTER.search(text) or _PLAIN_NAME.search(text) or _FUNCTION.search(text)
    return found[1] if found else None
