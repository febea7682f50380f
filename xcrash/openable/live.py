# SPDX-License-Identifier: Apache-2.0
"""The running kernel as something to open, and why it can or cannot be."""

from __future__ import annotations

from pathlib import Path

from xcrash.discovery.choices import Choices
from xcrash.errors import XcrashError
from xcrash.openable.values import Openable
from xcrash.plan import LaunchPlan
from xcrash.plan.memory import LOAD_MODULE
from xcrash.sections import Tone
from xcrash.target import Target, dry_plan, survey

KEY = "live"


def pending_live(release: str) -> Openable:
    """The running kernel before it was looked at."""
    return Openable(
        key=KEY,
        section="live",
        kind="live",
        target=None,
        name=release,
        verdict="looking at it",
        tone="dim",
        pending=True,
    )


def live_host(choices: Choices) -> tuple[Openable, Target | None]:
    """The running kernel, or the machine under the root, with the plan of a session on it; never raises XcrashError."""
    try:
        target = survey(choices, whole=False)
        plan = dry_plan(target, choices)
    except XcrashError as error:
        refused = Openable(
            key=KEY,
            section="live",
            kind="live",
            target=None,
            name="the running kernel",
            verdict=error.message.splitlines()[0],
            tone="bad",
            why=error.hint,
        )
        return refused, None
    verdict, tone, why = _verdict(target, plan)
    wanted, names = target.wanted, [Path(kernel.path).name for kernel in (plan.namelist, plan.debuginfo) if kernel]
    return (
        Openable(
            key=KEY,
            section="live",
            kind="live",
            target=None,
            name=(wanted.release if wanted else None) or "the running kernel",
            about=plan.memory.chosen or "",
            extent=" + ".join(names),
            verdict=verdict,
            tone=tone,
            why=why,
            notes=_notes(plan),
            plan=plan,
        ),
        target,
    )


def _verdict(target: Target, plan: LaunchPlan) -> tuple[str, Tone, str]:
    if target.host and target.host.kind != "live":
        return "a copy of a machine: its memory is not here", "dim", "dumps of that machine can be opened"
    if any(step.needs == "root" for step in plan.steps):
        return "needs root: sudo xcrash", "doubt", plan.refusal.message if plan.refusal else ""
    if plan.refusal:
        text = "no vmlinux found" if plan.refusal.lacks == "namelist" else "no memory source can be used"
        return text, "bad", plan.refusal.message
    if target.crash is None:
        return "crash is not installed", "bad", ""
    if plan.warnings:
        return "can be tried: see the warning", "doubt", plan.warnings[0]
    return "ready", "good", ""


def _notes(plan: LaunchPlan) -> tuple[str, ...]:
    """What a step would make better; the keys are the screen's."""
    if any(step.consent == LOAD_MODULE for step in plan.steps):
        better = "would be better" if plan.memory.chosen else "would be a source"
        return (f"/dev/crash {better}: crash.ko is there, not loaded",)
    return ()
