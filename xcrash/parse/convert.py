# SPDX-License-Identifier: Apache-2.0
"""The commands that calculate: ``btop``, ``ptob``, ``ptov``, ``eval``, ``ascii``.

Source of the formats: memory.c:cmd_btop, memory.c:cmd_ptob, memory.c:cmd_ptov, tools.c:print_number,
tools.c:cmd_ascii.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.rows import Table, pointer
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, ParsedValue, Span

_PAIR = re.compile(r"\s*([0-9a-f]{1,16}): ([0-9a-f]{1,16})\s*$")
_PERCPU = re.compile(r"\s*PER-CPU OFFSET: ([0-9a-f]{1,16})\s*$")
_CPU = re.compile(r"\s*\[([0-9]{1,6})\] +(?:([0-9a-f]{1,16})|(\[?\(?OFFLINE\)?\]?))\s*$")
_EVAL = re.compile(r"\s*(hexadecimal|decimal|octal|binary|bits set): *(.*)$")
_COMMENT = re.compile(r"\s+(?:<[<-]|#|//).*$")
_OCTAL = re.compile(r"[0-7]{1,22}")
_DECIMAL = re.compile(r"([0-9]{1,20})(?:\s+\((-[0-9]{1,20})\))?\s*$")
_HEXADECIMAL = re.compile(r"([0-9a-f]{1,16})(?:\s+\(([0-9]{1,20}[KMG]B)\))?\s*$")
_BITS = re.compile(r"[01]{8,64}")
_ASCII = re.compile(r"\s*([0-9a-f]{1,16}): (.*)$")
_CHART = re.compile(r"\s*([0-9A-F]) \| ")
_CHART_HEAD = re.compile(r"\s*(?:0 +1 +2 +3 +4 +5 +6 +7|\+-+)\s*$")
_LONGEST = 400


class PageNumber(msgspec.Struct, frozen=True, kw_only=True):
    """An address and the page it is in, in hexadecimal; ``ptob`` prints them the other way round."""

    line: int
    span: Span
    address: str
    page: str


class Btop(CommandOutput, frozen=True, kw_only=True, tag="btop"):
    """The page numbers of addresses."""

    pages: tuple[PageNumber, ...]


class Ptob(CommandOutput, frozen=True, kw_only=True, tag="ptob"):
    """The addresses of page numbers."""

    pages: tuple[PageNumber, ...]


class KernelAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the kernel maps a physical address."""

    line: int
    span: Span
    virtual: str | None
    physical: str | None


class PerCpuAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a CPU has what is at a per-CPU ``offset``; None for a CPU that is offline."""

    line: int
    span: Span
    offset: str | None
    cpu: int
    virtual: str | None


class Ptov(CommandOutput, frozen=True, kw_only=True, tag="ptov"):
    """The kernel addresses of physical addresses and per-CPU offsets."""

    addresses: tuple[KernelAddress, ...]
    per_cpu: tuple[PerCpuAddress, ...]


class Eval(CommandOutput, frozen=True, kw_only=True, tag="eval"):
    """A number in every notation: ``signed`` is given for a negative one, ``multiple`` (``40KB``) for a round one.

    ``bits_set`` are the numbers of its bits, highest first, with ``-b``.
    """

    hexadecimal: str | None = None
    multiple: str | None = None
    decimal: int | None = None
    signed: int | None = None
    octal: str | None = None
    binary: str | None = None
    bits_set: tuple[int, ...] | None = None


class AsciiValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value and its bytes as characters, in the order of memory; control characters are ``<NUL>`` and the like."""

    line: int
    span: Span
    value: str
    characters: str


class Ascii(CommandOutput, frozen=True, kw_only=True, tag="ascii"):
    """The values of the arguments, or without any the chart: a row of characters for each low digit."""

    values: tuple[AsciiValue, ...]
    chart: tuple[tuple[str, ...], ...] = ()


_ADDRESSES = Table(KernelAddress, {"VIRTUAL": ("virtual", pointer), "PHYSICAL": ("physical", pointer)})


def parse_btop(text: str) -> Btop:
    """The answer to ``btop ADDRESS``."""
    said = answer(text, "btop")
    pairs, left = _pairs(said.lines)
    return Btop(
        pages=tuple(
            PageNumber(line=line.number, span=(line.start, line.end), address=a, page=p) for line, a, p in pairs
        ),
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def parse_ptob(text: str) -> Ptob:
    """The answer to ``ptob PAGE``."""
    said = answer(text, "ptob")
    pairs, left = _pairs(said.lines)
    return Ptob(
        pages=tuple(
            PageNumber(line=line.number, span=(line.start, line.end), address=a, page=p) for line, p, a in pairs
        ),
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def parse_ptov(text: str) -> Ptov:
    """The answer to ``ptov ADDRESS`` or ``ptov OFFSET:CPUS``."""
    said = answer(text, "ptov")
    per_cpu: list[PerCpuAddress] = []
    lines: list[Line] = []
    offset: str | None = None
    for line in said.lines:
        short = len(line.text) < _LONGEST
        head = _PERCPU.match(line.text) if short else None
        cpu = _CPU.match(line.text) if short and offset else None
        if head:
            offset = f"0x{head[1]}"
        elif cpu:
            per_cpu.append(
                PerCpuAddress(
                    line=line.number,
                    span=(line.start, line.end),
                    offset=offset,
                    cpu=int(cpu[1]),
                    virtual=f"0x{cpu[2]}" if cpu[2] else None,
                )
            )
        elif not (offset and line.text.split() == ["CPU", "VIRTUAL"]):
            lines.append(line)
    addresses, left = _ADDRESSES.read(lines)
    return Ptov(addresses=addresses, per_cpu=tuple(per_cpu), remarks=said.remarks, unread=tuple(unread(left)))


def parse_eval(text: str) -> Eval:
    """The answer to ``eval EXPRESSION``; a label that comes twice or without a number is not read.

    The long number in binary may have been wrapped into the next line.
    """
    said = answer(text, "eval")
    values: dict[str, object] = {}
    left: list[Line] = []
    wrapped: Line | None = None
    for line in said.lines:
        found = _EVAL.match(line.text) if len(line.text) < _LONGEST else None
        label, value = (found[1], found[2]) if found else ("binary" if wrapped else "", line.text)
        new = _notation(label, _COMMENT.sub("", value).strip()) if len(value) < _LONGEST else None
        if wrapped and not (new and label == "binary"):
            left.append(wrapped)
        wrapped = line if found and label == "binary" and not value.strip() else None
        if new and not set(new) & set(values):
            values.update(new)
        elif not wrapped:
            left.append(line)
    left += [wrapped] if wrapped else []
    return msgspec.structs.replace(Eval(remarks=said.remarks, unread=tuple(unread(left))), **values)


def parse_ascii(text: str) -> Ascii:
    """The answer to ``ascii``."""
    said = answer(text, "ascii")
    values, chart, left = [], [], []
    for line in said.lines:
        found = _ASCII.match(line.text)
        if found:
            values.append(
                AsciiValue(line=line.number, span=(line.start, line.end), value=f"0x{found[1]}", characters=found[2])
            )
        elif _CHART.match(line.text):
            chart.append(tuple(line.text.split("|", 1)[1].split()))
        elif not _CHART_HEAD.match(line.text[:_LONGEST]):
            left.append(line)
    return Ascii(values=tuple(values), chart=tuple(chart), remarks=said.remarks, unread=tuple(unread(left)))


def _pairs(lines: Iterable[Line]) -> tuple[list[tuple[Line, str, str]], list[Line]]:
    """The lines of two numbers, and the other lines."""
    pairs, rest = [], []
    for line in lines:
        found = _PAIR.match(line.text) if len(line.text) < _LONGEST else None
        if found:
            pairs.append((line, f"0x{found[1]}", f"0x{found[2]}"))
        else:
            rest.append(line)
    return pairs, rest


def _notation(label: str, text: str) -> dict[str, object] | None:
    """What a line of ``eval`` says, by the fields of Eval; None if it is no number."""
    if label == "hexadecimal":
        found = _HEXADECIMAL.match(text)
        return {"hexadecimal": f"0x{found[1]}", "multiple": found[2]} if found else None
    if label == "decimal":
        found = _DECIMAL.match(text)
        fits = found and int(found[1]) < 1 << 64
        return {"decimal": int(found[1]), "signed": int(found[2]) if found[2] else None} if found and fits else None
    if label == "bits set":
        bits = text.split()
        return {"bits_set": tuple(map(int, bits))} if all(bit.isdigit() and len(bit) < 3 for bit in bits) else None
    shape = {"binary": _BITS, "octal": _OCTAL}.get(label)
    return {label: text} if shape and shape.fullmatch(text) else None


PARSERS: Final[dict[str, Callable[[Sequence[str]], Callable[[str], ParsedValue]]]] = {
    "ascii": lambda arguments: parse_ascii,
    "btop": lambda arguments: parse_btop,
    "eval": lambda arguments: parse_eval,
    "ptob": lambda arguments: parse_ptob,
    "ptov": lambda arguments: parse_ptov,
}
"""The parser for each command's arguments."""
