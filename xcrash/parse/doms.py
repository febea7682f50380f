# SPDX-License-Identifier: Apache-2.0
"""The domains of a hypervisor.

Source of the format: xen_hyper_command.c:xen_hyper_do_doms, xen_hyper_command.c:xen_hyper_show_doms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span
from xcrash.parse.xen_table import Row, rows

_COLUMNS = ("DID", "DOMAIN", "ST", "T", "MAXPAGE", "TOTPAGE", "VCPU", "SHARED_I", "P2M_MFN")


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain; ``active`` if one of its vcpus runs on a physical CPU, ``crashing`` if one of them crashed.

    ``st`` is the state (SF, SH, DY, CP, PO, PA, RU), ``t`` the type (O dom_io, X dom_xen, I idle, 0 domain 0, U guest).
    ``max_pages`` and ``tot_pages`` are pages, ``vcpus`` how many it has, ``p2m_mfn`` the frame of its list of frames.
    """

    line: int
    span: Span
    active: bool
    crashing: bool
    domain_id: int | None
    domain: str | None
    st: str | None
    t: str | None
    max_pages: int | None
    tot_pages: int | None
    vcpus: int | None
    shared_info: str | None
    p2m_mfn: str | None


class Domains(CommandOutput, frozen=True, kw_only=True, tag="doms"):
    """The domains in the order of the table."""

    domains: tuple[Domain, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Domains] | None:
    """The parser for ``doms ARGUMENTS``."""
    return parse


def parse(text: str) -> Domains:
    """The domains in the text."""
    said = answer(text, "doms")
    found, _ = rows(said.lines, _COLUMNS)
    return Domains(
        domains=tuple(_domain(row) for row in found if isinstance(row, Row)),
        remarks=said.remarks,
        unread=tuple(unread(row for row in found if isinstance(row, Line))),
    )


def _domain(row: Row) -> Domain:
    return Domain(
        line=row.line.number,
        span=(row.line.start, row.line.end),
        active=row.active,
        crashing=row.crashing,
        domain_id=row.number("DID"),
        domain=row.address("DOMAIN"),
        st=row.cells.get("ST"),
        t=row.cells.get("T"),
        max_pages=row.number("MAXPAGE", 16),
        tot_pages=row.number("TOTPAGE", 16),
        vcpus=row.number("VCPU"),
        shared_info=row.address("SHARED_I"),
        p2m_mfn=row.address("P2M_MFN"),
    )
