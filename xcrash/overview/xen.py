# SPDX-License-Identifier: Apache-2.0
"""The picture of a Xen host: the hypervisor, Dom0 and the other domains under it, what was booted, how to change it.

It is drawn from the host where crash runs on it, or from what the kernel logged; ``overview.hypervisor`` draws dumps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xcrash import explain
from xcrash.host.values import Domain, HostFacts
from xcrash.overview.words import columns, size
from xcrash.parse.log.records import Record
from xcrash.sections import UNKNOWN, Evidence, Row, Section

_LOOKED_AT = 400
"""Records of a log in which a kernel says that it runs on Xen: it does so first of all."""
_VERSION = re.compile(r"Xen version: (\S+)")
_ON_XEN = re.compile(
    r"Booting (?:paravirtualized )?kernel on (?:bare hardware|(Xen[\w ]{0,20}))|Hypervisor detected: (Xen\w*( \w+)?)"
)
_LETTERS = {"r": "running", "b": "blocked", "p": "paused", "s": "shut down", "c": "crashed", "d": "dying"}
_MOST = 24


def of_host(host: HostFacts) -> Section:
    """The picture of the host that crash runs on."""
    words, xen = explain.xen_section(host), host.xen
    if xen is None:
        return words
    known = list(xen.domains or ())
    title = f"Xen {xen.version or UNKNOWN}"
    detail = tree(_host_lines(known)) if xen.domains is not None else f"domains {UNKNOWN}: no toolstack answered"
    rest = (row for row in words.rows if row.label not in ("hypervisor", "domains", "Dom0") and "DomU" not in row.label)
    return Section("xen", "Xen", "", (Row("hypervisor", title, detail=detail), *rest))


def of_log(records: Iterable[Record], command: str) -> Section:
    """What a kernel logged of the hypervisor under it."""
    rows: list[Row] = []
    for number, record in enumerate(records):
        if number >= _LOOKED_AT:
            break
        at = Evidence(command, record.line - 1)
        if found := _VERSION.search(record.text):
            rows.append(Row("hypervisor", f"Xen {found[1]}", evidence=at))
        elif (found := _ON_XEN.search(record.text)) and (found[1] or found[2]):
            rows.append(Row("this kernel", f"runs on {found[1] or found[2]}", evidence=at))
    unique = {row.label: row for row in reversed(rows)}
    return Section("xen", "Xen", command, tuple(reversed(unique.values())))


def tree(lines: Sequence[str]) -> str:
    """Lines hung under what stands above them."""
    shown = list(lines[:_MOST])
    if more := len(lines) - len(shown):
        shown.append(f"and {more:,} more")
    last = len(shown) - 1
    return "\n".join(f"{'└─' if at == last else '├─'} {line}" for at, line in enumerate(shown))


def _host_lines(domains: Sequence[Domain]) -> list[str]:
    ordered = sorted(domains, key=lambda one: (one.id != 0, one.id is None, one.id or 0))
    return columns([_host_cells(one) for one in ordered])


def _host_cells(one: Domain) -> tuple[str, ...]:
    letters = (one.state or "").replace("-", "")
    state = ", ".join(_LETTERS.get(letter, letter) for letter in letters) if len(letters) < 6 else one.state or ""
    return (
        "Dom0" if one.id == 0 else f"DomU {one.id if one.id is not None else UNKNOWN}",
        one.name if one.id != 0 else "",
        (one.type or "").upper(),
        f"{one.vcpus} vcpus" if one.vcpus else "",
        size(one.memory_bytes) if one.memory_bytes else "",
        state,
    )
