# SPDX-License-Identifier: Apache-2.0
"""Rules over the banner, the tasks, the stack and the modules of a kernel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from xcrash.findings.values import Finding, Rule, Seen, Severity
from xcrash.parse.bt import Bt, Trace
from xcrash.sections import Evidence

_SHOWN = 5
"""Names that one finding lists; the rest is a number."""
_LONG = 120.0
"""Seconds of uninterruptible sleep after which the kernel itself warns (kernel.hung_task_timeout_secs)."""
_EARLY = 60
"""Seconds of uptime in which a load average says nothing yet."""


def panic_trace(stack: Bt | None) -> Trace | None:
    """The first backtrace of ``bt``: that of the task crash stands on, the panic task of a dump."""
    return next(iter(stack.traces), None) if stack else None


# the banner

_CAUSES: tuple[tuple[re.Pattern[str], Severity, str, str], ...] = (
    (
        re.compile(r"sysrq", re.I),
        "info",
        "the crash was triggered by hand",
        "look at why somebody wanted it: log, ps -m",
    ),
    (
        re.compile(r"NULL pointer dereference", re.I),
        "critical",
        "the kernel used a null pointer",
        "bt, then dis -l of the function at its first frame",
    ),
    (
        re.compile(r"unable to handle|paging request|general protection|Oops", re.I),
        "critical",
        "the kernel used an address that is not valid",
        "bt -l, then dis -rl of the address in RIP",
    ),
    (re.compile(r"soft ?lockup", re.I), "critical", "a CPU did not schedule", "bt -a; runq"),
    (re.compile(r"hard ?lockup|NMI watchdog", re.I), "critical", "a CPU took no interrupts", "bt -a"),
    (re.compile(r"hung_task|blocked tasks", re.I), "critical", "tasks were blocked too long", "foreach UN bt; ps -m"),
    (re.compile(r"out of memory|oom", re.I), "critical", "the kernel ran out of memory", "kmem -i; log; ps -G"),
    (
        re.compile(r"machine check|hardware error|MCE|Uncorrected", re.I),
        "critical",
        "the hardware reported an error",
        "log; the machine's own event log",
    ),
    (re.compile(r"stack-protector|stack overflow|corrupted stack", re.I), "critical", "a stack was damaged", "bt -v"),
    (re.compile(r"Attempted to kill init", re.I), "critical", "init ended", "log; bt"),
    (re.compile(r"rcu.*stall", re.I), "critical", "RCU made no progress", "bt -a; log"),
    (re.compile(r"unable to mount root", re.I), "critical", "the root file system was not found", "log"),
)


def _panic(seen: Seen) -> Iterator[Finding]:
    text = seen.banner.panic if seen.banner else None
    if not text:
        return
    for pattern, severity, title, remedy in _CAUSES:
        if pattern.search(text):
            at = seen.banner_at("PANIC")
            yield Finding(severity=severity, title=title, text=text, evidence=at, remedy=remedy)
            return


def _offline(seen: Seen) -> Iterator[Finding]:
    banner = seen.banner
    if banner and banner.cpus_offline:
        title = f"{banner.cpus_offline} of {banner.cpus} CPUs offline"
        yield Finding(severity="info", title=title, evidence=seen.banner_at("CPUS"), remedy="help -m; bt -a")


def _load(seen: Seen) -> Iterator[Finding]:
    banner = seen.banner
    if banner is None or banner.load_average is None or not banner.cpus:
        return
    load, online = banner.load_average[0], max(1, banner.cpus - (banner.cpus_offline or 0))
    early = banner.uptime_seconds is not None and banner.uptime_seconds < _EARLY
    if load > 2 * online + 2 and not early:
        yield Finding(
            severity="warning",
            title=f"load {load:.2f} on {online} CPUs",
            detail="tasks that run, wait for a CPU, or sleep uninterruptibly",
            evidence=seen.banner_at("LOAD AVERAGE"),
            remedy="ps -S; runq; foreach UN bt",
        )


def _memory(seen: Seen) -> Iterator[Finding]:
    banner = seen.banner
    if banner and "MEMORY" in banner.fields and not banner.memory_bytes:
        yield Finding(
            severity="warning",
            title="crash does not know how much memory there was",
            text=str(banner.fields["MEMORY"]),
            evidence=seen.banner_at("MEMORY"),
            remedy="kmem -i; a vmlinux that fits",
        )


def _date(seen: Seen) -> Iterator[Finding]:
    banner = seen.banner
    if banner and banner.date_plausible is False:
        yield Finding(
            severity="warning",
            title="the date of the crash is not known",
            text=str(banner.fields.get("DATE", "")),
            evidence=seen.banner_at("DATE"),
            remedy="log -T is as wrong; look at the file's own time",
        )


def _incomplete(seen: Seen) -> Iterator[Finding]:
    flags = seen.banner.dump_flags if seen.banner else ()
    if "INCOMPLETE" in flags:
        label = "DUMPFILE"
        yield Finding(
            severity="warning",
            title="the dump is incomplete",
            detail="its writer ran out of space: what is missing reads as an error",
            evidence=seen.banner_at(label),
            remedy="--zero_excluded; a larger file system for the next dump",
        )


# the tasks


def _uninterruptible(seen: Seen) -> Iterator[Finding]:
    waiting = [task for task in seen.tasks.tasks if task.st == "UN"] if seen.tasks else []
    if not waiting:
        return
    slept = {one.pid: one.elapsed for one in (seen.elapsed.tasks if seen.elapsed else ()) if one.elapsed is not None}
    known = [task for task in waiting if task.pid in slept]
    longest = max(known, key=lambda task: slept[task.pid or 0], default=None)
    seconds = slept[longest.pid or 0] if longest else None
    first = longest or waiting[0]
    count = "1 task" if len(waiting) == 1 else f"{len(waiting):,} tasks"
    title = f"{count} uninterruptible" + (f", the longest for {seconds:,.0f} s" if seconds is not None else "")
    evidence = Evidence("ps", first.line - 1)
    names = _listed([task.comm for task in waiting])
    severity: Severity = "warning" if len(waiting) > 1 or (seconds or 0) >= _LONG else "info"
    yield Finding(severity=severity, title=title, detail=names, evidence=evidence, remedy="foreach UN bt; ps -m")


def _listed(names: list[str]) -> str:
    counted = Counter(names)
    shown = [f"{name} ({number})" if number > 1 else name for name, number in counted.most_common(_SHOWN)]
    more = len(counted) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


# the modules

_TAINTS = {
    "P": "proprietary",
    "F": "loaded by force",
    "O": "out of tree",
    "C": "staging",
    "E": "unsigned",
    "X": "supported by others",
    "N": "unsupported",
    "U": "unsupported",
}
_FOREIGN = frozenset("PFO")


def _tainted(seen: Seen) -> Iterator[Finding]:
    modules = seen.taints.modules if seen.taints else ()
    if not modules:
        return
    words = Counter(word for one in modules for word in _words(one.taints, one.unsigned))
    names = _listed([one.name for one in modules])
    severity: Severity = "warning" if any("F" in one.taints for one in modules) else "info"
    title = f"{len(modules)} module{'s' if len(modules) > 1 else ''} taint{'s' if len(modules) == 1 else ''} the kernel"
    said = ", ".join(f"{number} {word}" for word, number in words.most_common())
    evidence = Evidence("mod -t", modules[0].line - 1)
    yield Finding(severity=severity, title=title, detail=f"{names}: {said}" if said else names, evidence=evidence)


def _words(taints: str, unsigned: bool) -> list[str]:
    found = [_TAINTS[letter] for letter in taints if letter in _TAINTS]
    return [*found, "unsigned"] if unsigned and "unsigned" not in found else found


def _foreign_frame(seen: Seen) -> Iterator[Finding]:
    """A module that is not the kernel's own, in the stack that crash stands on."""
    trace = panic_trace(seen.stack)
    if trace is None or seen.taints is None:
        return
    foreign = {one.name: one for one in seen.taints.modules if set(one.taints) & _FOREIGN or one.unsigned}
    for frame in trace.frames:
        one = foreign.get(frame.module or "")
        if one:
            kinds = ", ".join(_words(one.taints, one.unsigned))
            panicked = seen.banner is not None and seen.banner.panic is not None
            yield Finding(
                severity="critical" if panicked else "warning",
                title=f"module {one.name} ({kinds}) in the {'panic' if panicked else 'current'} stack",
                detail=f"frame #{frame.level} {frame.function}",
                evidence=Evidence("bt", frame.line - 1),
                remedy=f"mod -s {one.name}; who made it",
            )
            return


INCOMPLETE = Rule("sys", _incomplete)
KERNEL_RULES = (
    Rule("sys", _panic),
    Rule("sys", _offline),
    Rule("sys", _load),
    Rule("sys", _memory),
    Rule("sys", _date),
    INCOMPLETE,
    Rule("ps", _uninterruptible),
    Rule("mod -t", _tainted),
    Rule("bt", _foreign_frame),
)
