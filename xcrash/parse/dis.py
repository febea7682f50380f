# SPDX-License-Identifier: Apache-2.0
"""Disassembled instructions, and the source lines of ``dis -s``.

Source of the format: kernel.c:cmd_dis, gdb's ``x/i``, kernel.c:list_source_code; crash before 6 pads the instruction to
a column instead of a tab, gdb puts ``=>`` in front of the instruction it is at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from xcrash.parse.answer import answer, unread
from xcrash.parse.missing import without_missing
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_INSTRUCTION = re.compile(
    r"\s*(?:(=>)\s*)?0x([0-9a-f]{1,16})(?: <((?:[^<>]|<[^<>]*>)*?)(?:\+(-?[0-9]{1,20}|0x[0-9a-f]{1,16}))?>)?:"
    r"\s*(\S.*)?$"
)
_WRAPPED = re.compile(r"\s+([a-z][\w.,]*(?:\s.*\S)?)\s*$")
_SOURCE = re.compile(r"\s*(\S.*): ([0-9]{1,9})\s*$")
_FRAME = re.compile(r"\s*(?:Dump of assembler code for function (?P<function>.*):|End of assembler dump\.|\.{3})\s*$")
_FILE = re.compile(r"\s*FILE: (\S.*)$")
_LINE = re.compile(r"\s*LINE: ([0-9]{1,9})\s*$")
_LISTED = re.compile(r"\s*(?:(\*)\s*)?([0-9]{1,9})(?:\s(.*))?$")


class Instruction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One instruction: ``offset`` bytes into ``symbol``; ``current`` with an arrow in front.

    ``instruction`` is the text as printed, with gdb's comment; None where memory could not be read. ``file`` and
    ``source_line`` are those that ``dis -l`` printed above; the span then begins there.
    """

    line: int
    span: Span
    address: str
    symbol: str | None = None
    offset: int | None = None
    current: bool = False
    instruction: str | None = None
    file: str | None = None
    source_line: int | None = None


class Disassembly(CommandOutput, frozen=True, kw_only=True, tag="dis"):
    """The instructions in order."""

    instructions: tuple[Instruction, ...]


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a source file, without its number; ``current`` is the one that was asked for."""

    line: int
    span: Span
    source_line: int
    current: bool
    text: str


class Source(CommandOutput, frozen=True, kw_only=True, tag="dis-s"):
    """Where the code comes from; ``lines`` are there only if crash found the file. ``span`` is that of the head."""

    span: Span | None
    file: str | None
    source_line: int | None
    lines: tuple[SourceLine, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Disassembly | Source] | None:
    """The parser for ``dis ARGUMENTS``."""
    options = {letter for word in arguments if re.fullmatch(r"-[a-z]+", word) for letter in word[1:]}
    return parse_source if "s" in options else parse


def parse(text: str, command: str = "dis") -> Disassembly:
    """The instructions in the text."""
    said = answer(text, command)
    lines, missing = without_missing(said.lines)
    instructions: list[Instruction] = []
    left: list[Line] = []
    function, file, number = None, None, None
    source: Line | None = None
    for line in lines:
        if found := _INSTRUCTION.match(line.text):
            current, address, symbol, offset, instruction = found.groups()
            instructions.append(
                Instruction(
                    line=line.number,
                    span=((source or line).start, line.end),
                    address="0x" + address,
                    symbol=symbol or (function if offset else None),
                    offset=(int(offset, 16) if "x" in offset else int(offset)) if offset else 0 if symbol else None,
                    current=current is not None,
                    instruction=instruction.rstrip() if instruction else None,
                    file=file,
                    source_line=number,
                )
            )
            source = None
        elif (found := _WRAPPED.match(line.text)) and instructions and _waits(instructions[-1], line):
            instructions[-1] = replace(
                instructions[-1], instruction=found[1], span=(instructions[-1].span[0], line.end)
            )
        elif (found := _SOURCE.match(line.text)) and ("/" in found[1] or "." in found[1]):
            left += [source] if source else []
            source, file, number = line, found[1], int(found[2])
        elif found := _FRAME.match(line.text):
            function = found["function"] or None
        else:
            left.append(line)
    left += [source] if source else []
    return Disassembly(
        instructions=tuple(instructions), remarks=(*said.remarks, *missing), unread=tuple(unread(sorted(left)))
    )


def _waits(last: Instruction, line: Line) -> bool:
    """Whether ``line`` may be what a mailer broke off of the instruction above."""
    return last.instruction is None and last.line == line.number - 1


def parse_source(text: str) -> Source:
    """The source lines in the text."""
    said = answer(text, "dis")
    lines, missing = without_missing(said.lines)
    listed: list[SourceLine] = []
    left: list[Line] = []
    file, number = None, None
    span: Span | None = None
    for line in lines:
        if file is None and (found := _FILE.match(line.text)):
            span, file = (line.start, line.end), found[1].rstrip()
        elif span and number is None and (found := _LINE.match(line.text)):
            span, number = (span[0], line.end), int(found[1])
        elif file and (found := _LISTED.match(line.text)):
            listed.append(
                SourceLine(
                    line=line.number,
                    span=(line.start, line.end),
                    source_line=int(found[2]),
                    current=found[1] is not None,
                    text=found[3] or "",
                )
            )
        else:
            left.append(line)
    return Source(
        span=span,
        file=file,
        source_line=number,
        lines=tuple(listed),
        remarks=(*said.remarks, *missing),
        unread=tuple(unread(left)),
    )
