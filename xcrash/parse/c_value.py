# SPDX-License-Identifier: Apache-2.0
"""C values as gdb prints them: scalars, pointers, strings, arrays and structures inside of each other.

Source of the format: gdb's valprint.c, typeprint.c and cp-valprint.c with ``set print pretty on``, as crash runs it;
``struct -p`` adds the type in front of a name and the target behind ``->`` (symbols.c:dump_struct_member).
Plain values stay plain in JSON: decimal numbers are numbers, ``true`` and ``false`` booleans, and what has no other
form (enumerators, ``<optimized out>``, hexadecimal numbers, which may be pointers or not) is a string as printed.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Union

import msgspec
from msgspec.structs import replace

from xcrash.parse.text import Line
from xcrash.parse.value import Span

DEEPEST: Final = 48
"""How many braces may be open; the kernel has no type half as deep."""
_LONGEST_REPEAT = 4096


class _Value(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", omit_defaults=True, gc=False):
    pass


class Pointer(_Value, frozen=True, kw_only=True, tag="pointer"):
    """A pointer with what gdb says of it: its type, the symbol and offset it points to, the string there, an error."""

    address: str
    type: str | None = None
    symbol: str | None = None
    string: str | None = None
    error: str | None = None


class Text(_Value, frozen=True, kw_only=True, tag="string"):
    """An array of characters without the NULs at its end; ``truncated`` if gdb stopped at its limit."""

    string: str
    truncated: bool = False


class Members(_Value, frozen=True, kw_only=True, tag="struct"):
    """A structure or union; ``truncated`` if the text ends inside of it."""

    members: tuple[Member, ...] = ()
    truncated: bool = False


class Elements(_Value, frozen=True, kw_only=True, tag="array"):
    """An array; ``truncated`` if gdb stopped at its limit or the text ends inside of it."""

    elements: tuple[Value, ...] = ()
    truncated: bool = False


class Repeated(_Value, frozen=True, kw_only=True, tag="repeats"):
    """So many equal elements of an array, which gdb prints as one."""

    value: Value
    times: int


Value = Union[Pointer, Text, Members, Elements, Repeated, int, float, bool, str]  # noqa: UP007  # used before its parts


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A value and its name, None for a member without one (an anonymous union); ``->`` is the target of the last one.

    ``span`` is all of the lines that it is on. ``struct -p`` alone prints the ``type``, and the ``symbol`` of a target.
    """

    name: str | None = None
    type: str | None = None
    symbol: str | None = None
    span: Span
    value: Value


class _Token(NamedTuple):
    kind: str
    found: re.Match[str]


_CHARACTER = r"'(?:[^'\\]|\\[0-7]{1,3}|\\.)'"
_STRING = r"\"(?:[^\"\\]|\\.)*\"(?:\.\.\.)?"
_PIECE = rf"(?:{_STRING}|{_CHARACTER} <repeats [0-9]{{1,10}} times>)"
_TARGET = r"<(?:[^<>]|<[^<>]*>)*>"
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<function>\{(?P<prototype>[^{}=]{1,400}\))\}\s+(?P<entry>0x[0-9a-f]{1,16})(?:\s+(?P<function_name><[^<>]*>))?)"
    r"|(?P<open>\{)"
    r"|(?P<close>\})"
    r"|(?P<comma>,)"
    r"|(?P<repeats><repeats (?P<times>[0-9]{1,10}) times>)"
    r"|(?P<empty><No data fields>)"
    r"|(?P<more>\.\.\.(?=\s*\}))"
    rf"|(?P<arrow>->)(?:\s+(?P<target>{_TARGET}))?(?=\s)"
    r"|(?P<name>(?P<declared>(?:[A-Za-z_]\w{0,80}\s){0,5}\**)(?P<word>[A-Za-z_$][\w.\[\]$]*|\[[0-9]+\])\s*=(?!=)(?=\s|$))"
    rf"|(?P<text>{_PIECE}(?:, {_PIECE})*(?P<cut>\.\.\.)?)"
    r"|(?P<pointer>(?P<cast>\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s+|@)?"
    rf"(?P<address>0x[0-9a-f]{{1,16}})(?:\s+(?P<place>(?!<repeats ){_TARGET}))?"
    rf"(?:\s+(?P<string>{_STRING}))?(?:\s+{_CHARACTER})?)"
    rf"|(?P<number>-?[0-9]{{1,40}}(?P<fraction>\.[0-9]+)?(?P<exponent>e[+-]?[0-9]+)?)(?:\s+{_CHARACTER})?"
    rf"|(?P<bare>-?(?:inf|nan\(0x[0-9a-f]+\))|[A-Za-z_][\w:]*|\([^(){{}},=\"]*\)|{_TARGET}|unknown: 0x[0-9a-f]+)"
    r")"
)
_SIMPLE = re.compile(r"\s*([A-Za-z_]\w*) = (?:(-?[0-9]{1,40})|(0x[0-9a-f]{1,16})|(\{))\s*,?\s*$")
_COMMENT = re.compile(r"(?:(?:(?<=[,;{}])|\s)(?://|/\*|#|<<|<-|<=|--|\u2190)|(?<=\w)  \().*$", re.DOTALL)
"""What people write behind a value when they show it to others."""
_CLOSE = re.compile(r"\s*\},?\s*$")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"e": b"\x1b"}
_LINE_SEGMENT = re.compile(rf"{_STRING}|({_CHARACTER}) <repeats ([0-9]{{1,10}}) times>")
_VALUES = frozenset(("text", "pointer", "function", "number", "bare"))
_REPEATED = _VALUES | {"close"}
_ENDS = _VALUES | {"close", "repeats", "more", "empty"}


class _Name(NamedTuple):
    """What stands in front of a value, and where it begins."""

    name: str | None
    type: str | None
    symbol: str | None
    start: int


class _Frame:
    """A brace that is still open."""

    __slots__ = ("items", "name", "named", "truncated", "wide")

    def __init__(self, name: _Name, wide: bool) -> None:
        self.name = name
        self.items: list[Member] = []
        self.named = self.truncated = False
        self.wide = wide
        """The line ends behind the brace: a structure. An array goes on at once."""


class Reader:
    """Puts values together from lines; what is complete is taken with ``take``.

    A line is read as a whole or, if anything in it is no value, not at all: then nothing changes.
    """

    def __init__(self) -> None:
        self._frames: list[_Frame] = []
        self._done: list[Member] = []
        self._name: _Name | None = None
        self._named_on: Line | None = None

    @property
    def depth(self) -> int:
        """How many braces are open; a name that waits for its value counts as one."""
        return len(self._frames) + bool(self._name)

    def open(self, name: str | None, line: Line) -> None:
        """Begin a structure whose head stands on a line of the caller's, such as ``struct page {``."""
        self._frames.append(_Frame(_Name(name, None, None, line.start), wide=True))

    def take(self) -> list[Member]:
        """The complete values, which the reader then forgets."""
        done, self._done = self._done, []
        return done

    def finish(self, end: int) -> list[Member]:
        """All values; those whose braces are open end at ``end``, truncated."""
        self._name = None
        while self._frames:
            self._frames[-1].truncated = True
            self._close(end)
        return self.take()

    def dropped(self) -> list[Line]:
        """The line of a name outside of all braces whose value did not come; the reader forgets it."""
        if self._frames or not self._name or not self._named_on:
            return []
        self._name = None
        return [self._named_on]

    def feed(self, line: Line) -> bool:
        """Whether the line is part of a value, which then is read."""
        text = line.text
        if self._name is None:
            simple = _SIMPLE.match(text)
            if simple:
                return self._feed_simple(simple, line)
            if self._frames and _CLOSE.match(text):
                self._close(line.end)
                return True
        tokens = _tokens(text)
        if not tokens or not self._legal(tokens):
            tokens = _tokens(_COMMENT.sub("", text))
            if not tokens or not self._legal(tokens):
                return False
        last = len(tokens) - 1
        for at, (kind, found) in enumerate(tokens):
            self._apply(kind, found, line, wide=at == last)
        self._named_on = line
        return True

    def _feed_simple(self, found: re.Match[str], line: Line) -> bool:
        name, number, address, brace = found.groups()
        if brace:
            if len(self._frames) >= DEEPEST:
                return False
            self.open(name, line)
            return True
        value: Value = int(number) if number else address
        self._add(Member(name=name, span=(line.start, line.end), value=value))
        return True

    def _legal(self, tokens: list[_Token]) -> bool:
        """Whether the tokens of a line can follow each other and what stands before them."""
        depth, before = len(self._frames), "name" if self._name else "comma"
        for kind, _ in tokens:
            if kind in _VALUES or kind == "open":
                wrong = before in _ENDS or (depth == 0 and before != "name")
            elif before == "name":
                wrong = True
            elif kind in ("name", "arrow"):
                wrong = kind == "name" and before in _ENDS
            else:
                outside = depth == 0 and (kind != "comma" or before not in _ENDS)
                wrong = outside or (kind == "repeats" and before not in _REPEATED)
            depth += (kind == "open") - (kind == "close")
            if wrong or depth > DEEPEST:
                return False
            before = "name" if kind == "arrow" else kind
        return True

    def _apply(self, kind: str, found: re.Match[str], line: Line, wide: bool) -> None:
        if kind == "name":
            self._name = _Name(found["word"], found["declared"].strip() or None, None, line.start)
        elif kind == "arrow":
            self._name = _Name("->", None, found["target"] and found["target"][1:-1], line.start)
        elif kind == "close":
            self._close(line.end)
        elif kind == "empty":
            self._frames[-1].named = True
        elif kind == "more":
            self._frames[-1].truncated = True
        elif kind == "repeats" and self._frames[-1].items:
            items = self._frames[-1].items
            items[-1] = replace(items[-1], value=Repeated(value=items[-1].value, times=int(found["times"])))
        elif kind == "open" or kind in _VALUES:
            name = self._name or _Name(None, None, None, line.start)
            self._name = None
            if kind == "open":
                self._frames.append(_Frame(name, wide))
                return
            for value in _texts(found, name.name is None) if kind == "text" else (_scalar(kind, found),):
                self._add(_member(name, line.end, value))

    def _add(self, member: Member) -> None:
        if self._frames:
            frame = self._frames[-1]
            frame.named = frame.named or member.name is not None
            frame.items.append(member)
        else:
            self._done.append(member)

    def _close(self, end: int) -> None:
        frame = self._frames.pop()
        items = frame.items
        value: Value
        if frame.named or (frame.wide and all(isinstance(item.value, (Members, Elements)) for item in items)):
            value = Members(members=tuple(items), truncated=frame.truncated)
        else:
            value = Elements(elements=tuple([item.value for item in items]), truncated=frame.truncated)
        self._add(_member(frame.name, end, value))


def _member(name: _Name, end: int, value: Value) -> Member:
    return Member(name=name.name, type=name.type, symbol=name.symbol, span=(name.start, end), value=value)


def _tokens(text: str) -> list[_Token]:
    """The tokens of a line, none if anything in it is not one."""
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at, end)
        kind = found and found.lastgroup
        if not found or not kind:
            return []
        kind = next(name for name in _KINDS if found[name] is not None)
        tokens.append(_Token(kind, found))
        at = found.end()
    return tokens


_KINDS = (
    *("comma", "number", "name", "pointer", "text", "open", "close", "repeats", "empty", "more", "arrow"),
    *("function", "bare"),
)


def _scalar(kind: str, found: re.Match[str]) -> Value:
    if kind == "number":
        if found["fraction"] or found["exponent"]:
            number = float(found["number"])
            return number if abs(number) < 1e300 else found["number"]
        return int(found["number"])
    if kind == "pointer":
        return _pointer(found)
    if kind == "function":
        name = found["function_name"]
        return Pointer(address=found["entry"], type=found["prototype"].strip(), symbol=name[1:-1] if name else None)
    word = found["bare"]
    return word == "true" if word in ("true", "false") else word


def _pointer(found: re.Match[str]) -> Value:
    place, string, cast = found["place"], found["string"], found["cast"]
    if not (place or string or cast):
        return found["address"]
    symbol = place[1:-1] if place else None
    error = symbol if symbol and (symbol.startswith("error: ") or symbol.endswith(" out of bounds")) else None
    return Pointer(
        address=found["address"],
        type=cast.strip()[1:-1] if cast and cast[0] == "(" else None,
        symbol=None if error else symbol,
        string=_decoded(string.removesuffix("...")[1:-1]) if string else None,
        error=error,
    )


def _texts(found: re.Match[str], array: bool) -> list[Value]:
    """The character arrays of a run of pieces. In an array of them, one filled up with NULs ends there."""
    groups: list[list[re.Match[str]]] = [[]]
    for piece in _LINE_SEGMENT.finditer(found["text"]):
        if array and groups[-1] and not piece[1] and (not groups[-1][-1][1] or groups[-1][-1][1] == r"'\000'"):
            groups.append([])
        groups[-1].append(piece)
    values = [_text(group) for group in groups]
    if found["cut"] and isinstance(values[-1], Text):
        values[-1] = Text(string=values[-1].string, truncated=True)
    return values


def _text(pieces: list[re.Match[str]]) -> Value:
    """One character array; as printed if it is too long to write out."""
    parts, truncated = [], False
    while pieces and pieces[-1][1] == r"'\000'":
        pieces = pieces[:-1]
    for piece in pieces:
        if piece[1]:
            times = int(piece[2])
            if times > _LONGEST_REPEAT:
                return ", ".join(other[0] for other in pieces)
            parts.append(_bytes(piece[1][1:-1]) * times)
        else:
            truncated = piece[0].endswith("...")
            parts.append(_bytes(piece[0].removesuffix("...")[1:-1]))
    return Text(string=_string(b"".join(parts)), truncated=truncated)


def _decoded(body: str) -> str:
    return _string(_bytes(body))


def _string(octets: bytes) -> str:
    return octets.rstrip(b"\0").decode("utf-8", "backslashreplace")


def _bytes(body: str) -> bytes:
    octets = body.encode("utf-8", "replace")
    return _ESCAPE.sub(_unescaped, octets) if b"\\" in octets else octets


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes((int(found[1], 8) & 0xFF,))
    return _ESCAPED.get(found[2], found[2])
