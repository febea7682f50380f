# SPDX-License-Identifier: Apache-2.0
"""The scheduler of a hypervisor and its data of each CPU.

Source of the format: xen_hyper_command.c:xen_hyper_do_sched, xen_hyper_command.c:xen_hyper_show_sched; hypervisors
since Xen 3.3 have no tick in their data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span
from xcrash.parse.xen_table import Row, rows

_COLUMNS = ("CPU", "SCH-DATA", "SCH-PRIV", "CUR-VCPU", "IDL-VCPU", "TICK")
_NAME = re.compile(r"\s*Scheduler name : *(\S.*)?$")


class CpuSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """What the scheduler knows of a CPU: its data, what runs there, and what does if nothing else can."""

    line: int
    span: Span
    cpu: int | None
    schedule_data: str | None
    sched_priv: str | None
    cur_vcpu: str | None
    idle_vcpu: str | None
    tick: int | None


class Sched(CommandOutput, frozen=True, kw_only=True, tag="sched"):
    """The name of the scheduler, on the line that ``span`` is, and its CPUs."""

    scheduler: str | None
    span: Span | None
    cpus: tuple[CpuSchedule, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Sched] | None:
    """The parser for ``sched ARGUMENTS``."""
    return parse


def parse(text: str) -> Sched:
    """The scheduler in the text."""
    said = answer(text, "sched")
    found, _ = rows(said.lines, _COLUMNS)
    lines = [line for line in found if isinstance(line, Line)]
    named = next((line for line in lines if _NAME.match(line.text)), None)
    name = _NAME.match(named.text) if named else None
    return Sched(
        scheduler=name[1].rstrip() if name and name[1] else None,
        span=(named.start, named.end) if named else None,
        cpus=tuple(_cpu(row) for row in found if isinstance(row, Row)),
        remarks=said.remarks,
        unread=tuple(unread(line for line in lines if line is not named)),
    )


def _cpu(row: Row) -> CpuSchedule:
    return CpuSchedule(
        line=row.line.number,
        span=(row.line.start, row.line.end),
        cpu=row.number("CPU"),
        schedule_data=row.address("SCH-DATA"),
        sched_priv=row.address("SCH-PRIV"),
        cur_vcpu=row.address("CUR-VCPU"),
        idle_vcpu=row.address("IDL-VCPU"),
        tick=row.number("TICK", 16),
    )
