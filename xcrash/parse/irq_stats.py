# SPDX-License-Identifier: Apache-2.0
"""How often each CPU handled each IRQ: ``irq -s``.

Source of the format: kernel.c:generic_show_interrupts, x86_64.c:x86_64_show_interrupts: a column for each CPU, then
the chip and the names of the actions.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.rows import integer
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_CPU = re.compile(r"CPU([0-9]{1,6})")
_IRQ = re.compile(r"\s*([0-9]{1,9}): *")


class IrqCounts(msgspec.Struct, frozen=True, kw_only=True):
    """One IRQ: ``counts`` has a number for each of the CPUs of the header."""

    line: int
    span: Span
    irq: int
    counts: tuple[int | None, ...]
    chip: str | None
    names: tuple[str, ...]


class IrqStats(CommandOutput, frozen=True, kw_only=True, tag="irq-s"):
    """The matrix of the IRQs in use and the CPUs."""

    cpus: tuple[int, ...]
    irqs: tuple[IrqCounts, ...]


def parse_stats(text: str) -> IrqStats:
    """The answer to ``irq -s``; without the header nobody knows how many columns are counts."""
    said = answer(text, "irq")
    cpus: tuple[int, ...] = ()
    irqs: list[IrqCounts] = []
    left: list[Line] = []
    for line in said.lines:
        header = [_CPU.fullmatch(word) for word in line.text.split()] if "CPU" in line.text else []
        if header and all(header) and not cpus:
            cpus = tuple(int(found[1]) for found in header if found)
            continue
        row = _row(line, len(cpus)) if cpus else None
        if row:
            irqs.append(row)
        else:
            left.append(line)
    return IrqStats(cpus=cpus, irqs=tuple(irqs), remarks=said.remarks, unread=tuple(unread(left)))


def _row(line: Line, width: int) -> IrqCounts | None:
    found = _IRQ.match(line.text)
    words = line.text[found.end() :].split(None, width) if found else []
    if not found or len(words) < width:
        return None
    try:
        counts = tuple(integer(word) for word in words[:width])
    except ValueError:
        return None
    rest = words[width].split(None, 1) if len(words) > width else []
    return IrqCounts(
        line=line.number,
        span=(line.start, line.end),
        irq=int(found[1]),
        counts=counts,
        chip=rest[0] if rest else None,
        names=tuple(rest[1].rstrip().split(", ")) if len(rest) > 1 else (),
    )
