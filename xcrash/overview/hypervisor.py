# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's view of a crash: what crashed, its physical CPUs with what ran there, its domains."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from xcrash.hypervisor import (
    GUESTS,
    Hypervisor,
    OnPcpu,
    console_events,
    crash_place,
    dom0_cpu,
    domain_name,
    on_pcpus,
    vcpu_name,
    vcpu_state,
    version_of,
)
from xcrash.overview.words import columns, size
from xcrash.parse.doms import Domain
from xcrash.parse.vcpus import Vcpu
from xcrash.sections import UNKNOWN, Evidence, Row, Section, Tone

_STATES = {
    "SF": "shut down fully",
    "SH": "shutting down",
    "DY": "dying",
    "CP": "paused by the hypervisor",
    "PO": "polling",
    "PA": "paused",
    "RU": "running",
}
_PAGE = 4096
_NO_LIMIT = 0xFFFFFFFF
_MOST = 24
"""Rows of one kind; what is busy or crashed comes first, and the rest is a number."""
_MOST_VCPUS = 12


def picture(seen: Hypervisor) -> Section:
    """The picture of a hypervisor's dump; without rows where nothing was read."""
    rows = (*_pcpu_rows(seen), *_domain_rows(seen))
    version = _version_row(seen)
    shown = (version, *rows) if rows or version.evidence else ()
    return Section("xen", "Xen", "pcpus · vcpus · doms", shown)


def crash(seen: Hypervisor) -> tuple[Row, ...]:
    """What happened and where, of a session on the hypervisor."""
    rows: list[Row] = []
    events = console_events(seen)
    for event in events.events if events else ():
        if event.severity == "critical":
            rows.append(Row(event.kind.upper(), event.text, "bad", evidence=Evidence("log", event.line - 1)))
    banner, place = seen.banner, crash_place(seen)
    if place:
        here = next((one for one in on_pcpus(seen) if one.pcpu == place.pcpu), None)
        ran = f", which ran {vcpu_name(here.vcpu)}" if here and here.vcpu else ""
        said = "  (its console says so)" if place.console else ""
        at = Evidence("log", place.console.line - 1) if place.console else _at(here)
        number = dom0_cpu(here.vcpu) if here else None
        rows.append(Row("WHERE", f"PCPU {place.pcpu}{ran}{said}", evidence=at, dom0_cpu=number))
    elif banner and (seen.pcpus or seen.vcpus):
        rows.append(Row("WHERE", f"{UNKNOWN} (neither crash nor the console names the CPU)"))
    if banner and banner.state:
        rows.append(Row("STATE", banner.state))
    return tuple(rows)


def seen_from(section: Section, view: str) -> Section:
    """The section as another view of the crash shows it: its evidence is in ``view``."""
    return replace(section, rows=tuple(_moved(row, view) for row in section.rows))


def without(section: Section, why: str) -> Section:
    """The section with the reason why the hypervisor's view is not there, or not any more."""
    return replace(section, rows=(Row("its view", f"{UNKNOWN} ({why})", "doubt"), *section.rows))


def _moved(row: Row, view: str) -> Row:
    return replace(row, evidence=replace(row.evidence, view=view)) if row.evidence else row


def _at(one: OnPcpu | None) -> Evidence | None:
    return Evidence(one.command, one.line - 1) if one else None


def _version_row(seen: Hypervisor) -> Row:
    told = version_of(seen)
    if told is None:
        return Row("hypervisor", f"Xen {UNKNOWN}", detail="its console does not tell the version any more")
    version, record = told
    return Row("hypervisor", f"Xen {version}", evidence=Evidence("log", record.line - 1) if record else None)


def _pcpu_rows(seen: Hypervisor) -> list[Row]:
    found = on_pcpus(seen)
    ordered = sorted(found, key=lambda one: (not one.crashed, one.vcpu is not None and one.vcpu.t == "I"))
    shown = ordered if len(found) > _MOST else found
    rows = [_pcpu_row(one) for one in shown[:_MOST]]
    if more := len(found) - len(rows):
        idle = sum(one.vcpu is not None and one.vcpu.t == "I" for one in shown[_MOST:])
        rows.append(Row("", f"and {more:,} more PCPUs, {idle:,} of them idle", "dim", evidence=Evidence("pcpus")))
    return rows


def _pcpu_row(one: OnPcpu) -> Row:
    ran = vcpu_name(one.vcpu) if one.vcpu else f"{UNKNOWN} (no vcpu of that address in vcpus)"
    tone: Tone = "bad" if one.crashed else "dim" if one.vcpu and one.vcpu.t == "I" else "plain"
    label = f"PCPU {UNKNOWN if one.pcpu is None else one.pcpu}"
    value = f"{ran}   crashed here" if one.crashed else ran
    return Row(label, value, tone, evidence=_at(one), dom0_cpu=dom0_cpu(one.vcpu))


def _domain_rows(seen: Hypervisor) -> list[Row]:
    domains = seen.domains.domains if seen.domains else ()
    guests = [one for one in domains if one.t in GUESTS or one.t not in ("O", "X", "I")]
    guests.sort(key=lambda one: (one.t != "0", not one.crashing, one.domain_id is None, one.domain_id or 0))
    shown = guests[:_MOST]
    values = columns([_cells(one) for one in shown])
    vcpus: dict[str | None, list[Vcpu]] = {}
    for vcpu in seen.vcpus.vcpus if seen.vcpus else ():
        vcpus.setdefault(vcpu.domain, []).append(vcpu)
    crashed = next((one.vcpu.domain for one in on_pcpus(seen) if one.crashed and one.vcpu), None)
    events = console_events(seen)
    dom0_ended = any(one.kind == "Dom0 ended" for one in events.events) if events else False
    rows = []
    for one, value in zip(shown, values, strict=True):
        here = one.crashing or (crashed is not None and one.domain == crashed)
        rows.append(
            Row(
                domain_name(one.t, one.domain_id),
                f"{value}   {'crashed' if dom0_ended and one.t == '0' else 'ran where it crashed'}" if here else value,
                "bad" if here else "plain",
                _vcpu_words(vcpus.get(one.domain, ())),
                Evidence("doms", one.line - 1),
            )
        )
    if more := len(guests) - len(shown):
        rows.append(Row("", f"and {more:,} more domains", "dim", evidence=Evidence("doms")))
    own = [one for one in domains if one.t in ("O", "X", "I")]
    if own:
        names = ", ".join(f"{domain_name(one.t, None)} {one.domain_id}" for one in own)
        rows.append(Row("Xen's own", names, "dim", evidence=Evidence("doms", own[0].line - 1)))
    return rows


def _cells(one: Domain) -> tuple[str, ...]:
    memory = size(one.tot_pages * _PAGE) if one.tot_pages else f"memory {UNKNOWN}"
    limit = one.max_pages if one.max_pages not in (None, _NO_LIMIT) else None
    return (
        _STATES.get(one.st or "", one.st or f"state {UNKNOWN}"),
        f"{one.vcpus} vcpu{'s' * (one.vcpus != 1)}" if one.vcpus is not None else "",
        memory,
        f"of at most {size(limit * _PAGE)}" if limit and one.tot_pages and limit > 1.05 * one.tot_pages else "",
    )


def _vcpu_words(vcpus: Iterable[Vcpu]) -> str:
    """Each vcpu with the CPU it is on: a line that the row above it explains."""
    parts = []
    for one in vcpus:
        pcpu = f" on PCPU {one.pcpu_id}" if one.active and one.pcpu_id is not None else ""
        parts.append(f"vcpu {UNKNOWN if one.vcpu_id is None else one.vcpu_id} {vcpu_state(one)}{pcpu}")
    more = [f"{len(parts) - _MOST_VCPUS} more"] if len(parts) > _MOST_VCPUS else []
    return " · ".join(parts[:_MOST_VCPUS] + more)
