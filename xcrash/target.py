# SPDX-License-Identifier: Apache-2.0
"""From what the user named to a target that is looked at and planned: the way in for both faces."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from xcrash import kernel_cache, locations
from xcrash.discovery.choices import Choices
from xcrash.discovery.crash_program import crash_not_found
from xcrash.discovery.lens_facts import module_places
from xcrash.discovery.survey import Far, Surroundings, Survey, look_around, survey_dump, survey_live
from xcrash.discovery.views import views_of
from xcrash.errors import MemorySourceError, UsageError, XcrashError
from xcrash.host.values import HostFacts
from xcrash.images import DumpIdentity, KernelImage, Match
from xcrash.images.identity import View
from xcrash.plan import LaunchPlan, Recipe, plan_dump, plan_live
from xcrash.plan.xen_options import with_p2m_mfn, with_phys_start
from xcrash.ssh import is_address

if TYPE_CHECKING:
    from xcrash.transcript.recording import Recording

__all__ = [
    "Choices",
    "Target",
    "check_openable",
    "dry_plan",
    "look_at",
    "plan_for",
    "survey",
    "survey_of_dump",
    "survey_views",
]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What the user named, looked at: a dump, a running kernel, here or on another machine, or a recording.

    ``view`` is whose memory of a Xen dump it is about; None for every other target. Nothing has been started.
    """

    kind: Literal["dump", "live", "recording"]
    path: str
    crash: str | None = None
    crash_version: str | None = None
    dump: DumpIdentity | None = None
    kernel: KernelImage | None = None
    match: Match | None = None
    recording: Recording | None = None
    warnings: tuple[str, ...] = ()
    found: Survey | None = None
    view: View | None = None

    @property
    def name(self) -> str:
        """What to call it where there is little room."""
        if self.far:
            return self.far.address.host
        return "live" if self.kind == "live" else Path(self.path).name

    @property
    def far(self) -> Far | None:
        """The machine behind a connection that it is on, if it is."""
        return self.found.far if self.found else None

    @property
    def host(self) -> HostFacts | None:
        """The machine it was looked for on, where that was looked at."""
        return self.found.host if self.found else None

    @property
    def wanted(self) -> DumpIdentity | None:
        """The identity of the memory: of the dump, or of the running kernel."""
        return self.found.wanted if self.found else self.dump


def survey(choices: Choices, whole: bool = True) -> Target:
    """Find out what the target is by looking at it, never by its name, and what a session on it needs.

    Of a Xen dump that is the view asked for, else the Dom0's or, where only that can be opened, the hypervisor's.
    ``whole``: the host is looked at, too, where the target does not depend on it. Raises XcrashError for a target that
    is none; what is missing for a session is a refusal in its plan.
    """
    found = _look(choices)
    return found if isinstance(found, Target) else _main_view(found, choices, look_around(choices, whole))


def survey_of_dump(dump: DumpIdentity, choices: Choices) -> Target:
    """``survey`` for a dump whose headers were read already; the host is not looked at."""
    return _main_view(dump, choices, look_around(choices, whole=False))


def survey_views(choices: Choices, whole: bool = False) -> tuple[Target, ...]:
    """Every view that the target can give, each looked at on its own; first the one that ``survey`` gives.

    A target that is no Xen dump has one. A view that cannot be opened is among them: its plan has the refusal. Raises
    as ``survey`` for a target that is none, or for a view it cannot give.
    """
    found = _look(choices)
    if isinstance(found, Target):
        return (found,)
    around = look_around(choices, whole)
    main = _main_view(found, choices, around)
    others = [view for view in views_of(found, choices) if view != main.view]
    return (main, *(_view(found, choices, around, view) for view in others))


def look_at(choices: Choices) -> Target:
    """``survey`` for a session that is to be opened: raises the refusal when it cannot be, with the next step."""
    target = survey(choices, whole=False)
    check_openable(target, choices)
    return target


def check_openable(target: Target, choices: Choices) -> None:
    """Raise the reason why no session on ``target`` can be started, if there is one."""
    if target.recording:
        return
    if target.host and target.kind == "live" and target.host.kind != "live":
        raise MemorySourceError(
            "root-not-live",
            f"{target.host.root} is a copy of a machine: its memory is not here",
            "xcrash plan --root shows what would be started on it; name a dump to open one",
        )
    refusal = dry_plan(target, choices).refusal
    if refusal:
        raise refusal.as_error()
    if target.crash is None:
        raise crash_not_found(choices.crash, f" on {target.far.address}" if target.far else "")


def plan_for(target: Target, recipe: Recipe) -> LaunchPlan:
    """The plan of a session on ``target``; a recording starts nothing."""
    found = target.found
    if found is None:
        return LaunchPlan(mode="replay")
    if found.memory is None:
        plan = plan_dump(found.wanted, found.names, recipe, found.warnings, found.steps, found.decisions)
        if found.xen_phys_start is not None:
            plan = with_phys_start(plan, found.xen_phys_start)
        return plan if found.p2m_mfn is None else with_p2m_mfn(plan, found.p2m_mfn, found.p2m_from)
    return plan_live(found.names, found.memory, recipe, found.warnings, found.steps, found.decisions, found.lens)


def dry_plan(target: Target, choices: Choices) -> LaunchPlan:
    """``plan_for`` with a stand-in for the private directory, which only a session makes."""
    return plan_for(target, dry_recipe(target, choices))


def dry_recipe(target: Target, choices: Choices) -> Recipe:
    """The recipe of a session that is not going to be started."""
    if target.far:
        return Recipe(
            crash=Path(target.crash or "crash"),
            workdir=target.far.working_base / "xcrash-session",
            environ=target.far.environ,
            cache=None,
            extra=choices.crash_args,
            version=target.crash_version,
            interpreter=target.far.interpreter,
            modules=target.far.modules,
        )
    return Recipe(
        crash=Path(target.crash or "crash"),
        workdir=locations.working_base() / "xcrash-session",
        environ=os.environ,
        cache=locations.cache(),
        extra=choices.crash_args,
        version=target.crash_version,
        user_rc=locations.user_rc(os.environ) if choices.user_rc else None,
        interpreter=sys.executable,
        modules=module_places() if target.found and target.found.lens.used else "",
        # The files under a root are another machine's: nothing is kept of them that crash can do without.
        room=0 if choices.root else kernel_cache.room(locations.cache()),
    )


def _look(choices: Choices) -> Target | DumpIdentity:
    """The running kernel or the recording; a dump, of which several views may be had."""
    if choices.target is None or is_address(choices.target):
        if choices.wish in ("xen", "domU"):
            raise UsageError(
                "view-not-there",
                f"a running machine cannot give the view {choices.wish}",
                "crash opens the hypervisor and its guests from a dump only: name one",
            )
        return _live(choices)
    if not choices.target:
        raise UsageError("empty-target", "the name of the target is empty", "name a dump or a recording")
    # The readers of dumps and of recordings take as long to import as all the rest: only where one is named.
    path = Path(choices.target).absolute()
    if _is_recording(path):
        from xcrash.transcript.recording import read_recording

        return Target(kind="recording", path=str(path), recording=read_recording(path))
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        path = _dump_in(path)
    from xcrash.images.dump import identify_dump

    return identify_dump(path)


def _main_view(dump: DumpIdentity, choices: Choices, around: Surroundings) -> Target:
    """The view asked for; without a wish the Dom0's, unless only the hypervisor's can be opened."""
    views = views_of(dump, choices)
    main = _view(dump, choices, around, views[0])
    if choices.view not in ("auto", "all") or main.view != "dom0" or "xen" not in views:
        return main
    refusal = dry_plan(main, choices).refusal
    other = _view(dump, choices, around, "xen") if refusal else None
    if other is None or refusal is None or dry_plan(other, choices).refusal:
        return main
    warning = f"this is the hypervisor's view; the Dom0's cannot be opened: {refusal.message}"
    return _with_warning(other, warning, choices)


def _view(dump: DumpIdentity, choices: Choices, around: Surroundings, view: View | None) -> Target:
    return _target("dump", dump.path, choices, survey_dump(dump, choices, around, view))


def _with_warning(target: Target, warning: str, choices: Choices) -> Target:
    if target.found is None:
        return target
    found = msgspec.structs.replace(target.found, warnings=(warning, *target.found.warnings))
    return _target("dump", target.path, choices, found)


def _live(choices: Choices) -> Target:
    found = survey_live(choices)
    return _target("live", found.memory.choice.chosen or "" if found.memory else "", choices, found)


def _target(kind: Literal["dump", "live"], path: str, choices: Choices, found: Survey) -> Target:
    target = Target(
        kind=kind,
        path=path,
        crash=found.crash.path if found.crash else None,
        crash_version=found.crash.version if found.crash else None,
        dump=found.wanted if kind == "dump" else None,
        kernel=found.names.namelist,
        match=found.names.match,
        found=found,
        view=found.view,
    )
    return msgspec.structs.replace(target, warnings=dry_plan(target, choices).warnings)


def _is_recording(path: Path) -> bool:
    """What the readers of recordings know: an asciicast, a typescript, a text with crash's prompt or banner in it."""
    from xcrash.transcript.files import looks_like_recording

    try:
        # Never wait for the writer of a FIFO, never act on a device: those are refused later, with words.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY) if path.is_file() else None
        if handle is None:
            return False
        with os.fdopen(handle, "rb") as file:
            head = file.read(1 << 18)
    except (OSError, ValueError):
        return False
    return looks_like_recording(head)


def _dump_in(directory: Path) -> Path:
    """The one dump a directory holds, as kdump leaves it in /var/crash."""
    from xcrash.images.dump import identify_dump

    found: list[Path] = []
    try:
        files = sorted(entry for entry in directory.iterdir() if entry.is_file())
    except OSError as error:
        raise MemorySourceError(
            "directory-unreadable", f"cannot read {directory}: {error.strerror}", "check path and rights"
        ) from error
    for file in files[:1000]:
        with contextlib.suppress(XcrashError):
            identify_dump(file, scan=False)
            found.append(file)
    if len(found) == 1:
        return found[0]
    what = "holds no dump" if not found else "holds several dumps: " + ", ".join(file.name for file in found[:8])
    raise MemorySourceError("directory-dumps", f"{directory} {what}", "name the dump file itself")
