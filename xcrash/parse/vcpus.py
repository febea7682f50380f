# SPDX-License-Identifier: Apache-2.0
"""The virtual CPUs of a hypervisor.

Source of the format: xen_hyper_command.c:xen_hyper_do_vcpus, xen_hyper_command.c:xen_hyper_show_vcpus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span
from xcrash.parse.xen_table import Row, rows

_COLUMNS = ("VCID", "PCID", "VCPU", "ST", "T", "DOMID", "DOMAIN")


class Vcpu(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual CPU; ``active`` if it runs on its physical CPU, ``crashing`` if it crashed.

    ``st`` is the state (RU, BL, OF), ``t`` the type of its domain (I idle, 0 domain 0, U or G guest).
    """

    line: int
    span: Span
    active: bool
    crashing: bool
    vcpu_id: int | None
    pcpu_id: int | None
    vcpu: str | None
    st: str | None
    t: str | None
    domain_id: int | None
    domain: str | None


class Vcpus(CommandOutput, frozen=True, kw_only=True, tag="vcpus"):
    """The virtual CPUs in the order of the table."""

    vcpus: tuple[Vcpu, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Vcpus] | None:
    """The parser for ``vcpus ARGUMENTS``."""
    return parse


def parse(text: str) -> Vcpus:
    """The virtual CPUs in the text."""
    said = answer(text, "vcpus")
    found, _ = rows(said.lines, _COLUMNS)
    return Vcpus(
        vcpus=tuple(_vcpu(row) for row in found if isinstance(row, Row)),
        remarks=said.remarks,
        unread=tuple(unread(row for row in found if isinstance(row, Line))),
    )


def _vcpu(row: Row) -> Vcpu:
    return Vcpu(
        line=row.line.number,
        span=(row.line.start, row.line.end),
        active=row.active,
        crashing=row.crashing,
        vcpu_id=row.number("VCID"),
        pcpu_id=row.number("PCID"),
        vcpu=row.address("VCPU"),
        st=row.cells.get("ST"),
        t=row.cells.get("T"),
        domain_id=row.number("DOMID"),
        domain=row.address("DOMAIN"),
    )
