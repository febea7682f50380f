# SPDX-License-Identifier: Apache-2.0
"""The tables of a hypervisor: its domains, its physical CPUs, its scheduler, and what is shown of one vcpu."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xcrash.hypervisor import domain_name, vcpu_name, vcpu_state
from xcrash.parse.c_text import Instance
from xcrash.parse.c_value import Elements, Member, Members, Pointer, Repeated, Text
from xcrash.parse.domain import DomainStructs
from xcrash.parse.doms import Domain, Domains
from xcrash.parse.pcpus import Pcpu, Pcpus
from xcrash.parse.sched import CpuSchedule, Sched
from xcrash.parse.vcpu import VcpuStructs
from xcrash.parse.vcpus import Vcpu
from xcrash.tui.tables.page import Page, SubjectPage, address, bytes_of, lead, number, shown, text
from xcrash.tui.widgets.row_table import Column

_PAGE = 4096
_NO_LIMIT = 0xFFFFFFFF
_DEEPEST = 6
_MOST_ROWS = 4000


def marks(active: bool, crashing: bool) -> str:
    """What crash marks a row with."""
    return f"{'>' if active else ' '}{'*' if crashing else ' '}"


def _bytes(pages: int | None) -> int | None:
    return None if pages is None or pages == _NO_LIMIT else pages * _PAGE


DOMAINS: Page[Domain] = Page(
    "Domains",
    "doms",
    "domains",
    lambda value: value.domains if isinstance(value, Domains) else None,
    (
        Column("  ", lambda row: marks(row.active, row.crashing), width=2),
        number("DID", lambda row: row.domain_id),
        text("WHO", lambda row: domain_name(row.t, row.domain_id)),
        text("ST", lambda row: row.st),
        text("T", lambda row: row.t, rank=4),
        number("VCPUS", lambda row: row.vcpus),
        bytes_of("MEMORY", lambda row: _bytes(row.tot_pages)),
        Column(
            "AT MOST",
            lambda row: "no limit" if row.max_pages == _NO_LIMIT else _LIMIT.text(row),
            lambda row: row.max_pages,
            right=True,
            rank=1,
        ),
        text("DOMAIN", lambda row: row.domain, rank=2),
        text("SHARED_I", lambda row: row.shared_info, rank=3),
        text("P2M_MFN", lambda row: row.p2m_mfn, rank=3),
    ),
    look=lambda row: "bad" if row.crashing else "dim" if row.t in ("O", "X", "I") else "",
    lead=lambda row: lead("domain", address(row.domain)),
    about="> on a CPU, * crashed, says crash; MEMORY is its pages of 4 KB; o opens a guest that has a P2M_MFN",
)
_LIMIT: Column[Domain] = bytes_of("AT MOST", lambda row: _bytes(row.max_pages))

PCPUS: Page[Pcpu] = Page(
    "Physical CPUs",
    "pcpus",
    "physical CPUs",
    lambda value: value.pcpus if isinstance(value, Pcpus) else None,
    (
        Column("  ", lambda row: marks(False, row.crashing), width=2),
        number("PCID", lambda row: row.pcpu_id),
        text("CUR-VCPU", lambda row: row.cur_vcpu),
        text("PCPU", lambda row: row.pcpu, rank=1),
        text("TSS", lambda row: row.tss, rank=2),
    ),
    look=lambda row: "bad" if row.crashing else "",
    lead=lambda row: lead("vcpu", address(row.cur_vcpu)),
    about="* crashed, says crash",
)

SCHEDULE: Page[CpuSchedule] = Page(
    "Scheduler",
    "sched",
    "CPUs of the scheduler",
    lambda value: value.cpus if isinstance(value, Sched) else None,
    (
        number("CPU", lambda row: row.cpu),
        text("CUR-VCPU", lambda row: row.cur_vcpu),
        text("IDL-VCPU", lambda row: row.idle_vcpu),
        text("STATE", lambda row: _idles(row)),
        text("SCH-DATA", lambda row: row.schedule_data, rank=1),
        text("SCH-PRIV", lambda row: row.sched_priv, rank=2),
    ),
    look=lambda row: "dim" if row.cur_vcpu == row.idle_vcpu else "",
    lead=lambda row: lead("vcpu", address(row.cur_vcpu)),
    told=lambda value: (value.scheduler or "") + ("" if value.cpus else "; crash lists no CPUs of it"),
)

MEMORY: tuple[Page[Any], ...] = (DOMAINS,)
SYSTEM: tuple[Page[Any], ...] = (PCPUS, SCHEDULE)

VCPU_COLUMNS: tuple[Column[Vcpu], ...] = (
    Column("  ", lambda row: marks(row.active, row.crashing), width=2),
    Column(
        "WHO", vcpu_name, lambda row: (row.t != "0", row.t == "I", row.domain_id or 0, row.vcpu_id or 0), names=("who",)
    ),
    number("PCPU", lambda row: row.pcpu_id),
    Column("STATE", vcpu_state, names=("st",)),
    number("VCID", lambda row: row.vcpu_id, rank=2),
    number("DOMID", lambda row: row.domain_id, rank=1),
    text("VCPU", lambda row: row.vcpu),
    text("DOMAIN", lambda row: row.domain, rank=3),
)


class MemberRow(NamedTuple):
    """A member of a structure at its depth; ``line`` is that of the structure in the answer, from 1."""

    depth: int
    name: str
    value: str
    pointer: str | None
    line: int


def member_rows(instances: tuple[Instance, ...]) -> list[MemberRow]:
    """Every member, those inside others below them; of very many the first ones."""
    found: list[MemberRow] = []
    for instance in instances:
        for row in _rows(instance.members, 0, instance.line):
            found.append(row)
            if len(found) >= _MOST_ROWS:
                return found
    return found


def _rows(members: tuple[Member, ...], depth: int, line: int) -> Iterator[MemberRow]:
    for member in members:
        value, name = member.value, member.name or "(no name)"
        if isinstance(value, Members) and depth < _DEEPEST:
            yield MemberRow(depth, name, "", None, line)
            yield from _rows(value.members, depth + 1, line)
        else:
            pointer = value.address if isinstance(value, Pointer) else None
            yield MemberRow(depth, name, _value(value), pointer, line)


def _value(value: Any, depth: int = 0) -> str:
    if isinstance(value, Pointer):
        symbol = f" <{value.symbol}>" if value.symbol else ""
        string = f' "{value.string}"' if value.string is not None else ""
        return f"{value.address}{symbol}{string}"
    if isinstance(value, Text):
        return f'"{value.string}"' + "…" * value.truncated
    if isinstance(value, Repeated):
        return f"{_value(value.value, depth + 1)} ({value.times:,} times)"
    if isinstance(value, Elements | Members):
        parts = value.elements if isinstance(value, Elements) else value.members
        few = (
            [_value(one.value if isinstance(one, Member) else one, depth + 1) for one in parts[:4]] if depth < 2 else []
        )
        return "{" + ", ".join([*few, *(["…"] if len(parts) > len(few) else [])]) + "}"
    return shown(value)


def _idles(row: CpuSchedule) -> str | None:
    if row.cur_vcpu is None or row.idle_vcpu is None:
        return None
    return "idle" if row.cur_vcpu == row.idle_vcpu else "busy"


def _member_leads(row: MemberRow) -> tuple[str, ...]:
    at = address(row.pointer)
    return (f"rd {at} 16", f"sym {at}") if at and set(at) != {"0"} else ()


def _structure(title: str, verb: str, kind: type[VcpuStructs] | type[DomainStructs]) -> SubjectPage:
    return SubjectPage(
        title,
        verb,
        "members",
        lambda value, vcpu: value.structs if isinstance(value, kind) and value.structs else None,
        member_rows,
        (
            Column("MEMBER", lambda row: "  " * row.depth + row.name, lambda row: row.name, most=44),
            Column("VALUE", lambda row: row.value, most=200),
        ),
        _member_leads,
    )


VCPU = _structure("Vcpu", "vcpu", VcpuStructs)
DOMAIN = _structure("Domain", "domain", DomainStructs)
VCPU_PAGES: tuple[SubjectPage, ...] = (VCPU, DOMAIN)
