# SPDX-License-Identifier: Apache-2.0
"""The domains that the toolstack lists: ``xl list`` and ``xl list -l``, or ``xm list``."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from xcrash.host.sysroot import Sysroot
from xcrash.host.values import Domain

MOST_DOMAINS = 70_000
"""Domain ids are 15 bits wide; xend also lists domains that do not run."""

_TYPES = ("pv", "pvh", "hvm")
# running, blocked, paused, shutdown, the reason of the shutdown, dying (Xen tools/xl/xl_list.c)
_STATE = re.compile(r"[rbpscdwS?-]{6}\Z")
_HEADER = re.compile(r"\s*Name\s+ID\s+Mem")
_ARRAY = re.compile(r"^[ \t]*\[", re.MULTILINE)
# No size has 20 digits, and a text of millions of them would take minutes to become a number.
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) <= 20 else None)
_NUMBER = re.compile(r"\d{1,15}\Z")
_SECONDS = re.compile(r"\d{1,15}(?:\.\d{1,9})?\Z")
# The libraries talk on stderr, which a report keeps in the same file.
_TALK = ("libxl:", "libxl_", "xc:", "xl:", "WARNING:")


def read_domains(root: Sysroot) -> tuple[Domain, ...] | None:
    """The domains in the toolstack's order; None when none of ``xl`` and ``xm`` answered with a list."""
    table = parse_domain_table(root.command("xl", "list") or "")
    # A live xl that did not answer, perhaps after its whole deadline, is not asked again.
    ask = table is not None or root.kind != "live"
    details = parse_domain_details(root.command("xl", "list", "-l") or "") if ask else None
    if table is None and details is None:
        return parse_domain_table(root.command("xm", "list") or "")
    if table is None:
        return details
    types = {domain.id: domain.type for domain in details or ()}
    return tuple(
        msgspec.structs.replace(domain, type=types.get(domain.id) if domain.id is not None else None)
        for domain in table
    )


def parse_domain_table(text: str) -> tuple[Domain, ...] | None:
    """The rows under ``Name ID Mem VCPUs State Time(s)``; None without that header.

    Read from the right, since a name may hold blanks. xend's domains that do not run have neither id nor state.
    """
    found: list[Domain] | None = None
    for line in text.splitlines():
        if found is None:
            found = [] if _HEADER.match(line) else None
        elif len(found) < MOST_DOMAINS and not line.startswith(_TALK):
            domain = _row(line)
            if domain:
                found.append(domain)
    return None if found is None else tuple(found)


def parse_domain_details(text: str) -> tuple[Domain, ...] | None:
    """The domains of ``xl list -l``: a JSON array of ``{"domid", "config"}``; None when there is none in ``text``.

    ``config`` is libxl_domain_config (Xen tools/libs/light/libxl_types.idl). Sizes there are what the domain was given.
    """
    document = "\n".join(line for line in text.splitlines() if not line.startswith(_TALK))
    start = _ARRAY.search(document)
    if start is None:
        return None
    try:
        records, _ = _DECODER.raw_decode(document, start.end() - 1)
    except (ValueError, RecursionError):
        return None
    found = (_detail(record) for record in records[:MOST_DOMAINS])
    return tuple(domain for domain in found if domain)


def _row(line: str) -> Domain | None:
    words = line.split()
    state = words[-2] if len(words) >= 2 and _STATE.match(words[-2]) else None
    numbers = words[-5:-2] if state else words[-3:-1]
    count = 5 if state else 3
    if len(words) <= count or not _SECONDS.match(words[-1]) or not all(_NUMBER.match(word) for word in numbers):
        return None
    return Domain(
        id=int(numbers[0]) if state else None,
        name=" ".join(line.rsplit(maxsplit=count)[:1]).strip(),
        memory_bytes=int(numbers[-2]) << 20,
        vcpus=int(numbers[-1]),
        state=state,
        seconds=float(words[-1]),
    )


def _detail(record: Any) -> Domain | None:
    config = _mapping(record, "config")
    created, built = _mapping(config, "c_info"), _mapping(config, "b_info")
    number, name, kind = _mapping(record).get("domid"), created.get("name"), created.get("type")
    if _whole(number) is None and not isinstance(name, str):
        return None
    kilobytes = _whole(built.get("target_memkb")) or _whole(built.get("max_memkb"))
    return Domain(
        id=_whole(number),
        name=name if isinstance(name, str) else "",
        memory_bytes=kilobytes * 1024 if kilobytes else None,
        vcpus=_whole(built.get("max_vcpus")),
        type=kind if isinstance(kind, str) and kind in _TYPES else None,
    )


def _mapping(value: Any, key: str | None = None) -> dict[str, Any]:
    if key is not None:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int | None:
    """libxl writes an unset size as all ones."""
    return value if type(value) is int and 0 <= value < 2**53 else None
