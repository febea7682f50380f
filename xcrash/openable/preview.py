# SPDX-License-Identifier: Apache-2.0
"""What opening something would start, and why: the sections of its plan, and what can be done about a refusal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import msgspec

from xcrash import explain
from xcrash.discovery.choices import Choices
from xcrash.errors import UsageError, XcrashError
from xcrash.openable.values import Openable
from xcrash.plan import LaunchPlan, Step
from xcrash.sections import Row, Section
from xcrash.target import Target, dry_plan, survey

_ORDER = ("command", "steps", "warnings", "memory", "choices", "dump", "unused")


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """The sections, most wanted first, and the plan they are of; ``command`` is how a shell asks for the same."""

    sections: tuple[Section, ...]
    plan: LaunchPlan | None = None
    command: str = ""

    def step(self, consent: str) -> Step | None:
        """The step that is allowed by this name, if the plan has it."""
        return next((step for step in self.plan.steps if step.consent == consent), None) if self.plan else None


def choices_for(item: Openable, base: Choices) -> Choices:
    """What to open ``item`` with."""
    return item.choices or msgspec.structs.replace(base, target=item.target)


def preview(item: Openable, choices: Choices) -> Preview:
    """Look at the target as opening it would, and start nothing; a refusal is among the sections. Never raises."""
    command = _command(choices)
    if item.kind == "recording":
        return Preview(sections=(_recording(item),), command=command)
    try:
        target = survey(choices, whole=False)
        plan = dry_plan(target, choices)
    except XcrashError as error:
        return Preview(sections=(_refusal(error),), command=command)
    except OSError as error:
        refused = UsageError("target-unreadable", f"it cannot be looked at: {error.strerror}", "check path and rights")
        return Preview(sections=(_refusal(refused),), command=command)
    return Preview(sections=plan_in_order(target, plan, item), plan=plan, command=command)


def plan_in_order(target: Target, plan: LaunchPlan, item: Openable) -> tuple[Section, ...]:
    """The plan with what is to be done first, then the command line; facts and what was passed over come last."""
    found = [*explain.plan_sections(plan), *((explain.dump_section(target.dump),) if target.dump else ())]
    if item.beside:
        found.append(Section("beside", "Beside it", "", (Row("files", ", ".join(item.beside)),)))
    if target.crash is None and not plan.refusal:
        missing = Row("crash", "the crash utility is not installed", "bad")
        found.insert(0, Section("missing", "Missing", "", (missing,)))
    rank = {name: number for number, name in enumerate(_ORDER)}
    return tuple(sorted(found, key=lambda section: rank.get(section.name, -1 if section.name == "missing" else 9)))


def refusal_sections(error: XcrashError) -> tuple[Section, ...]:
    """What kept something from opening, and what to try."""
    return (_refusal(error),)


def _refusal(error: XcrashError) -> Section:
    rows = [Row("what", error.message, "bad")]
    if error.hint:
        rows.append(Row("try", error.hint))
    return Section("refusal", "It cannot be opened", "", tuple(rows))


def _recording(item: Openable) -> Section:
    rows = [Row("replay", item.name, detail="nothing is started")]
    rows += [
        Row(label, value)
        for label, value in (("of", item.verdict), ("commands", item.about), ("length", item.extent))
        if value
    ]
    return Section("recording", "Recording", "", tuple(rows))


def _command(choices: Choices) -> str:
    """``xcrash plan`` for the same target, for a shell."""
    words: list[str] = ["xcrash", "plan"]
    for option, value in (
        ("--root", choices.root),
        ("--vmlinux", choices.vmlinux),
        ("--debuginfo", choices.debuginfo),
        ("--xen-syms", choices.xen_syms),
        ("--view", choices.view if choices.view != "auto" else None),
        ("--xen-phys-start", None if choices.xen_phys_start is None else f"{choices.xen_phys_start:#x}"),
        ("--p2m-mfn", None if choices.p2m_mfn is None else f"{choices.p2m_mfn:#x}"),
        ("--domain", None if choices.domain is None else str(choices.domain)),
        ("--memory", choices.memory),
        ("--crash", choices.crash),
    ):
        words += [option, value] if value else []
    for option, values in (("--debug-dir", choices.debug_dirs), ("--crash-arg", choices.crash_args)):
        words += [f"{option}={value}" for value in values]
    words += ["--user-rc"] if choices.user_rc else []
    return shlex.join([*words, *([choices.target] if choices.target else [])])


def edited(choices: Choices, vmlinux: str, debuginfo: str, memory: str, arguments: str) -> Choices:
    """``choices`` with what was typed into the form; raises UsageError for arguments that no shell could read."""
    try:
        words = tuple(shlex.split(arguments))
    except ValueError as error:
        raise UsageError("arguments", f"the arguments cannot be read: {error}", "close the quotes") from error
    wanted = memory.strip()
    if wanted not in ("", "auto", *_MEMORIES):
        raise UsageError("memory", f"{wanted} is no memory source", f"one of auto, {', '.join(_MEMORIES)}")
    return msgspec.structs.replace(
        choices,
        vmlinux=vmlinux.strip() or None,
        debuginfo=debuginfo.strip() or None,
        memory=None if wanted in ("", "auto") else wanted,
        crash_args=words,
    )


_MEMORIES: Sequence[str] = ("/dev/crash", "/proc/kcore", "/dev/mem")
