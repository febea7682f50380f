# SPDX-License-Identifier: Apache-2.0
"""Interrupts: ``irq`` and ``-u`` (table, or old stanzas), ``-a`` (affinity), ``-b`` (softirqs), ``-d`` (IDT).

``irq -s`` is in ``xcrash.parse.irq_stats``. Source of the formats: kernel.c:generic_dump_irq (stanzas up to 2.6.36),
x86_64.c:x86_64_dump_irq, kernel.c:generic_get_irq_affinity, kernel.c:display_bh_1 to display_bh_4,
x86_64.c:x86_64_display_idt_table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.irq_stanza import IrqStanza, stanzas
from xcrash.parse.irq_stats import parse_stats
from xcrash.parse.rows import Table, integer, pointer
from xcrash.parse.sections import sections
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_LINE = re.compile(
    r"\s*(?:([0-9]{1,9}) +(?:([0-9a-f]{6,16})|\(unused\)) +)?"
    r"(?:([0-9a-f]{6,16})(?: +\"(.*)\")?|\(unused\)|\(none\))\s*$"
)
_HEADER = re.compile(r"\s*IRQ +\S+ +IRQACTION +NAME\s*$")
_AFFINITY = re.compile(r"\s*([0-9]{1,9}) +(\S.*)$")
_CPUS = re.compile(r"[0-9]+(?:[-,][0-9]+)*")
_VECTOR = re.compile(r"\s*\[ *([0-9]{1,4})\] +([0-9a-f]{6,16})? *<?([^\s<>]+?)(?:\+([0-9]{1,9}))?>?\s*$")
_LONGEST = 400


class IrqAction(msgspec.Struct, frozen=True, kw_only=True):
    """One irqaction of an IRQ; several share it."""

    irqaction: str
    name: str | None


class Irq(msgspec.Struct, frozen=True, kw_only=True):
    """One IRQ; without a descriptor or an action it is unused."""

    line: int
    span: Span
    irq: int
    irq_desc: str | None
    actions: tuple[IrqAction, ...]


class Irqs(CommandOutput, frozen=True, kw_only=True, tag="irq"):
    """The IRQs, as a table or as stanzas, whichever crash printed."""

    irqs: tuple[Irq, ...]
    stanzas: tuple[IrqStanza, ...] = ()


class Affinity(msgspec.Struct, frozen=True, kw_only=True):
    """Which CPUs may handle an IRQ, as a list of ranges (``0-5,12``) in ``affinity``; None where it is empty."""

    line: int
    span: Span
    irq: int
    names: tuple[str, ...]
    affinity: str | None


class IrqAffinity(CommandOutput, frozen=True, kw_only=True, tag="irq-a"):
    """The affinity of the IRQs in use."""

    irqs: tuple[Affinity, ...]


class Vector(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an interrupt table: a handler by ``symbol`` and ``offset`` in it, and its address if printed."""

    line: int
    span: Span
    vector: int
    address: str | None
    symbol: str
    offset: int


class SoftirqCpu(msgspec.Struct, frozen=True, kw_only=True):
    """Softirqs that are enabled and pending on a CPU, as masks (kernels up to 2.4)."""

    line: int
    span: Span
    cpu: int | None
    mask: str | None
    active: str | None


class IrqSoftirqs(CommandOutput, frozen=True, kw_only=True, tag="irq-b"):
    """The actions of the softirqs, and what old kernels have besides."""

    softirqs: tuple[Vector, ...]
    cpus: tuple[SoftirqCpu, ...]


class IrqDescriptors(CommandOutput, frozen=True, kw_only=True, tag="irq-d"):
    """The interrupt descriptor table."""

    vectors: tuple[Vector, ...]


_MASKS = Table(SoftirqCpu, {"CPU": ("cpu", integer), "MASK": ("mask", pointer), "ACTIVE": ("active", pointer)})


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``irq ARGUMENTS``."""
    letters = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    chosen = {"s": parse_stats, "a": parse_affinity, "b": parse_softirqs, "d": parse_descriptors}
    return next((found for letter, found in chosen.items() if letter in letters), parse)


def parse(text: str) -> Irqs:
    """The IRQs; a line without a number is a further action of the IRQ above."""
    said = answer(text, "irq")
    found, lines = stanzas(said.lines)
    irqs: list[Irq] = []
    left: list[Line] = []
    for head, place, body in sections(lines, _row):
        more = list(takewhile(lambda pair: pair[1][3], _rows(body))) if head else []
        left += [line for line in body[len(more) :] if not _HEADER.match(line.text[:_LONGEST])]
        if head:
            row = head[1]
            irqs.append(
                Irq(
                    line=place.line,
                    span=(place.span[0], (more[-1] if more else head)[0].end),
                    irq=int(row[1]),
                    irq_desc=f"0x{row[2]}" if row[2] else None,
                    actions=tuple(
                        IrqAction(irqaction=f"0x{found[3]}", name=found[4]) for _, found in (head, *more) if found[3]
                    ),
                )
            )
    return Irqs(irqs=tuple(irqs), stanzas=found, remarks=said.remarks, unread=tuple(unread(left)))


def _row(line: Line) -> tuple[Line, re.Match[str]] | None:
    """The line of an IRQ, taken apart."""
    return next(((line, found) for line, found in _rows([line]) if found[1]), None)


def _rows(lines: Sequence[Line]) -> Iterator[tuple[Line, re.Match[str]]]:
    """The lines up to the first one that is neither an IRQ nor a further action."""
    for line in lines:
        found = _LINE.match(line.text) if len(line.text) < _LONGEST else None
        if not found:
            return
        yield line, found


def parse_affinity(text: str) -> IrqAffinity:
    """The answer to ``irq -a``."""
    said = answer(text, "irq")
    irqs, left = [], []
    for line in said.lines:
        found = _AFFINITY.match(line.text)
        names, _, cpus = found[2].rstrip().rpartition(" ") if found else ("", "", "")
        known = bool(names and _CPUS.fullmatch(cpus))
        # A mask without a CPU leaves the blank in front of it.
        if not found or not (known or line.text.endswith(" ")):
            if line.text.split() != ["IRQ", "NAME", "AFFINITY"]:
                left.append(line)
            continue
        irqs.append(
            Affinity(
                line=line.number,
                span=(line.start, line.end),
                irq=int(found[1]),
                names=tuple((names if known else found[2]).strip().split(",")),
                affinity=cpus if known else None,
            )
        )
    return IrqAffinity(irqs=tuple(irqs), remarks=said.remarks, unread=tuple(unread(left)))


def parse_softirqs(text: str) -> IrqSoftirqs:
    """The answer to ``irq -b``."""
    said = answer(text, "irq")
    cpus, left = _MASKS.read(said.lines)
    softirqs, left = _vectors(left)
    return IrqSoftirqs(
        softirqs=softirqs,
        cpus=cpus,
        remarks=said.remarks,
        unread=tuple(unread(line for line in left if line.text.split() != ["SOFTIRQ_VEC", "ACTION"])),
    )


def parse_descriptors(text: str) -> IrqDescriptors:
    """The answer to ``irq -d``."""
    said = answer(text, "irq")
    vectors, left = _vectors(said.lines)
    return IrqDescriptors(vectors=vectors, remarks=said.remarks, unread=tuple(unread(left)))


def _vectors(lines: Sequence[Line]) -> tuple[tuple[Vector, ...], list[Line]]:
    vectors, left = [], []
    for line in lines:
        found = _VECTOR.match(line.text) if len(line.text) < _LONGEST else None
        if found:
            vectors.append(
                Vector(
                    line=line.number,
                    span=(line.start, line.end),
                    vector=int(found[1]),
                    address=f"0x{found[2]}" if found[2] else None,
                    symbol=found[3],
                    offset=int(found[4] or 0),
                )
            )
        else:
            left.append(line)
    return tuple(vectors), left
