# SPDX-License-Identifier: Apache-2.0
"""The physical CPUs of a hypervisor, with their registers (``-r``) and task state segments (``-t``).

Source of the format: xen_hyper_command.c:xen_hyper_show_pcpus; crash before 4.0-4 has no TSS column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, items, within
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span
from xcrash.parse.xen_table import Row, rows

_COLUMNS = ("PCID", "PCPU", "CUR-VCPU", "TSS")
_HEAD = re.compile(r"\s*(?:Register|init_tss) information:\s*$")


class Pcpu(msgspec.Struct, frozen=True, kw_only=True):
    """A physical CPU; ``crashing`` if it crashed, ``cur_vcpu`` what runs on it, ``tss`` its task state segment.

    ``structs`` are ``cpu_user_regs`` and ``tss_struct`` (``tss64``), as far as they were asked for.
    """

    line: int
    span: Span
    crashing: bool
    pcpu_id: int | None
    pcpu: str | None
    cur_vcpu: str | None
    tss: str | None
    structs: tuple[Instance, ...] = ()


class Pcpus(CommandOutput, frozen=True, kw_only=True, tag="pcpus"):
    """The physical CPUs in the order of the table."""

    pcpus: tuple[Pcpu, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Pcpus] | None:
    """The parser for ``pcpus ARGUMENTS``."""
    return parse


def parse(text: str) -> Pcpus:
    """The physical CPUs in the text."""
    said = answer(text, "pcpus")
    found, heads = rows(said.lines, _COLUMNS)
    table = {row.line: row for row in found if isinstance(row, Row)}
    own = {line.text for line in (*table, *heads)}
    pcpus: list[Pcpu] = []
    left: list[Line] = []
    strange: list[Span] = []
    for item in items(said.lines, own=own.__contains__):
        if isinstance(item, Line):
            if item in table:
                pcpus.append(_pcpu(table[item]))
            elif item not in heads and not _HEAD.match(item.text):
                left.append(item)
        elif isinstance(item, Instance) and pcpus:
            last = pcpus[-1]
            pcpus[-1] = replace(last, structs=(*last.structs, item), span=(last.span[0], item.span[1]))
        else:
            strange.append(item.span)
    left += within(said.lines, strange)
    return Pcpus(pcpus=tuple(pcpus), remarks=said.remarks, unread=tuple(unread(sorted(set(left)))))


def _pcpu(row: Row) -> Pcpu:
    return Pcpu(
        line=row.line.number,
        span=(row.line.start, row.line.end),
        crashing=row.crashing,
        pcpu_id=row.number("PCID"),
        pcpu=row.address("PCPU"),
        cur_vcpu=row.address("CUR-VCPU"),
        tss=row.address("TSS"),
    )
