# SPDX-License-Identifier: Apache-2.0
"""A plan and a host in words: the sections that ``xcrash plan`` prints and the overview shows."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime, timezone

import msgspec

from xcrash.host.boot import how_to_set
from xcrash.host.values import BootEntry, Domain, HostFacts, XenFacts, XenLog
from xcrash.images import DumpIdentity
from xcrash.images.catalogue import ModuleTree
from xcrash.images.image import Image
from xcrash.plan import LaunchPlan, MemoryCandidate
from xcrash.sections import UNKNOWN, Row, Section, Tone
from xcrash.target import Target

MOST_REJECTED = 12

PlannedView = tuple[Target, LaunchPlan]


def whole_plan(target: Target, plan: LaunchPlan, views: Sequence[PlannedView] = ()) -> tuple[Section, ...]:
    """Everything ``xcrash plan`` says, most wanted first; ``views`` are all those of a Xen dump."""
    host = target.host
    about_host = (host_section(host), xen_section(host), boot_section(host)) if host and target.kind == "live" else ()
    dump = (dump_section(target.dump),) if target.dump else ()
    recorded = Section("recording", "Recording", "", (Row("replay", target.path, detail="nothing is started"),))
    if target.recording:
        return (recorded,)
    return (*dump, views_section(views), *about_host, *plan_sections(plan), ladder_section(plan))


def views_section(views: Sequence[PlannedView]) -> Section:
    """The views of a Xen dump: how each is opened, or what it lacks."""
    rows = []
    for target, plan in views:
        label = target.view or UNKNOWN
        if plan.refusal:
            rows.append(Row(label, plan.refusal.message, "bad", f"try: {plan.refusal.hint}"))
        elif plan.namelist:
            rows.append(Row(label, plan.namelist.path, detail=f"--view {label}"))
    return Section("views", "Views", "", tuple(rows))


def plans_of_views(views: Sequence[PlannedView]) -> tuple[Section, ...]:
    """The plan of each view, one after the other."""
    return tuple(
        msgspec.structs.replace(section, title=f"{section.title}: the view {target.view}")
        for target, plan in views
        for section in plan_sections(plan)
    )


def dump_section(dump: DumpIdentity) -> Section:
    """Who the dump is, from its headers."""
    identified = "; ".join(dump.identified_by)
    rows = [
        Row("file", dump.path, detail=f"{dump.size:,} bytes"),
        Row("format", " ".join(filter(None, (dump.format, dump.compression))), detail=", ".join(dump.flags)),
        Row("release", dump.release or UNKNOWN, detail=identified),
        Row("build-id", dump.build_id or UNKNOWN),
        Row("machine", dump.machine or UNKNOWN),
    ]
    if dump.partial:
        rows.append(Row("partial", "pages were left out by design when it was written", "dim"))
    if dump.incomplete:
        rows.append(Row("incomplete", "its writer ran out of space", "bad"))
    if dump.truncated:
        rows.append(Row("truncated", f"at least {dump.missing_bytes or 0:,} bytes are missing", "bad"))
    if dump.xen:
        rows.append(Row("Xen", dump.xen.version or UNKNOWN, detail="\n".join(dump.xen.facts)))
    if dump.crash_time:
        rows.append(Row("crashed", f"{datetime.fromtimestamp(dump.crash_time, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"))
    return Section("dump", "Dump", "", tuple(rows))


def host_section(host: HostFacts) -> Section:
    """Which machine this is."""
    kernel, os = host.kernel, host.os
    config = kernel.config
    rows = [
        Row("system", os.name or UNKNOWN),
        Row("kernel", kernel.release or UNKNOWN, detail=_from(kernel.release_from)),
        Row("build-id", kernel.build_id or UNKNOWN),
        Row("hardware", ", ".join(_hardware(host)) or UNKNOWN),
        Row(
            "memory access",
            f"STRICT_DEVMEM {_yes(config.strict_devmem)}, PROC_KCORE {_yes(config.proc_kcore)}, "
            f"lockdown {config.lockdown or UNKNOWN}",
            detail=_from(config.source),
        ),
    ]
    if host.privileges:
        root = host.privileges.uid == 0
        where = f", in a container ({host.privileges.container})" if host.privileges.container else ""
        rows.append(
            Row("user", ("root" if root else f"uid {host.privileges.uid}") + where, "plain" if root else "doubt")
        )
    versions = [f"{name} {version}" for name, version in host.stack.items() if version]
    if versions:
        rows.append(Row("packages", ", ".join(versions)))
    where = f"{host.kind} in {host.root}" if host.kind != "live" else host.root if host.root != "/" else ""
    return Section("host", f"Host ({where})" if where else "Host", "", tuple(rows))


def xen_section(host: HostFacts) -> Section:
    """The picture: hypervisor, Dom0, domains, boot entry, and where parameters are changed."""
    xen = host.xen
    if xen is None:
        return Section("xen", "Xen", "", ())
    role = {"dom0": "Dom0, the privileged domain", "domU": "a guest (DomU)"}.get(xen.role or "", UNKNOWN)
    rows = [
        Row("hypervisor", f"Xen {xen.version or UNKNOWN}", detail=f"build-id {xen.build_id}" if xen.build_id else ""),
        Row("this kernel", f"{role}{f', {xen.guest_type}' if xen.guest_type else ''}"),
        Row("Xen options", xen.commandline or UNKNOWN),
        Row(
            "toolstack",
            " ".join(filter(None, (xen.toolstack.kind, xen.toolstack.version))),
            detail=_from(xen.toolstack.evidence),
        ),
        *_xen_log(xen.log),
        *_domains(xen),
        *_boot_rows(host),
    ]
    return Section("xen", "Xen", "", tuple(rows))


def _xen_log(log: XenLog | None) -> tuple[Row, ...]:
    """How the hypervisor's log is, with the first line of each kind that is worth a look."""
    if log is None:
        return ()
    since = "" if log.from_start else "; its beginning has been overwritten"
    if not log.events:
        return (Row("Xen log", f"nothing found in {log.lines:,} lines{since}", detail=f"from {log.source}"),)
    kinds = ", ".join(f"{one.kind} ({one.times:,})" if one.times > 1 else one.kind for one in log.events)
    tone: Tone = "bad" if log.events[0].severity == "critical" else "doubt"
    detail = "\n".join(f"line {one.line}: {one.text}" for one in log.events)
    return (Row("Xen log", f"{kinds}; {log.lines:,} lines{since}", tone, detail),)


def boot_section(host: HostFacts) -> Section:
    """The boot loader, the entry that was booted, and where parameters are changed."""
    boot = host.boot
    if boot.loader is None:
        return Section("boot", "Boot", "", ())
    rows = [Row("loader", f"{boot.loader}  {boot.config_path or ''}".strip(), detail=boot.evidence or "")]
    booted = [entry for entry in boot.entries if entry.current]
    shown = booted or [entry for entry in boot.entries if entry.default]
    rows += [Row("booted" if entry.current else "default", entry.title, detail=_pair(entry)) for entry in shown]
    if others := len(boot.entries) - len(shown):
        rows.append(Row("others", f"{others} more", "dim", "all of them: xcrash plan --json"))
    if host.xen is None:
        rows += _how_to_change(host, "NAME")
    return Section("boot", "Boot", "", tuple(rows))


def plan_sections(plan: LaunchPlan) -> tuple[Section, ...]:
    """What would be started and why; sections without rows are left out."""
    found = (
        Section("command", "Command line", "", _command(plan)),
        Section("choices", "Why", "", _choices(plan)),
        Section("memory", "Memory", "", _memories(plan)),
        Section("unused", "Not used", "", _unused(plan)),
        Section(
            "steps", "To do", "", tuple(Row(step.needs, step.command, "doubt", step.reason) for step in plan.steps)
        ),
        Section("warnings", "Warnings", "", tuple(Row("!", text, "doubt") for text in plan.warnings)),
    )
    return tuple(section for section in found if section.rows)


_GROUPS = {
    "Kernels": ("kernel-boot", "kernel-elf", "kernel-debuginfo"),
    "Xen": ("xen-boot", "xen-efi", "xen-syms", "xen-boot-debug", "xen-syms-debug"),
    "Dumps": ("dump",),
    "Modules": ("module-debuginfo",),
    "Not for crash": ("system-map", "symvers", "symtypes", "initrd", "config", "other"),
}


def image_sections(images: Sequence[Image], modules: Sequence[ModuleTree] = ()) -> tuple[Section, ...]:
    """Files with their roles, grouped by what they are good for."""
    sections = []
    for title, roles in _GROUPS.items():
        rows = [_image(image) for image in images if image.role in roles]
        if title == "Modules":
            rows += [
                Row("modules", tree.path, detail=f"{tree.count:,} debug files{'' if tree.complete else ' at least'}")
                for tree in modules
            ]
        sections.append(Section(title.lower(), title, "", tuple(rows)))
    return tuple(section for section in sections if section.rows)


def _image(image: Image) -> Row:
    facts = [
        image.release or image.version,
        f"build-id {image.build_id}" if image.build_id else None,
        f"ELF{image.elf_class} {image.machine}" if image.elf_class else image.format,
        image.compression,
        None if image.has_symbols is None else "symbols" if image.has_symbols else "no symbols",
        None if image.has_dwarf is None else "DWARF" if image.has_dwarf else "no DWARF",
        "bootable" if image.bootable else None,
        _crash_says(image),
    ]
    detail = " · ".join(fact for fact in facts if fact)
    return Row(
        image.role,
        image.path,
        "plain" if image.crash_accepts else "dim",
        "\n".join((detail, *_other_names(image), *image.notes)),
    )


def _other_names(image: Image) -> tuple[str, ...]:
    return (f"also {', '.join(image.also)}",) if image.also else ()


def _crash_says(image: Image) -> str | None:
    # Whether it is a namelist: of a dump nobody asks that.
    if image.crash_accepts is None or image.role == "dump":
        return None
    needs = " with -f" if image.crash_needs_f else ""
    return f"crash takes it{needs}" if image.crash_accepts else "crash does not take it"


def files_section(plan: LaunchPlan, images: Sequence[Image]) -> Section:
    """The files that were found, with their roles: those that are used first."""
    rows = [
        Row(what, image.path, "good", f"used; build-id {image.build_id or UNKNOWN}")
        for what, image in (("vmlinux", plan.namelist), ("debuginfo", plan.debuginfo))
        if image
    ]
    rows += [Row(image.role, image.path, detail=f"build-id {image.build_id or UNKNOWN}") for image in images]
    known = {row.value for row in rows}
    rows += [
        Row("not used", one.candidate, "dim", one.reason)
        for decision in plan.decisions
        if decision.what == "namelist"
        for one in decision.rejected
        if one.candidate not in known
    ]
    more = len(rows) - MOST_REJECTED
    rest = (Row("", f"and {more} more", "dim", "all of them: xcrash plan --json"),) if more > 0 else ()
    return Section("images", "Images", "xcrash images", (*rows[:MOST_REJECTED], *rest))


def reasons_section(plan: LaunchPlan) -> Section:
    """The choices with their reasons, the memory sources of a live host, and what is still to be done."""
    memory = [_memory(one) for one in plan.memory.candidates] if plan.mode == "live" else []
    choices = [
        Row(one.what, one.chosen or UNKNOWN, "plain" if one.chosen else "dim", one.reason)
        for one in plan.decisions
        if one.what != "memory"
    ]
    steps = [Row(step.needs, step.command, "doubt", step.reason) for step in plan.steps]
    return Section("plan", "Plan", "xcrash plan", (*choices, *memory, *steps))


def ladder_section(plan: LaunchPlan) -> Section:
    """What to try when crash does not start."""
    rows = []
    for rung in plan.ladder[1:]:
        added = [argument for argument in rung.argv if argument not in plan.argv]
        rows.append(Row(" ".join(added), rung.when, detail=f"costs: {rung.cost}"))
    return Section("ladder", "If it does not start", "", tuple(rows))


def _command(plan: LaunchPlan) -> tuple[Row, ...]:
    if plan.refusal:
        return (Row("nothing", plan.refusal.message, "bad", f"try: {plan.refusal.hint}"),)
    return (Row(plan.mode, shlex.join((*plan.wrapper, *plan.argv))),)


def _choices(plan: LaunchPlan) -> tuple[Row, ...]:
    rows = []
    for decision in plan.decisions:
        tone: Tone = "plain" if decision.chosen else "dim"
        detail = "\n".join((decision.reason, *decision.evidence))
        rows.append(Row(decision.what, decision.chosen or UNKNOWN, tone, detail))
    return tuple(rows)


_SIGNS: dict[str, Tone] = {"chosen": "good", "rejected": "dim", "needs-consent": "doubt", "needs-root": "doubt"}


def _memory(one: MemoryCandidate) -> Row:
    return Row(one.source, one.verdict, _SIGNS.get(one.verdict, "plain"), one.reason)


def _memories(plan: LaunchPlan) -> tuple[Row, ...]:
    """The candidates of a live host; with a dump there is nothing to choose."""
    return tuple(_memory(one) for one in plan.memory.candidates) if plan.mode == "live" else ()


def _unused(plan: LaunchPlan) -> tuple[Row, ...]:
    """Each file once: what the hypervisor's files are good for says more than that they are no kernel."""
    reasons = {
        one.candidate: Row(decision.what, one.candidate, "dim", one.reason)
        for decision in plan.decisions
        if decision.what != "memory"
        for one in decision.rejected
    }
    chosen = {decision.chosen for decision in plan.decisions}
    rows = [row for path, row in reasons.items() if path not in chosen]
    more = len(rows) - MOST_REJECTED
    rest = (Row("", f"and {more} more", "dim", "all of them: xcrash plan --json"),) if more > 0 else ()
    return (*rows[:MOST_REJECTED], *rest)


def _domains(xen: XenFacts) -> list[Row]:
    if xen.domains is None:
        return [Row("domains", UNKNOWN, detail="no toolstack answered")]
    return [Row(_domain_name(one), ", ".join(_domain_facts(one))) for one in xen.domains]


def _domain_name(one: Domain) -> str:
    return "Dom0" if one.id == 0 else f"DomU {one.id if one.id is not None else UNKNOWN}"


def _domain_facts(one: Domain) -> list[str]:
    size = f"{one.memory_bytes / (1 << 30):.1f} GB" if one.memory_bytes else None
    vcpus = f"{one.vcpus} vcpus" if one.vcpus else None
    return [fact for fact in (one.name, (one.type or "").upper() or None, vcpus, size, one.state) if fact]


def _boot_rows(host: HostFacts) -> list[Row]:
    booted = [entry for entry in host.boot.entries if entry.current]
    rows = [Row("booted", entry.title, detail=_pair(entry)) for entry in booted]
    return rows + _how_to_change(host, "dom0_max_vcpus")


def _pair(entry: BootEntry) -> str:
    parts = (
        entry.hypervisor,
        entry.hypervisor_args,
        "+" if entry.hypervisor else None,
        entry.kernel,
        entry.kernel_args,
    )
    return " ".join(part for part in parts if part)


def _how_to_change(host: HostFacts, parameter: str) -> list[Row]:
    """Where a boot parameter is changed on this host, and how; xcrash only shows it."""
    lines = how_to_set(host.boot, host.os, parameter)
    if not lines:
        return []
    return [Row("to set", parameter, detail="\n".join(lines))]


def _hardware(host: HostFacts) -> list[str]:
    facts = [host.kernel.machine] if host.kernel.machine else []
    if host.cpus:
        facts.append(f"{host.cpus} CPUs")
    if host.memory_bytes:
        facts.append(f"{host.memory_bytes / (1 << 30):.1f} GB")
    return facts


def _from(evidence: str | None) -> str:
    return f"from {evidence}" if evidence else ""


def _yes(value: bool | None) -> str:
    return UNKNOWN if value is None else "y" if value else "n"
