# SPDX-License-Identifier: Apache-2.0
"""Does crash need the lens on this host, can it have it, and why: the decision in plain words.

A PV kernel's page tables hold machine frames, which crash translates in dumps only. Since Linux 4.15 (cpu_entry_area)
it walks page tables when it starts. SUSE's forward-ported kernels (``-xen``) keep their frames as crash knows them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from xcrash.host.values import HostFacts, MemoryFacts, SourceProbe
from xcrash.plan.compat import version_in
from xcrash.plan.values import Decision, Refusal, Rejected, Step

CPU_ENTRY_AREA = (4, 15)
KCORE = "/proc/kcore"
MINIMAL = "--minimal"
MFUSEPY, XCRASH = "the Python package mfusepy", "an xcrash of its own with the lens"
WITHOUT = f"--lens off --crash-arg={MINIMAL} starts, with log, dis, rd, sym, eval and set only"

Wish = Literal["auto", "on", "off"]


class LensFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the lens takes, on a live machine: /dev/fuse, libfuse, the Python package mfusepy, the right to mount.

    ``program``: xcrash with the lens is there itself, which on another machine need not be so.
    """

    device: bool
    library: bool
    package: bool
    may_mount: bool
    program: bool = True


class LensChoice(NamedTuple):
    """Whether crash is started behind the lens; ``decision`` is None on a host that has nothing to do with Xen."""

    used: bool
    decision: Decision | None = None
    warnings: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    refusal: Refusal | None = None


NO_LENS = LensChoice(False)


class _Case(NamedTuple):
    """What is said of the host: does crash need the lens there, could it work there?"""

    needed: bool
    possible: bool
    reason: str


def choose_lens(
    host: HostFacts,
    facts: LensFacts | None,
    wish: Wish,
    memory: str | None,
    extra: tuple[str, ...] = (),
    install: str = "",
) -> LensChoice:
    """Decide; ``facts`` is None for a copy of a machine, ``memory`` the source that the user named, if any.

    ``extra`` are the user's arguments for crash, ``install`` the command that installs libfuse.
    """
    case = _case(host)
    if case is None or not (case.needed or (wish == "on" and case.possible)):
        return _not_here(case, wish)
    against = _against(host, wish, memory, extra)
    if against:
        decision = Decision(what="lens", chosen=None, reason=f"{case.reason}; {against}")
        return LensChoice(False, decision, () if MINIMAL in extra else (_warning(case),))
    missing = _missing(facts, host)
    if facts and not (facts.device and facts.library and facts.package):
        return _lacking(host, case, wish, missing, install)
    decision = Decision(
        what="lens",
        chosen=KCORE,
        reason=f"{case.reason}; crash is shown {KCORE} with the kernel's own frames in the page tables instead, in a "
        "mount namespace of its own that nobody else sees and that ends with it",
        evidence=tuple(f"missing: {one}" for one in missing)
        or ("FUSE, mfusepy and the right to mount are there" if facts else "a copy of a machine: not tried",),
        rejected=(Rejected(candidate=f"{KCORE} itself", reason="crash ends at its first walk of a page table"),),
    )
    return LensChoice(True, decision)


def behind_lens(facts: MemoryFacts) -> MemoryFacts:
    """The memory sources as far as they can be had through the lens: it is over one of them."""
    probes = tuple(
        SourceProbe(source=one.source, outcome="refused", detail=f"the lens is over {KCORE}, and crash needs it here")
        if one.source != KCORE and one.outcome not in ("absent", "masked", "refused")
        else one
        for one in facts.probes
    )
    return msgspec.structs.replace(facts, probes=probes)


def _case(host: HostFacts) -> _Case | None:
    xen, release = host.xen, host.kernel.release or ""
    if xen is None:
        return None
    if xen.guest_type in ("PVH", "HVM"):
        return _Case(False, False, f"the hypervisor itself translates the frames of a {xen.guest_type} domain")
    if release.endswith("-xen"):
        return _Case(False, False, "crash itself translates the frames of a forward-ported Xen kernel")
    if xen.role != "dom0":
        return _Case(False, True, "this is a DomU, and the lens is for a Dom0")
    version = version_in(release)
    if version is None or version < CPU_ENTRY_AREA:
        return _Case(False, True, "before Linux 4.15 crash walks no page tables when it starts")
    known = "this is a PV Dom0" if xen.guest_type else "if this is a PV Dom0 (the guest type is not told)"
    return _Case(
        True,
        True,
        f"{known} with Linux {release}: its page tables hold machine frames, and no released crash can translate them "
        "on a live kernel",
    )


def _not_here(case: _Case | None, wish: Wish) -> LensChoice:
    reason = case.reason if case else "this kernel does not run on Xen"
    warnings = (f"--lens on has no effect: {reason}",) if wish == "on" else ()
    if case is None and wish != "on":
        return NO_LENS
    return LensChoice(False, Decision(what="lens", chosen=None, reason=f"not needed: {reason}"), warnings)


def _against(host: HostFacts, wish: Wish, memory: str | None, extra: tuple[str, ...]) -> str:
    """Why it is not used although crash needs it; empty when nothing speaks against it."""
    if wish == "off":
        return "it is turned off: --lens off"
    if MINIMAL in extra:
        return f"with {MINIMAL} crash walks no page tables"
    if memory not in (None, KCORE):
        return f"{memory} was named, and the lens is over {KCORE}"
    if host.kernel.config.lockdown == "confidentiality":
        return f"lockdown is [confidentiality]: {KCORE} cannot be read, so that it is not tried"
    return ""


def _missing(facts: LensFacts | None, host: HostFacts) -> list[str]:
    if facts is None:
        return []
    who = "CAP_SYS_ADMIN (a container?)" if host.privileges and host.privileges.uid == 0 else "root"
    return [
        what
        for there, what in (
            (facts.may_mount, who),
            (facts.device, "/dev/fuse"),
            (facts.library, "libfuse"),
            (facts.program, XCRASH),
            (facts.package or not facts.program, MFUSEPY),
        )
        if not there
    ]


def _lacking(host: HostFacts, case: _Case, wish: Wish, missing: list[str], install: str) -> LensChoice:
    lacks = " and ".join(missing)
    decision = Decision(what="lens", chosen=None, reason=f"{case.reason}; the lens that would lacks {lacks}")
    steps = []
    if "libfuse" in missing and install:
        steps.append(Step(needs="install", command=install, reason="the lens is a FUSE file system"))
    if MFUSEPY in missing or XCRASH in missing:
        command = "pip install 'xcrash[lens]'"
        steps.append(Step(needs="install", command=command, reason="it serves the lens's file system"))
    if "/dev/fuse" in missing:
        steps.append(Step(needs="root", command="modprobe fuse", reason="it makes /dev/fuse"))
    refusal = None
    if wish == "on" or (host.xen and host.xen.guest_type == "PV"):
        hint = "; ".join((*(step.command for step in steps), WITHOUT))
        message = f"crash starts on this PV Dom0 only with the lens, which lacks {lacks}"
        refusal = Refusal(lacks="memory", code="lens-missing", message=message, hint=hint)
    return LensChoice(False, decision, (_warning(case),), tuple(steps), refusal)


def _warning(case: _Case) -> str:
    return f"{case.reason} ('seek error: physical address: ffffffffffffffff'); {WITHOUT}"
