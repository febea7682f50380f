# SPDX-License-Identifier: Apache-2.0
"""First findings: small rules over what crash has printed so far, each with the lines it stands on.

A rule looks at one thing and says nothing when it does not know. It claims no cause: it says where to look first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from xcrash.host.values import XenLog
from xcrash.hypervisor import Hypervisor, console_events
from xcrash.parse import ps
from xcrash.parse.bt import Bt, Trace
from xcrash.parse.log.records import Record
from xcrash.parse.mod import TaintingModules
from xcrash.parse.ps.last_run import PsElapsed
from xcrash.parse.sys import Banner
from xcrash.sections import Evidence

Severity = Literal["critical", "warning", "info"]

_ORDER: tuple[Severity, ...] = ("critical", "warning", "info")
_SHOWN = 5
"""Names that one finding lists; the rest is a number."""
_LONG = 120.0
"""Seconds of uninterruptible sleep after which the kernel itself warns (kernel.hung_task_timeout_secs)."""
_EARLY = 60
"""Seconds of uptime in which a load average says nothing yet."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to look at first: ``text`` is what crash printed of it, ``evidence`` where."""

    severity: Severity
    title: str
    detail: str = ""
    text: str = ""
    evidence: Evidence | None = None
    remedy: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What has been read of a session; None: not read, or crash had no answer.

    ``banner_at`` says where a label of the banner was printed, ``log_command`` which command printed the log, ``whys``
    why a command has no answer. ``xen_log`` is of the hypervisor under the kernel that runs; no other session has one.
    ``hypervisor`` is that of a dump: this session's own, or that of the view of the crash named ``hypervisor_view``;
    ``hypervisor_why`` says why there is none although the dump has one.
    """

    banner: Banner | None = None
    tasks: ps.Ps | None = None
    stack: Bt | None = None
    taints: TaintingModules | None = None
    log: Sequence[Record] | None = None
    elapsed: PsElapsed | None = None
    hypervisor: Hypervisor | None = None
    hypervisor_view: str = ""
    hypervisor_why: str = ""
    xen_log: XenLog | None = None
    banner_at: Callable[[str], Evidence | None] = lambda _: None
    log_command: str = "log"
    whys: dict[str, str] = {}


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, worst first: ``looked`` rules had something to look at, ``waiting`` had not, ``failed`` broke."""

    found: tuple[Finding, ...] = ()
    looked: int = 0
    waiting: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class _Rule(msgspec.Struct, frozen=True):
    needs: str
    look: Callable[[Seen], Iterator[Finding]]


def find(seen: Seen) -> Findings:
    """What every rule finds; a rule that fails on absurd input harms no other."""
    found: list[Finding] = []
    looked, waiting, failed = 0, [], []
    for rule in _rules(seen):
        if _input(seen, rule.needs) is None:
            waiting.append(rule.needs)
            continue
        try:
            found.extend(rule.look(seen))
            looked += 1
        except Exception:  # whatever a dump holds, the other rules still speak
            failed.append(rule.look.__name__.strip("_"))
    found.sort(key=lambda one: _ORDER.index(one.severity))
    return Findings(found=tuple(found), looked=looked, waiting=tuple(dict.fromkeys(waiting)), failed=tuple(failed))


def _rules(seen: Seen) -> tuple[_Rule, ...]:
    """The rules for this kind of session: of a hypervisor there are no tasks and no modules."""
    if seen.hypervisor and not seen.hypervisor_view:
        return _HYPERVISOR_RULES
    live, dumped = _XEN_RULES if seen.xen_log else (), _CONSOLE_RULES if seen.hypervisor else ()
    return (*RULES, *live, *dumped)


def _input(seen: Seen, needs: str) -> object:
    inputs: dict[str, object] = {
        "sys": seen.banner,
        "ps": seen.tasks,
        "bt": seen.stack,
        "mod -t": seen.taints,
        "log": seen.log,
        "xl dmesg": seen.xen_log,
        "log of Xen": seen.hypervisor.console if seen.hypervisor else None,
    }
    return inputs[needs]


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


# the log

_LOGGED: tuple[tuple[re.Pattern[str], Severity, str, str], ...] = (
    (
        re.compile(r"BUG: unable to handle|general protection fault|^Oops: |kernel BUG at"),
        "critical",
        "Oops",
        "bt; log",
    ),
    (re.compile(r"soft lockup - CPU#\d+ stuck"), "critical", "soft lockup", "bt -a"),
    (re.compile(r"hard LOCKUP"), "critical", "hard lockup", "bt -a"),
    (re.compile(r"task .{1,40} blocked for more than \d+ seconds"), "warning", "hung task", "foreach UN bt"),
    (re.compile(r"Out of memory:? |oom-kill:|Memory cgroup out of memory"), "warning", "OOM kill", "kmem -i; log"),
    (re.compile(r"rcu\S*:? .{0,60}(?:detected stalls?|self-detected stall)"), "warning", "RCU stall", "bt -a"),
    (re.compile(r"Machine check|mce: \[Hardware Error\]|Uncorrected hardware"), "critical", "hardware error", "log"),
    (
        re.compile(r"(?:I/O|critical (?:medium|target)) error, dev|Buffer I/O error"),
        "warning",
        "I/O error",
        "log; dev -d",
    ),
    (
        re.compile(
            r"EXT4-fs error|XFS .{1,80}(?:Corruption|Shutting down)|BTRFS (?:error|critical)|Remounting filesystem"
        ),
        "warning",
        "file system error",
        "log; mount",
    ),
    (re.compile(r"link is not ready|NETDEV WATCHDOG"), "info", "network device trouble", "net; log"),
    (re.compile(r"list_(?:add|del) corruption|refcount_t: "), "critical", "damaged list or count", "log"),
    (re.compile(r"page allocation failure"), "warning", "page allocation failure", "kmem -i"),
)

_TELLING = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, *_ in _LOGGED))


def _logged(seen: Seen) -> Iterator[Finding]:
    """What the kernel complained about, each kind once, with its number and its first line."""
    first: dict[str, Record] = {}
    counts: Counter[str] = Counter()
    for one in seen.log or ():
        start = one.text[:400]
        if not _TELLING.search(start):
            continue
        title = next((title for pattern, _, title, _ in _LOGGED if pattern.search(start)), None)
        if title:
            first.setdefault(title, one)
            counts[title] += 1
    for _, severity, title, remedy in _LOGGED:
        if record := first.get(title):
            when = f" at {record.time:,.3f} s" if record.time is not None else ""
            times = f"{counts[title]:,} times, first" if counts[title] > 1 else "once,"
            yield Finding(
                severity=severity,
                title=f"{title} in the log",
                detail=f"{times}{when}".rstrip(","),
                text=record.text.split("\n", 1)[0],
                evidence=Evidence(seen.log_command, record.line - 1),
                remedy=remedy,
            )


# the hypervisor's log

_XEN_SEVERITY: dict[str, Severity] = {"critical": "critical", "error": "warning", "warning": "info"}
_EVENT_LOG = "the machine's own event log"
_XEN_REMEDY = {
    "NMI": _EVENT_LOG,
    "machine check": _EVENT_LOG,
    "corrected hardware error": _EVENT_LOG,
    "domain crash": "xl list; /var/log/xen",
    "domain watchdog": "xl list; /var/log/xen",
    "out of memory": "xl info; xl list",
    "stuck CPU": "xl debug-keys r; xl dmesg",
}


def _xen_logged(seen: Seen) -> Iterator[Finding]:
    """What Xen itself complained about; the answer is not crash's, so nothing points into the session."""
    log = seen.xen_log
    for one in log.events if log else ():
        times = f"{one.times:,} times, first" if one.times > 1 else "once,"
        yield Finding(
            severity=_XEN_SEVERITY[one.severity],
            title=f"{one.kind} in the hypervisor's log",
            detail=f"{times} in line {one.line} of {log.source if log else ''}",
            text=one.text,
            remedy=_XEN_REMEDY.get(one.kind, "xl dmesg"),
        )


def _xen_console(seen: Seen) -> Iterator[Finding]:
    """The same, of the console in a dump."""
    log = console_events(seen.hypervisor) if seen.hypervisor else None
    for one in log.events if log else ():
        times = f"{one.times:,} times, first here" if one.times > 1 else ""
        yield Finding(
            severity=_XEN_SEVERITY[one.severity],
            title=f"{one.kind} on the hypervisor's console",
            detail=times,
            text=one.text,
            evidence=Evidence("log", one.line - 1, seen.hypervisor_view),
            remedy=_EVENT_LOG if _XEN_REMEDY.get(one.kind) == _EVENT_LOG else "the lines around it",
        )


RULES = (
    _Rule("sys", _panic),
    _Rule("sys", _offline),
    _Rule("sys", _load),
    _Rule("sys", _memory),
    _Rule("sys", _date),
    _Rule("sys", _incomplete),
    _Rule("ps", _uninterruptible),
    _Rule("mod -t", _tainted),
    _Rule("bt", _foreign_frame),
    _Rule("log", _logged),
)
_XEN_RULES = (_Rule("xl dmesg", _xen_logged),)
_CONSOLE_RULES = (_Rule("log of Xen", _xen_console),)
_HYPERVISOR_RULES = (_Rule("sys", _incomplete), *_CONSOLE_RULES)
