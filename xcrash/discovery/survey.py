# SPDX-License-Identifier: Apache-2.0
"""Everything a plan rests on, found out for one target: host facts, namelist, memory source, crash itself."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from xcrash import locations
from xcrash.discovery.choices import Choices
from xcrash.discovery.crash_program import CrashProgram, crash_in, find_crash, find_far_crash, on_far_path
from xcrash.discovery.far_lens import FarLens, far_lens
from xcrash.discovery.hypervisors import find_xen_syms, named_xen_syms
from xcrash.discovery.kernels import Where, find_candidates, find_debuginfo, named_candidates
from xcrash.discovery.lens_facts import lens_facts
from xcrash.discovery.views import (
    for_linux,
    guest_of,
    is_another_views,
    is_doubtful,
    load_warnings,
    p2m_mfn_for,
    vmlinux_named,
    xen_syms_named,
)
from xcrash.errors import MemorySourceError, NamelistError, UsageError, XcrashError
from xcrash.host.crash_module import insmod_command
from xcrash.host.facts import look_at_host
from xcrash.host.memory_sources import probe_memory
from xcrash.host.open_root import open_root
from xcrash.host.os_release import read_os_release
from xcrash.host.ssh_root import SshRoot
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import HostFacts, OsRelease
from xcrash.images import DumpIdentity
from xcrash.images.catalogue import Catalogue
from xcrash.images.classify import classify_image
from xcrash.images.debuginfod import urls
from xcrash.images.identity import View, XenDump, unidentified
from xcrash.images.image import Image
from xcrash.images.packages import family_of, packages_for, xen_syms_package, xen_syms_remedy
from xcrash.plan import Candidate, Decision, NamelistChoice, Refusal, Rejected, Step, choose_memory, choose_namelist
from xcrash.plan.compat import too_old
from xcrash.plan.lens import NO_LENS, LensChoice, LensFacts, behind_lens, choose_lens
from xcrash.plan.memory import MemoryPlan
from xcrash.plan.xen import choose_xen_syms
from xcrash.plan.xen_dump import choose_hypervisor
from xcrash.ssh import Address, connect, is_address, parse_address

MOST_XEN_IMAGES = 16
"""Hypervisor images that are looked into for a plan; all of them: xcrash images."""


class Far(msgspec.Struct, frozen=True, kw_only=True):
    """The machine behind a connection: its address, who we are there, its login's environment, its own xcrash.

    ``interpreter`` and ``modules`` run that xcrash's lens: see ``Recipe``.
    """

    address: Address
    uid: int | None
    environ: dict[str, str]
    xcrash: str | None = None
    interpreter: str = "python3"
    modules: str = ""

    @property
    def working_base(self) -> Path:
        """Where a private directory is made there: see ``locations.working_base``."""
        return locations.working_base(self.environ)


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What was found for a target; ``memory`` is None for a dump, ``host`` where it was not looked at.

    ``far``: the target is another machine. ``view`` is whose memory a Xen dump shows, with what crash has to be told
    for that: see ``Choices``.
    """

    wanted: DumpIdentity
    names: NamelistChoice
    memory: MemoryPlan | None = None
    host: HostFacts | None = None
    crash: CrashProgram | None = None
    xen_images: tuple[Image, ...] = ()
    lens: LensChoice = NO_LENS
    decisions: tuple[Decision, ...] = ()
    warnings: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    far: Far | None = None
    view: View | None = None
    xen_phys_start: int | None = None
    p2m_mfn: int | None = None
    p2m_from: str = ""


class Surroundings(NamedTuple):
    """What is the same for every view of a dump: the machine looked on, its facts where wanted, and crash."""

    root: Sysroot
    host: HostFacts | None
    os_release: OsRelease
    crash: CrashProgram | None


def look_around(choices: Choices, whole: bool) -> Surroundings:
    """Look at what a dump is opened on; ``whole``: with the facts of the host, which a session does not depend on."""
    root = open_root(Path(choices.root) if choices.root else None)
    host = look_at_host(root) if whole else None
    return Surroundings(root, host, host.os if host else read_os_release(root), find_crash(choices.crash))


def survey_dump(dump: DumpIdentity, choices: Choices, around: Surroundings, view: View | None = None) -> Survey:
    """What a session on this view of ``dump`` needs."""
    root, host, os_release, crash = around
    where = Where(in_root=False, debug_dirs=_debug_dirs(choices), beside=Path(dump.path).parent)
    linux = view != "xen"
    p2m_mfn = p2m_mfn_for(view, dump, choices)
    look_for = _names if linux else _hypervisor
    catalogue = Catalogue(root)
    named = for_linux(choices) if linux else choices
    wanted = unidentified(dump) if view == "domU" else dump
    try:
        wanted = guest_of(dump, p2m_mfn) if view == "domU" else dump
        names = look_for(catalogue, where, wanted, named, os_release)
        if is_another_views(view, names, choices):
            names = _names(
                catalogue, where, wanted, msgspec.structs.replace(named, vmlinux=None, debuginfo=None), os_release
            )
        elif view == "dom0" and is_doubtful(dump, names, named):
            names = _names(catalogue, where, unidentified(dump), named, os_release)
    except (NamelistError, MemorySourceError) as error:
        if view is None:
            raise
        names = _refused(error, hypervisor=not linux)
    return Survey(
        wanted=wanted,
        names=names,
        host=host,
        crash=crash,
        warnings=_crash_warnings(crash, wanted.release) if linux else load_warnings(dump, choices),
        steps=(
            *_crash_steps(crash, os_release),
            *(_namelist_steps(root, names, wanted, os_release) if linux else _xen_syms_steps(names, dump, os_release)),
        ),
        view=view,
        xen_phys_start=None if view in ("dom0", "domU") else choices.xen_phys_start,
        p2m_mfn=p2m_mfn,
        p2m_from=choices.p2m_from,
    )


def machine(choices: Choices) -> Sysroot:
    """The machine the user means: this one, the one under the root, or one behind a connection.

    Raises UsageError, and MemorySourceError when there is no connection.
    """
    if not is_address(choices.target):
        return open_root(Path(choices.root) if choices.root else None)
    for option, given in (("--root", choices.root), ("--user-rc", choices.user_rc)):
        if given:
            raise UsageError(
                "not-with-ssh", f"{option} is about this machine, ssh:// about another one", "leave one of them out"
            )
    return SshRoot(connect(parse_address(choices.target or "")))


def survey_live(choices: Choices) -> Survey:
    """What a session on the running kernel needs, or, with a root that is a copy, would need on that machine."""
    root = machine(choices)
    if isinstance(root, SshRoot):
        far = root

        def look() -> None:
            with contextlib.suppress(XcrashError):
                _survey_live(far, choices)

        far.rehearse(look)
    return _survey_live(root, choices)


def _survey_live(root: Sysroot, choices: Choices) -> Survey:
    far = root if isinstance(root, SshRoot) else None
    host = look_at_host(root)
    crash = _crash(root, host, choices.crash)
    wanted = running_identity(host)
    where = Where(in_root=far is not None or root.kind != "live", debug_dirs=_debug_dirs(choices), far=far)
    catalogue = Catalogue(root)
    names = _names(catalogue, where, wanted, choices, host.os)
    facts = probe_memory(root, host.kernel)
    there = far_lens(far, host) if far and host.xen else None
    lens = _lens(host, choices, there.facts if there else lens_facts(host) if far is None else None)
    insmod = None if lens.used else insmod_command(facts.crash_module)
    memory = choose_memory(behind_lens(facts) if lens.used else facts, host, choices.memory, insmod)
    steps = (*lens.steps, *_crash_steps(crash, host.os), *_namelist_steps(root, names, wanted, host.os))
    if far:
        memory = memory._replace(steps=tuple(_there(step, far) for step in memory.steps))
        steps = tuple(_there(step, far) for step in steps)
    images = xen_images(catalogue, host)
    hypervisor = choose_xen_syms(images, host.xen)
    return Survey(
        wanted=wanted,
        names=names,
        memory=memory,
        host=host,
        crash=crash,
        xen_images=images,
        lens=lens,
        decisions=tuple(one for one in (lens.decision, hypervisor, _connection(far) if far else None) if one),
        warnings=(*_crash_warnings(crash, wanted.release), *lens.warnings),
        steps=steps,
        far=_far(far, there) if far else None,
    )


def _there(step: Step, far: SshRoot) -> Step:
    """The step with the name of the machine that it changes."""
    command = (
        f"log in as root: ssh://root@{far.connection.address.host}" if step.command == "sudo xcrash" else step.command
    )
    return msgspec.structs.replace(step, command=command, reason=f"on {far.where}: {step.reason}")


def _connection(far: SshRoot) -> Decision:
    own = on_far_path(far, "xcrash")
    return Decision(
        what="connection",
        chosen=far.where,
        reason="crash is started there, on a terminal of its own, and ends with the connection; a private directory is "
        "all that is written there, and is removed",
        evidence=(f"xcrash there: {own}" if own else "xcrash is not installed there, which only the lens would need",),
    )


def _crash(root: Sysroot, host: HostFacts, named: str | None) -> CrashProgram | None:
    if isinstance(root, SshRoot):
        return find_far_crash(root, named)
    return find_crash(named) if named or root.kind == "live" else crash_in(root, host)


def _far(root: SshRoot, lens: FarLens | None) -> Far:
    myself = root.myself
    return Far(
        address=root.connection.address,
        uid=myself.uid,
        environ=myself.environ,
        xcrash=on_far_path(root, "xcrash"),
        interpreter=lens.interpreter if lens else "python3",
        modules=lens.modules if lens else "",
    )


def running_identity(host: HostFacts) -> DumpIdentity:
    """The running kernel as the memory image that a namelist has to match."""
    kernel = host.kernel
    return DumpIdentity(
        path="/proc/kcore",
        size=0,
        format="live",
        machine=kernel.machine,
        release=kernel.release,
        version=kernel.version,
        nodename=host.nodename,
        build_id=kernel.build_id,
        identified_by=(f"release: {kernel.release_from}",) if kernel.release_from else (),
    )


def xen_images(catalogue: Catalogue, host: HostFacts) -> tuple[Image, ...]:
    """The hypervisor's images of this host: of the running version where one runs, a few of those that lie there."""
    version = host.xen.version if host.xen else None
    found = catalogue.xen_images(version)[:MOST_XEN_IMAGES]
    return tuple(classify_image(one.local, one.path) for one in found)


def _names(
    catalogue: Catalogue, where: Where, wanted: DumpIdentity, choices: Choices, os_release: OsRelease
) -> NamelistChoice:
    candidates: list[Candidate] = named_candidates(choices.vmlinux, choices.debuginfo, where.far)
    look_alikes: Sequence[Rejected] = ()
    if choices.vmlinux is None:
        candidates += find_candidates(where, catalogue, wanted, os.environ)
    elif choices.debuginfo is None:
        candidates += find_debuginfo(catalogue, candidates[0], where.far)
    if wanted.format == "live":
        look_alikes = [Rejected(candidate=one.path, reason=one.reason) for one in catalogue.look_alikes(wanted.release)]
    return choose_namelist(wanted, candidates, look_alikes, _install(wanted, os_release))


def _hypervisor(
    catalogue: Catalogue, where: Where, dump: DumpIdentity, choices: Choices, os_release: OsRelease
) -> NamelistChoice:
    """The hypervisor's symbols: those that the user named, or the best that are found."""
    xen = dump.xen or XenDump()
    if xen.phys_start is None:
        xen = msgspec.structs.replace(xen, phys_start=choices.xen_phys_start)
    told = msgspec.structs.replace(dump, xen=xen)
    candidates = find_xen_syms(where, catalogue, told, os.environ)
    if named := xen_syms_named(choices):
        path = Path(named).absolute()
        candidates = [named_xen_syms(path, told), *(one for one in candidates if one.path != str(path))]
        if choices.debuginfo and not vmlinux_named(choices):
            candidates.insert(1, named_xen_syms(Path(choices.debuginfo).absolute(), told, named=False))
    return choose_hypervisor(dump, candidates, xen_syms_remedy(os_release.id, xen.version, os_release.id_like))


def _refused(error: XcrashError, hypervisor: bool) -> NamelistChoice:
    """A view that cannot be opened does not keep the others from it: its error is the refusal of its plan."""
    decision = Decision(what="namelist", chosen=None, reason=error.message.splitlines()[0])
    return NamelistChoice(None, None, None, (decision,), (), Refusal.of(error), hypervisor=hypervisor)


def _debug_dirs(choices: Choices) -> tuple[str, ...]:
    from_environment = os.environ.get("XCRASH_DEBUG_DIRS", "").split(os.pathsep)
    return (*choices.debug_dirs, *(name for name in from_environment if name))


def _crash_warnings(crash: CrashProgram | None, release: str | None) -> tuple[str, ...]:
    text = too_old(crash.version, release) if crash else None
    return (text,) if text else ()


def _lens(host: HostFacts, choices: Choices, facts: LensFacts | None) -> LensChoice:
    installer = _installer(host.os)
    package = {"apt-get install": "libfuse3-3", "zypper install": "libfuse3-3"}.get(installer, "fuse3-libs")
    return choose_lens(host, facts, choices.lens, choices.memory, choices.crash_args, f"{installer} {package}")


_INSTALLERS = {"debian": "apt-get install", "ubuntu": "apt-get install", "suse": "zypper install"}


def _crash_steps(crash: CrashProgram | None, os_release: OsRelease) -> tuple[Step, ...]:
    if crash:
        return ()
    return (
        Step(needs="install", command=f"{_installer(os_release)} crash", reason="the crash utility is not installed"),
    )


def _installer(os_release: OsRelease) -> str:
    return _INSTALLERS.get(family_of(os_release.id, os_release.id_like) or "", "dnf install")


def _namelist_steps(root: Sysroot, names: NamelistChoice, wanted: DumpIdentity, os_release: OsRelease) -> list[Step]:
    """How to get the debuginfo that was not found."""
    if names.refusal is None:
        return []
    steps = []
    if wanted.build_id and root.kind == "live" and not isinstance(root, SshRoot) and urls(os.environ, root):
        command = f"debuginfod-find debuginfo {wanted.build_id}"
        reason = "a debuginfod server may have the debuginfo; a download into its cache"
        steps.append(Step(needs="consent", command=command, reason=reason, consent="fetch-debuginfo"))
    if install := _install(wanted, os_release):
        steps.append(Step(needs="install", command=install, reason="it brings the vmlinux with debug information"))
    return steps


def _xen_syms_steps(names: NamelistChoice, dump: DumpIdentity, os_release: OsRelease) -> list[Step]:
    """How to get the hypervisor's symbols that were not found."""
    version = dump.xen.version if dump.xen else None
    found = xen_syms_package(os_release.id, version, os_release.id_like) if names.refusal else None
    if found is None or found.command is None:
        return []
    return [Step(needs="install", command=found.command, reason=f"it brings xen-syms: {found.note}")]


def _install(wanted: DumpIdentity, os_release: OsRelease) -> str:
    """The command that installs the debuginfo, on the distribution whose kernel it is."""
    if not wanted.release:
        return ""
    found = packages_for(os_release.id, wanted.release, id_like=os_release.id_like, build_id=wanted.build_id)
    return (found.command or "") if found else ""
