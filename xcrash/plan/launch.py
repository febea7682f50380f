# SPDX-License-Identifier: Apache-2.0
"""The exact command line of crash for a memory image and its namelist, with the reason of every choice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import msgspec

from xcrash.errors import NamelistError
from xcrash.images import DumpIdentity, KernelImage
from xcrash.images.crash_rules import force_flag_reason, needs_unpacking
from xcrash.plan.arguments import Recipe, environment, file_argument, is_unpacked, options, options_decision, unpacked
from xcrash.plan.ladder import ladder
from xcrash.plan.lens import NO_LENS, LensChoice
from xcrash.plan.memory import MemoryPlan
from xcrash.plan.namelist import NamelistChoice
from xcrash.plan.rc_files import start_files
from xcrash.plan.values import Decision, LaunchPlan, Link, MemoryCandidate, MemoryChoice, Mode, Refusal, Step, Unpacking


def plan_dump(
    dump: DumpIdentity,
    names: NamelistChoice,
    recipe: Recipe,
    warnings: Sequence[str] = (),
    steps: Sequence[Step] = (),
    decisions: Sequence[Decision] = (),
) -> LaunchPlan:
    """Plan a session on a dump; a hypervisor's symbols as the namelist give the hypervisor's view of it."""
    memory = MemoryChoice(
        chosen=dump.path,
        candidates=(MemoryCandidate(source=dump.path, verdict="chosen", reason="named by the user"),),
    )
    mode: Mode = "xen-hypervisor" if names.hypervisor else "dump"
    return _assemble(mode, names, memory, decisions, recipe, (*dump_warnings(dump), *warnings), steps)


def plan_live(
    names: NamelistChoice,
    memory: MemoryPlan,
    recipe: Recipe,
    warnings: Sequence[str] = (),
    steps: Sequence[Step] = (),
    decisions: Sequence[Decision] = (),
    lens: LensChoice = NO_LENS,
) -> LaunchPlan:
    """Plan a session on the running kernel, behind the lens where that was decided."""
    reasons = (memory.decision, *decisions)
    refusal = memory.refusal or lens.refusal
    plan = _assemble("live", names, memory.choice, reasons, recipe, warnings, (*memory.steps, *steps), refusal)
    return _behind_lens(plan, recipe) if lens.used and plan.argv else plan


def dump_warnings(dump: DumpIdentity) -> tuple[str, ...]:
    """What the dump's own headers say against it."""
    warnings = []
    if dump.missing_bytes:
        warnings.append(f"the dump is truncated: at least {dump.missing_bytes:,} bytes are missing")
    if dump.incomplete:
        warnings.append("the dump is incomplete: its writer ran out of space")
    if "vmem-missing" in dump.flags:
        warnings.append("the .vmem file that belongs to it is missing: crash needs it beside the dump")
    return tuple(warnings)


def _assemble(
    mode: Mode,
    names: NamelistChoice,
    memory: MemoryChoice,
    decisions: Sequence[Decision],
    recipe: Recipe,
    warnings: Sequence[str],
    steps: Sequence[Step],
    refusal: Refusal | None = None,
) -> LaunchPlan:
    refusal = refusal or names.refusal
    plan = LaunchPlan(
        mode=mode,
        namelist=names.namelist,
        debuginfo=names.debuginfo,
        match=names.match,
        memory=memory,
        decisions=(*names.decisions, *decisions),
        warnings=(*warnings, *names.warnings),
        steps=tuple(steps),
        refusal=refusal,
    )
    if refusal or names.namelist is None or memory.chosen is None:
        return plan
    return _with_command_line(plan, names.namelist, memory.chosen, recipe)


def _with_command_line(plan: LaunchPlan, namelist: KernelImage, memory: str, recipe: Recipe) -> LaunchPlan:
    started = start_files(recipe.version, recipe.crash, recipe.workdir, recipe.cache, recipe.user_rc)
    argv = [str(recipe.crash), *options(recipe)]
    decisions = [*plan.decisions, options_decision(recipe), *started.decisions]
    if plan.mode == "xen-hypervisor" and not PurePath(namelist.path).name.startswith("xen-syms"):
        argv.append("--hyper")
        decisions.append(_hyper())
    kernels = [kernel for kernel in (namelist, plan.debuginfo) if kernel]
    flag = _force_flag([kernel for kernel in kernels if not is_unpacked(kernel, recipe)])
    if flag.chosen == "-f":
        argv.append("-f")
    decisions.append(flag)
    argv.extend(recipe.extra)
    packed = next((kernel for kernel in kernels if is_unpacked(kernel, recipe)), None)
    if packed and recipe.cache is None:
        return msgspec.structs.replace(plan, refusal=_packed_there(packed))
    options_end = len(argv)
    links: list[Link] = [*started.links]
    unpacking: list[Unpacking] = []
    for what, path in _files(plan, namelist, memory):
        image = namelist if what == "namelist" else plan.debuginfo if what == "debuginfo" else None
        if image and recipe.cache and is_unpacked(image, recipe):
            unpacking.append(unpacked(image, recipe.cache))
            path = unpacking[-1].target
            decisions.append(_unpack(image, path))
        argument = file_argument(what, path, recipe.workdir)
        argv.append(argument.text)
        if argument.link:
            links.append(argument.link)
            decisions.append(Decision(what=f"{what} argument", chosen=argument.text, reason=argument.note))
    return LaunchPlan(
        mode=plan.mode,
        argv=tuple(argv),
        env=environment(recipe),
        cwd=str(recipe.workdir),
        files=started.files,
        links=tuple(links),
        unpacking=tuple(unpacking),
        index_cache=started.index_cache,
        namelist=plan.namelist,
        debuginfo=plan.debuginfo,
        match=plan.match,
        memory=plan.memory,
        decisions=tuple(decisions),
        warnings=plan.warnings,
        steps=plan.steps,
        ladder=ladder(argv, plan.mode, options_end),
    )


def _behind_lens(plan: LaunchPlan, recipe: Recipe) -> LaunchPlan:
    """The same crash, started by the lens's watcher: xcrash.lens.launch."""
    kernel = plan.namelist
    # Where the running kernel hides its addresses they are in its own vmlinux.
    symbols = ("--vmlinux", kernel.path) if kernel and kernel.format == "elf" else ()
    python = ("env", f"PYTHONPATH={recipe.modules}", recipe.interpreter, "-m", "xcrash.lens")
    return msgspec.structs.replace(plan, wrapper=(*python, "--directory", str(recipe.workdir / "lens"), *symbols, "--"))


def _files(plan: LaunchPlan, namelist: KernelImage, memory: str) -> list[tuple[str, str]]:
    debug = [("debuginfo", plan.debuginfo.path)] if plan.debuginfo else []
    return [("namelist", namelist.path), *debug, ("memory" if plan.mode == "live" else "dump", memory)]


def _force_flag(kernels: Sequence[KernelImage]) -> Decision:
    """Whether crash wants ``-f``, and why or why not."""
    for kernel in kernels:
        if reason := force_flag_reason(kernel):
            return Decision(what="-f", chosen="-f", reason=reason)
    packed = [kernel for kernel in kernels if kernel.format == "gzip"]
    if packed:
        return Decision(what="-f", chosen=None, reason=f"not needed: the gzip header names {packed[0].gzip_name}")
    return Decision(what="-f", chosen=None, reason="not needed: crash takes the files by their contents and names")


def _hyper() -> Decision:
    return Decision(
        what="--hyper",
        chosen="--hyper",
        reason="the namelist is a hypervisor's, and crash tells that only by a name that begins with xen-syms",
    )


def _packed_there(kernel: KernelImage) -> Refusal:
    """On another machine nothing is unpacked: it would have to be kept there."""
    return Refusal.of(
        NamelistError(
            "namelist-packed-there",
            f"crash cannot read {kernel.format}, and nothing is unpacked on another machine: {kernel.path}",
            f"unpack {kernel.path} over there, and name the result: --vmlinux FILE",
        )
    )


def _unpack(image: KernelImage, target: str) -> Decision:
    why = f"crash cannot read {image.format}" if needs_unpacking(image) else "crash would unpack it at every start"
    return Decision(what="unpack", chosen=target, reason=f"{why}: {image.path} is unpacked once into the cache")
