# SPDX-License-Identifier: Apache-2.0
"""What ``p`` prints: values with their number in gdb's history, and where the parts of a per-cpu variable are.

Source of the format: kernel.c:cmd_p, symbols.c:cmd_p and gdb's printcmd.c:print_value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_type import Declaration, declaration
from xcrash.parse.c_value import Member, Reader, Value
from xcrash.parse.missing import without_missing
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_RESULT = re.compile(
    r"\s*(?:(per_cpu\((?P<symbol>[\w.]+), (?P<cpu>[0-9]{1,5})\)|\S.{0,400}?) = )?\$(?P<number>[0-9]{1,9}) =(?=\s|$)"
)
_TYPE = re.compile(r"\s*PER-CPU DATA TYPE:\s*$")
_ADDRESSES = re.compile(r"\s*PER-CPU ADDRESSES:\s*$")
_ADDRESS = re.compile(r"\s*\[([0-9]{1,5})\]: ([0-9a-f]{1,16})\s*$")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One value: of the ``expression`` that is printed in front (a symbol), number ``history`` of gdb's.

    ``cpu`` if the value is that CPU's part of a per-cpu variable.
    """

    line: int
    span: Span
    expression: str | None
    cpu: int | None = None
    history: int
    value: Value


class PerCpuAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the part of a CPU is."""

    line: int
    span: Span
    cpu: int
    address: str


class PerCpu(msgspec.Struct, frozen=True, kw_only=True):
    """A per-cpu variable."""

    line: int
    span: Span
    declaration: Declaration | None
    addresses: tuple[PerCpuAddress, ...]


class Print(CommandOutput, frozen=True, kw_only=True, tag="p"):
    """The values, and the per-cpu variable if ``p`` was asked for one."""

    results: tuple[Result, ...] = ()
    per_cpu: PerCpu | None = None


def parser(arguments: Sequence[str]) -> Callable[[str], Print] | None:
    """The parser for ``p ARGUMENTS``: the text says what it is."""
    return parse


def parse(text: str, command: str = "p") -> Print:
    """The values in the text."""
    said = answer(text, command)
    lines, missing = without_missing(said.lines)
    results, lines = _results(lines, len(text))
    per_cpu, left = _per_cpu(lines)
    return Print(results=results, per_cpu=per_cpu, remarks=(*said.remarks, *missing), unread=tuple(unread(left)))


def _results(lines: Sequence[Line], end: int) -> tuple[tuple[Result, ...], list[Line]]:
    """The values, and the lines that are none."""
    reader = Reader()
    results: list[Result] = []
    rest: list[Line] = []
    head: tuple[Line, re.Match[str]] | None = None

    def give_up(where: int) -> None:
        """What was begun ends here; a head that no value followed is no value."""
        members = reader.finish(where)
        if head and not members:
            rest.append(head[0])
        results.extend(_finished(head, members))

    for line in lines:
        found = _RESULT.match(line.text)
        if found:
            give_up(line.start)
            head = (line, found)
            # gdb's reader takes a name and a value; what is behind the number is the value.
            read = reader.feed(line._replace(text=f"$ ={line.text[found.end() :]}"))
            head = head if read else None
        elif not line.text.strip():
            continue
        else:
            read = reader.depth > 0 and reader.feed(line)
        if not read:
            rest.append(line)
        complete = _finished(head, reader.take())
        results += complete
        head = None if complete else head
    give_up(end)
    return tuple(results), sorted(rest)


def _finished(head: tuple[Line, re.Match[str]] | None, members: list[Member]) -> list[Result]:
    if not head or not members:
        return []
    line, found = head
    return [
        Result(
            line=line.number,
            span=(line.start, members[0].span[1]),
            expression=found["symbol"] or found[1],
            cpu=int(found["cpu"]) if found["cpu"] else None,
            history=int(found["number"]),
            value=members[0].value,
        )
    ]


def _per_cpu(lines: Sequence[Line]) -> tuple[PerCpu | None, list[Line]]:
    """The per-cpu variable, and the lines that say nothing of it."""
    first: Line | None = None
    last: Line | None = None
    declared: Declaration | None = None
    addresses: list[PerCpuAddress] = []
    rest: list[Line] = []
    for line in lines:
        address = _ADDRESS.match(line.text)
        if _TYPE.match(line.text) or _ADDRESSES.match(line.text):
            first = first or line
        elif address:
            first = first or line
            addresses.append(
                PerCpuAddress(
                    line=line.number, span=(line.start, line.end), cpu=int(address[1]), address="0x" + address[2]
                )
            )
        elif first and not declared and (declared := declaration(line)):
            pass
        else:
            rest.append(line)
            continue
        last = line
    if not first or not last:
        return None, rest
    span = (first.start, last.end)
    return PerCpu(line=first.number, span=span, declaration=declared, addresses=tuple(addresses)), rest
