# SPDX-License-Identifier: Apache-2.0
"""What the hypervisor's view of a crash tells: which vcpu each physical CPU ran, where it crashed, which Xen it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from xcrash.host.values import XenLog
from xcrash.host.xen_log import look_at_lines
from xcrash.parse.doms import Domains
from xcrash.parse.log.records import Log, Record
from xcrash.parse.pcpus import Pcpus
from xcrash.parse.sys import Banner
from xcrash.parse.vcpus import Vcpu, Vcpus

COMMANDS = ("doms", "vcpus", "pcpus", "log")
"""What is asked of a hypervisor first."""

DOM_TYPES = {"O": "dom_io", "X": "dom_xen", "I": "idle", "0": "Dom0", "U": "DomU", "G": "DomU"}
"""The types of ``doms`` and ``vcpus``: xen_hyper_command.c:xen_hyper_domain_type_string."""
GUESTS = ("0", "U", "G")

_VERSION = re.compile(r"Xen version (\d[\w.+-]{0,40})|-{4}\[ Xen-(\d[\w.+-]{0,40}) |^ ?Xen (\d[\w.+-]{0,40})$")
_ON_CPU = re.compile(r"(?:Panic on CPU |Executing kexec image on cpu)(\d{1,5})\b")


class Hypervisor(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a hypervisor's session; None: not read, or crash had no answer, for which ``whys`` has reasons.

    ``version`` is what is known of it beside its console.
    """

    banner: Banner | None = None
    domains: Domains | None = None
    vcpus: Vcpus | None = None
    pcpus: Pcpus | None = None
    console: Sequence[Record] | None = None
    version: str | None = None
    whys: dict[str, str] = {}


class OnPcpu(NamedTuple):
    """A physical CPU, the vcpu that ran on it, and whether it crashed; ``command`` and ``line`` (from 1): its row."""

    pcpu: int | None
    vcpu: Vcpu | None
    crashed: bool
    command: str
    line: int


class CrashPlace(NamedTuple):
    """The physical CPU that crashed; ``console``: the record that says so, None where crash itself does."""

    pcpu: int
    console: Record | None


def of_answers(banner: Banner | None, value: Callable[[str], object], whys: dict[str, str] | None = None) -> Hypervisor:
    """What ``value`` has read of the answers to COMMANDS."""
    domains, vcpus, pcpus, log = (value(command) for command in COMMANDS)
    return Hypervisor(
        banner=banner,
        domains=domains if isinstance(domains, Domains) else None,
        vcpus=vcpus if isinstance(vcpus, Vcpus) else None,
        pcpus=pcpus if isinstance(pcpus, Pcpus) else None,
        console=log.records if isinstance(log, Log) else None,
        whys=whys or {},
    )


def on_pcpus(seen: Hypervisor) -> tuple[OnPcpu, ...]:
    """Every physical CPU with what ran there: as ``pcpus`` says, else as the marks of ``vcpus`` do."""
    vcpus = seen.vcpus.vcpus if seen.vcpus else ()
    place = crash_place(seen)
    crashed = place.pcpu if place else None
    if seen.pcpus and seen.pcpus.pcpus:
        known = {one.vcpu: one for one in reversed(vcpus) if one.vcpu}
        return tuple(
            OnPcpu(
                one.pcpu_id,
                known.get(one.cur_vcpu or ""),
                one.pcpu_id is not None and one.pcpu_id == crashed,
                "pcpus",
                one.line,
            )
            for one in seen.pcpus.pcpus
        )
    running = sorted((one for one in vcpus if one.active and one.pcpu_id is not None), key=lambda one: one.pcpu_id or 0)
    return tuple(OnPcpu(one.pcpu_id, one, one.pcpu_id == crashed, "vcpus", one.line) for one in running)


def crash_place(seen: Hypervisor) -> CrashPlace | None:
    """Where it crashed: the last word of the console, else the mark in ``pcpus`` or ``vcpus``.

    crash 8.0.6 and 9.0.2 find no crashing CPU in the notes of Xen 4.17 and mark what CPU 0 ran.
    """
    found: CrashPlace | None = None
    for record in seen.console or ():
        text = record.text[:200]
        if ("(XEN)" in text) and (said := _ON_CPU.search(text)):
            found = CrashPlace(int(said[1]), record)
    if found:
        return found
    pcpus, vcpus = seen.pcpus.pcpus if seen.pcpus else (), seen.vcpus.vcpus if seen.vcpus else ()
    marked = [one.pcpu_id for one in pcpus if one.crashing] + [one.pcpu_id for one in vcpus if one.crashing]
    return next((CrashPlace(number, None) for number in marked if number is not None), None)


def version_of(seen: Hypervisor) -> tuple[str, Record | None] | None:
    """The version of Xen, and the record of its console that tells it, None if it was known without."""
    for record in seen.console or ():
        text = record.text[:200]
        found = _VERSION.search(text.removeprefix("(XEN)")) if "Xen" in text else None
        if found:
            return found[1] or found[2] or found[3], record
    return (seen.version, None) if seen.version else None


def console_events(seen: Hypervisor) -> XenLog | None:
    """What in the console is worth a look; the lines of its events are those of the answer to ``log``."""
    return None if seen.console is None else look_at_lines("log", _console_lines(seen.console))


def _console_lines(records: Sequence[Record]) -> Iterator[tuple[int, str]]:
    for record in records:
        for offset, line in enumerate(record.text.split("\n")):
            yield record.line + offset, line


def dom0_cpu(vcpu: Vcpu | None) -> int | None:
    """The CPU that a vcpu is for Dom0's own kernel: its vcpu n is its CPU n. None for what is not Dom0's."""
    return vcpu.vcpu_id if vcpu is not None and vcpu.t == "0" else None


def domain_name(kind: str | None, number: int | None) -> str:
    """What a domain is called, by its type and its number."""
    if kind in GUESTS and kind != "0":
        return f"DomU {'—' if number is None else number}"
    if kind in DOM_TYPES:
        return DOM_TYPES[kind]
    return "Dom0" if number == 0 else f"domain {'—' if number is None else number}"


def vcpu_name(vcpu: Vcpu) -> str:
    """What a vcpu is called: "Dom0 vcpu 1"; one that idles is only that."""
    if vcpu.t == "I":
        return "idle"
    number = "—" if vcpu.vcpu_id is None else vcpu.vcpu_id
    return f"{domain_name(vcpu.t, vcpu.domain_id)} vcpu {number}"


def vcpu_state(vcpu: Vcpu) -> str:
    """Its state in a word; one that is ready but on no CPU waits for one."""
    if vcpu.st == "RU":
        return "running" if vcpu.active else "runnable"
    return {"BL": "blocked", "OF": "offline"}.get(vcpu.st or "", vcpu.st or "—")
