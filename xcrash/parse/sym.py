# SPDX-License-Identifier: Apache-2.0
"""Symbols: their address, type letter, module, and file and line of text.

Source of the format: symbols.c:show_symbol, symbols.c:symbol_dump, symbols.c:module_symbol_dump.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.missing import without_missing
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Remark, Span

_SYMBOL = re.compile(
    r"\s*([0-9a-f]{1,16}) \((.)\) ([^\s+]+)(?:\+(-?[0-9]{1,20}|0x[0-9a-f]{1,16}))?"
    r"(?:\s+\[([\w-]+)\])?(?:\s+(\S.*): ([0-9]{1,9}))?\s*$"
)
_MODULE = re.compile(r"\s*([0-9a-f]{1,16}) MODULE (?:([A-Z_]+(?: [A-Z_]+)*) )?(START|END): (\S+)\s*$")


class Symbol(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A symbol, or an address with the symbol that it belongs to: ``offset`` bytes behind it.

    ``type`` is the letter of nm(1), ``?`` if unknown; ``source_line`` is the line in ``file``.
    """

    line: int
    span: Span
    address: str
    type: str
    name: str
    offset: int | None = None
    module: str | None = None
    file: str | None = None
    source_line: int | None = None


class ModuleEdge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a module, or a ``section`` of it (TEXT, DATA, RODATA, INIT ...), begins or ends."""

    line: int
    span: Span
    address: str
    section: str | None = None
    edge: Literal["START", "END"]
    module: str


class Symbols(CommandOutput, frozen=True, kw_only=True, tag="sym"):
    """The symbols in order; ``alternatives`` are what crash proposes for one that it does not know."""

    symbols: tuple[Symbol, ...]
    modules: tuple[ModuleEdge, ...] = ()
    alternatives: tuple[Symbol, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], Symbols] | None:
    """The parser for ``sym ARGUMENTS``: all options print the same lines."""
    return parse


def parse(text: str) -> Symbols:
    """The symbols in the text."""
    said = answer(text, "sym")
    lines, missing = without_missing(said.lines)
    symbols: list[Symbol] = []
    modules: list[ModuleEdge] = []
    alternatives: list[Symbol] = []
    remarks: list[Remark] = []
    left: list[Line] = []
    for line in lines:
        if symbol := _symbol(line):
            symbols.append(symbol)
        elif edge := _edge(line):
            modules.append(edge)
        else:
            left.append(line)
    for remark in missing:
        symbol = _symbol(Line(remark.line, *remark.span, remark.text))
        if symbol:
            alternatives.append(symbol)
        else:
            remarks.append(remark)
    return Symbols(
        symbols=tuple(symbols),
        modules=tuple(modules),
        alternatives=tuple(alternatives),
        remarks=(*said.remarks, *remarks),
        unread=tuple(unread(left)),
    )


def _symbol(line: Line) -> Symbol | None:
    found = _SYMBOL.match(line.text)
    if not found:
        return None
    address, letter, name, offset, module, file, number = found.groups()
    return Symbol(
        line=line.number,
        span=(line.start, line.end),
        address="0x" + address,
        type=letter,
        name=name,
        offset=_number(offset) if offset else None,
        module=module,
        file=file,
        source_line=int(number) if number else None,
    )


def _edge(line: Line) -> ModuleEdge | None:
    found = _MODULE.match(line.text)
    if not found:
        return None
    address, section, edge, module = found.groups()
    return ModuleEdge(
        line=line.number,
        span=(line.start, line.end),
        address="0x" + address,
        section=section,
        edge="START" if edge == "START" else "END",
        module=module,
    )


def _number(digits: str) -> int:
    return int(digits, 16) if digits.startswith("0x") else int(digits)
