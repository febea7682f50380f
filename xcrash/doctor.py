# SPDX-License-Identifier: Apache-2.0
"""Is this machine able to debug: one check after the other, each with what to do about it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Literal

import msgspec

from xcrash import locations
from xcrash.discovery.choices import Choices
from xcrash.discovery.crash_program import on_far_path
from xcrash.discovery.far_lens import far_lens
from xcrash.discovery.lens_facts import what_is_there
from xcrash.discovery.survey import Survey, survey_live
from xcrash.host.ssh_root import SshRoot
from xcrash.host.values import HostFacts
from xcrash.plan.compat import NEWEST_KERNEL, SYMPTOMS, dotted, needed_crash, too_old, version_in
from xcrash.plan.lens import LensChoice, LensFacts
from xcrash.sections import UNKNOWN, Row, Section, Tone
from xcrash.ssh import connect

Status = Literal["ok", "doubt", "bad", "unknown"]

ROOM_FOR_A_KERNEL = 2 << 30
"""Bytes: a compressed vmlinux unpacks to 0.6 to 1 GB, beside other files."""

_CALLED_BY_CRASH = ("strings", "find", "gunzip", "bunzip2", "unxz", "nm")
"""Programs that crash starts by name (filesys.c, symbols.c)."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at; ``group`` puts related ones together, ``remedy`` is the next thing to try."""

    group: str
    name: str
    status: Status
    found: str
    detail: str = ""
    remedy: str = ""


def check_up(choices: Choices) -> tuple[Check, ...]:
    """Every check on the machine under the root, in the order they are worth reading."""
    found = survey_live(choices)
    host = found.host or HostFacts(root="/", kind="live")
    checks = [*_verdict(found), _crash(found), *_compatibility(found), *_namelist(found), *_memory(found)]
    checks += _access(host)
    if found.far:
        checks += _over_there(SshRoot(connect(found.far.address)), found, host)
    elif host.kind == "live":
        checks += [_called_by_crash(shutil.which), _debuginfod(), _lens(what_is_there(host), found.lens), *_room()]
    return tuple(checks)


def _over_there(root: SshRoot, found: Survey, host: HostFacts) -> list[Check]:
    """What crash and the lens need on the other machine."""

    def which(name: str) -> str | None:
        return on_far_path(root, name)

    root.rehearse(lambda: [which(name) for name in _CALLED_BY_CRASH])
    own = Check(
        group="tools",
        name="xcrash",
        status="ok" if found.far and found.far.xcrash else "unknown",
        found=(found.far and found.far.xcrash) or f"not installed on {root.where}",
        detail="only the lens needs it there",
    )
    return [_called_by_crash(which), own, _lens(far_lens(root, host).facts, found.lens)]


def _verdict(found: Survey) -> list[Check]:
    """The answer, before the reasons."""
    no_crash = None if found.crash else "the crash utility is not installed"
    memory = found.memory.refusal.message if found.memory and found.memory.refusal else None
    lens = found.lens.refusal.message if found.lens.refusal else None
    namelist = found.names.refusal.message.splitlines()[0] if found.names.refusal else None
    return [
        _answer(
            "dumps", [no_crash], "can be debugged here, each with its vmlinux: xcrash plan DUMP says which is found"
        ),
        _answer(
            "this kernel", [memory, lens, namelist, no_crash], "can be debugged while it runs: xcrash plan says how"
        ),
    ]


def _answer(name: str, obstacles: list[str | None], yes: str) -> Check:
    against = [one for one in obstacles if one]
    if not against:
        return Check(group="result", name=name, status="ok", found=yes)
    return Check(
        group="result",
        name=name,
        status="bad",
        found=f"cannot be debugged: {against[0]}",
        detail="\n".join(against[1:]),
    )


def doctor_sections(checks: tuple[Check, ...]) -> tuple[Section, ...]:
    """The checks, grouped."""
    tones: dict[Status, Tone] = {"ok": "good", "doubt": "doubt", "bad": "bad", "unknown": "dim"}
    groups = list(dict.fromkeys(check.group for check in checks))
    return tuple(
        Section(
            group,
            group,
            "",
            tuple(
                Row(
                    check.name,
                    f"ok: {check.found}" if check.status == "ok" else check.found,
                    tones[check.status],
                    "\n".join(filter(None, (check.detail, f"try: {check.remedy}" if check.remedy else ""))),
                )
                for check in checks
                if check.group == group
            ),
        )
        for group in groups
    )


def _crash(found: Survey) -> Check:
    if found.crash is None:
        return Check(
            group="crash",
            name="program",
            status="bad",
            found="not installed",
            remedy="install the package crash, or name the program: --crash PATH",
        )
    version = found.crash.version
    return Check(
        group="crash",
        name="program",
        status="ok" if version else "doubt",
        found=f"{found.crash.path}, version {version or UNKNOWN}",
    )


def _compatibility(found: Survey) -> list[Check]:
    """crash against the kernel of this machine, with the symptoms of one that is too old."""
    release = found.wanted.release
    if release is None or found.crash is None:
        return []
    need = needed_crash(release)
    old = too_old(found.crash.version, release)
    kernel = version_in(release)
    symptoms = "an old crash shows itself by: " + "; ".join(SYMPTOMS)
    if old:
        return [Check(group="crash", name="this kernel", status="bad", found=old, detail=symptoms)]
    if kernel and kernel[:2] > NEWEST_KERNEL:
        newer = f"Linux {release} is newer than this version of xcrash knows of ({dotted(NEWEST_KERNEL)})"
        return [Check(group="crash", name="this kernel", status="doubt", found=newer, detail=symptoms)]
    text = f"Linux {release} needs crash {dotted(need.crash)} or later" if need else f"any crash reads Linux {release}"
    return [Check(group="crash", name="this kernel", status="ok", found=text)]


def _namelist(found: Survey) -> list[Check]:
    names = found.names
    if names.refusal:
        refusal = names.refusal
        return [
            Check(
                group="debuginfo",
                name="vmlinux",
                status="bad",
                found=refusal.message.splitlines()[0],
                remedy=refusal.hint,
            )
        ]
    chosen = [f"{decision.chosen}: {decision.reason}" for decision in names.decisions if decision.chosen]
    status: Status = "doubt" if names.warnings else "ok"
    return [
        Check(
            group="debuginfo",
            name="vmlinux",
            status=status,
            found=chosen[0],
            detail="\n".join((*chosen[1:], *names.warnings)),
        )
    ]


def _memory(found: Survey) -> list[Check]:
    if found.memory is None:
        return []
    statuses: dict[str, Status] = {"chosen": "ok", "usable": "ok", "expected": "ok", "rejected": "unknown"}
    checks = [
        Check(
            group="live memory",
            name=one.source,
            status=statuses.get(one.verdict, "doubt"),
            found=f"{one.verdict}: {one.reason}",
        )
        for one in found.memory.choice.candidates
    ]
    if found.memory.refusal:
        refusal = found.memory.refusal
        checks.append(
            Check(group="live memory", name="result", status="bad", found="no source can be used", remedy=refusal.hint)
        )
    checks += [
        Check(group="live memory", name="proposal", status="doubt", found=step.command, detail=step.reason)
        for step in found.memory.steps
    ]
    return checks


def _access(host: HostFacts) -> list[Check]:
    checks = []
    lockdown = host.kernel.config.lockdown
    statuses: dict[str, Status] = {"none": "ok", "integrity": "doubt", "confidentiality": "bad"}
    details = {
        "integrity": "/dev/mem cannot be opened and unsigned modules cannot be loaded",
        "confidentiality": "/proc/kcore cannot be read: only dumps can be debugged here",
    }
    if lockdown:
        checks.append(
            Check(
                group="access",
                name="lockdown",
                status=statuses.get(lockdown, "unknown"),
                found=lockdown,
                detail=details.get(lockdown, ""),
            )
        )
    if host.privileges:
        root = host.privileges.uid == 0
        checks.append(
            Check(
                group="access",
                name="user",
                status="ok" if root else "doubt",
                found="root" if root else f"uid {host.privileges.uid}",
                remedy="" if root else "sudo xcrash: live memory is for root only; dumps need read access only",
            )
        )
        if host.privileges.container:
            text = f"inside a container ({host.privileges.container}): live memory is usually hidden"
            checks.append(Check(group="access", name="container", status="doubt", found=text))
    return checks


_Which = Callable[[str], "str | None"]


def _called_by_crash(which: _Which) -> Check:
    """Programs beside crash."""
    missing = [name for name in _CALLED_BY_CRASH if which(name) is None]
    return Check(
        group="tools",
        name="called by crash",
        status="doubt" if missing else "ok",
        found=f"missing: {', '.join(missing)}" if missing else ", ".join(_CALLED_BY_CRASH),
        remedy="install binutils, findutils, gzip, bzip2, xz-utils" if missing else "",
    )


def _debuginfod() -> Check:
    """An optional way to debuginfo."""
    finder = shutil.which("debuginfod-find")
    servers = os.environ.get("DEBUGINFOD_URLS")
    return Check(
        group="tools",
        name="debuginfod",
        status="ok" if finder and servers else "unknown",
        found=f"{finder or 'debuginfod-find is not installed'}; servers: {servers or 'none in DEBUGINFOD_URLS'}",
        detail="its cache is looked up always; a download needs consent: --allow fetch-debuginfo",
    )


def _lens(facts: LensFacts, choice: LensChoice) -> Check:
    """What a view of a PV Dom0's memory takes; elsewhere it is of no interest that it is missing."""
    there = {
        "xcrash": facts.program,
        "/dev/fuse": facts.device,
        "libfuse3": facts.library,
        "mfusepy": facts.package,
        "right to mount": facts.may_mount,
    }
    missing = [name for name, is_there in there.items() if not is_there]
    needed = choice.used or choice.refusal is not None
    status: Status = "ok" if not missing else "bad" if needed else "unknown"
    return Check(
        group="tools",
        name="lens",
        status=status,
        found=f"missing: {', '.join(missing)}" if missing else ", ".join(there),
        detail=(choice.decision.reason if choice.decision else "") or "only a PV Dom0 needs it for its running kernel",
        remedy="; ".join(step.command for step in choice.steps),
    )


def _room() -> list[Check]:
    """Disk where crash and xcrash write."""
    checks = []
    for name, path, why in (
        (
            "temporary files",
            locations.working_base(),
            "crash unpacks compressed kernels there when the cache has no room",
        ),
        ("cache", locations.cache(), "unpacked kernels"),
        ("recordings", locations.recordings(), "every session is recorded"),
    ):
        place = path
        try:
            while not place.exists() and place != place.parent:
                place = place.parent
            free = shutil.disk_usage(place).free
        except OSError as error:
            checks.append(Check(group="disk", name=name, status="bad", found=f"{path}: {error.strerror}"))
            continue
        writable = os.access(place, os.W_OK)
        enough = free >= ROOM_FOR_A_KERNEL
        text = f"{path}: {free / (1 << 30):.1f} GB free{'' if writable else ', not writable'}"
        status: Status = "ok" if writable and enough else "doubt"
        checks.append(Check(group="disk", name=name, status=status, found=text, detail=why))
    return checks
