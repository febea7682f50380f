# SPDX-License-Identifier: Apache-2.0
"""The steps that change the host or download something: proposed by the plan, carried out only with consent."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable

import msgspec

from xcrash.errors import MemorySourceError
from xcrash.host.command import run_command
from xcrash.host.ssh_root import SshRoot, run_far
from xcrash.host.sysroot import LocalRoot, Sysroot
from xcrash.images.debuginfod import expected_size, fetch, setting, urls
from xcrash.plan import Step
from xcrash.plan.memory import LOAD_MODULE
from xcrash.session.guard import ALLOWANCES, END_CRASH
from xcrash.ssh import connect
from xcrash.target import Choices, Target, check_openable, survey

FETCH_DEBUGINFO = "fetch-debuginfo"
CONSENTS = (LOAD_MODULE, FETCH_DEBUGINFO, *ALLOWANCES.values(), END_CRASH)
"""The names by which such steps are allowed, and on a running system commands that do more than read; a command that
has ended crash before."""

FETCH_SECONDS = 3600.0
"""A server may have to unpack a package of a gigabyte before it sends the first byte."""

SIZE_SECONDS = 5.0
LOAD_SECONDS = 60.0

Ask = Callable[[Step], bool]
Progress = Callable[[int, int | None], None]


def prepare(choices: Choices, ask: Ask, progress: Progress) -> tuple[Target, tuple[str, ...]]:
    """Look at the target, carry out what is allowed, and return it ready to be opened, with what was done in words.

    A step that the user did not allow beforehand is asked for only when nothing can be started without it. Raises
    XcrashError, as ``look_at``, when the target cannot be opened after all.
    """
    target = survey(choices, whole=False)
    done = []
    for step in _proposed(target, choices, ask):
        done.append(_carry_out(step, target, progress))
        chosen = msgspec.structs.replace(choices, memory="/dev/crash") if step.consent == LOAD_MODULE else choices
        target = survey(chosen, whole=False)
    check_openable(target, choices)
    return target, tuple(done)


def _proposed(target: Target, choices: Choices, ask: Ask) -> list[Step]:
    if target.found is None or (target.kind == "live" and target.host and target.host.kind != "live"):
        return []
    memory, names = target.found.memory, target.found.names
    needed = {
        LOAD_MODULE: memory is not None and memory.refusal is not None and names.refusal is None,
        FETCH_DEBUGINFO: names.refusal is not None,
    }
    steps = [*(memory.steps if memory else ()), *target.found.steps]
    return [
        step
        for step in steps
        if step.consent
        and (
            step.consent in choices.allowed or (needed[step.consent] and choices.ask and ask(_with_size(step, target)))
        )
    ]


def _carry_out(step: Step, target: Target, progress: Progress) -> str:
    if step.consent == LOAD_MODULE:
        return _load(step, SshRoot(connect(target.far.address)) if target.far else LocalRoot())
    environ = {**os.environ, "DEBUGINFOD_URLS": setting(os.environ, LocalRoot())}
    path = fetch(_build_id(target), environ, progress, FETCH_SECONDS)
    return f"fetched the debuginfo into {path}"


def _build_id(target: Target) -> str:
    return (target.wanted.build_id if target.wanted else None) or ""


def _with_size(step: Step, target: Target) -> Step:
    """The step with the size of its download, as far as a server tells it."""
    if step.consent != FETCH_DEBUGINFO:
        return step
    size = expected_size(_build_id(target), urls(os.environ, LocalRoot()), SIZE_SECONDS)
    told = f"{size / 1e6:,.0f} MB" if size else "a size that no server tells"
    return msgspec.structs.replace(step, reason=f"{step.reason}: {told}")


def _load(step: Step, root: Sysroot) -> str:
    why: dict[str, str] = {}
    argv = tuple(shlex.split(step.command))
    far = root.connection if isinstance(root, SshRoot) else None
    where = f" on {root.where}" if far else ""
    done = run_far(far, argv, why, LOAD_SECONDS) if far else run_command(argv, why, LOAD_SECONDS)
    if done is None:
        reason = "; ".join(why.values()) or "the program is not installed"
        raise MemorySourceError(
            "module-not-loaded",
            f"{step.command}{where}: {reason}",
            "run it as root, look at dmesg for its reason, or go on without it: --memory /proc/kcore",
        )
    if root.kind_of("/dev/crash") is None:
        raise MemorySourceError(
            "module-without-device",
            f"{step.command}{where} succeeded, but there is no /dev/crash",
            "look at dmesg and /proc/misc, or go on without it: --memory /proc/kcore",
        )
    return f"loaded crash's memory driver{where}: {step.command}; rmmod crash unloads it"
