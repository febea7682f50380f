# SPDX-License-Identifier: Apache-2.0
"""What happened according to the log: panics, oopses, lockups, hung tasks, lack of memory, faults of hardware.

Source of the texts: kernel/panic.c, arch/x86/kernel/dumpstack.c, kernel/watchdog.c, kernel/hung_task.c,
mm/oom_kill.c, kernel/rcu/tree_stall.h, block/blk-core.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from xcrash.parse.log.records import Record

Severity = Literal["critical", "error", "warning"]

_LEVEL: Final[dict[Severity, int]] = {"critical": 2, "error": 3, "warning": 4}
_MOST_TITLE = 200
_LOOKED_AT = 400
"""Characters of a line that are looked at."""
_GAP = 2
"""Lines of others that may stand in the middle of a stack: several CPUs print at once."""
_NEAR = 50
"""Lines between two incidents of one kind that are counted as one, if nothing but such a line belongs to them."""
_OOM_LINES = 4000
"""Lines that a report about memory may have before it names its victim: one for each task."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, on the records ``first`` to ``last`` (from 0) of the log.

    ``title`` is the rest of its first line, ``line`` where that is in the output (from 1), ``seconds`` when it was
    since the start of the kernel. ``times``: so many of one kind that follow each other closely are one incident.
    """

    kind: str
    severity: Severity
    title: str
    seconds: float | None
    date: str | None = None
    first: int
    last: int
    line: int
    times: int = 1


class Event(msgspec.Struct, frozen=True):
    """A kind of line that begins an incident."""

    kind: str
    severity: Severity
    pattern: re.Pattern[str]
    alone: bool = False
    """Nothing belongs to such a line: no stack follows."""


def _event(kind: str, severity: Severity, pattern: str, alone: bool = False) -> Event:
    return Event(kind, severity, re.compile(pattern), alone)


_EVENTS: Final = (
    _event("panic", "critical", r"Kernel panic - not syncing:?\s*"),
    _event("soft lockup", "critical", r"BUG: soft lockup - ?"),
    _event("hard lockup", "critical", r"(?:Watchdog detected hard LOCKUP|NMI watchdog: .*hard LOCKUP)\s*"),
    _event("sleep in atomic", "warning", r"BUG: (?:scheduling while atomic|sleeping function called)[: ]*"),
    _event("BUG", "critical", r"kernel BUG at |BUG: (?!workqueue lockup)"),
    _event("workqueue lockup", "error", r"BUG: workqueue lockup - ?"),
    _event("Oops", "critical", r"(?:^|\s)Oops: |[Gg]eneral protection fault|Unable to handle kernel "),
    _event("divide error", "critical", r"^(?:divide error|invalid opcode|stack segment): "),
    _event("machine check", "critical", r"\bmce: |Machine check|\[Hardware Error\]:?\s*", alone=True),
    _event("hung task", "error", r"INFO: task (?=.{1,80} blocked for more than \d)"),
    _event("RCU stall", "error", r"rcu\S*:? INFO: (?=.*(?:stall|starved))|INFO: rcu\S* (?=.*stall)"),
    _event(
        "out of memory", "error", r"(?=\S.{0,40} invoked oom-killer)|^(?:Out of memory|Memory cgroup out of memory)"
    ),
    _event("allocation failure", "warning", r"(?=\S.{0,40}: page allocation (?:failure|stalls))"),
    _event("I/O error", "error", r"(?=.{0,200}\bI/O error\b)|(?=critical (?:medium|target) error)", alone=True),
    _event(
        "file system error",
        "error",
        r"(?=EXT[234]-fs error)|(?=EXT[234]-fs .*Remounting)|(?=XFS .{1,80}(?:[Cc]orruption|[Ss]hutting down))"
        r"|(?=BTRFS.{0,60} (?:error|critical))",
        alone=True,
    ),
    _event("unknown NMI", "error", r"Uhhuh\. NMI received|NMI: (?:PCI system error|IOCK error)", alone=True),
    _event("segfault", "warning", r"(?=\S.{0,60}: segfault at )", alone=True),
    _event("network stuck", "warning", r"NETDEV WATCHDOG: "),
    _event("warning", "warning", r"WARNING: "),
)
PANICS: Final = frozenset(("panic", "Xen panic"))
_NOT = re.compile(r"mce: (?:CPU|\[Hardware Error\]: Machine check events logged|Using|CPU\d+:? )|---\[ end ")
_TELLING: Final = re.compile("|".join(f"(?:{one.pattern.pattern})" for one in _EVENTS))
_PREFILTER: Final = re.compile(
    r"panic|BUG|LOCKUP|Oops|fault|handle kernel|divide|opcode|segment|mce|achine check|Hardware|blocked for|rcu"
    r"|oom-killer|ut of memory|allocation|rror|EXT|XFS|BTRFS|NMI|WATCHDOG|WARNING"
)
_END = re.compile(r"---\[ end ")
_CUT = re.compile(r"-{6,}\[ cut here ")
_VICTIM = re.compile(r"Killed process |Out of memory|oom-kill:|oom_reaper: ")
_BODY: Final = re.compile(
    r"\s*(?:\?? ?[\w.$]+(?:\+0x[0-9a-f]+/0x[0-9a-f]+)|\[<[0-9a-f]+>\]|\(?\[[0-9a-f]{16}\]|</?[A-Z]{2,12}>|Call Trace"
    r"|CPU: |Comm: |Hardware name|Workqueue: |Tainted: |Not tainted|Modules linked in|RIP|EIP|RSP|Code: "
    r"|R[A-D89S0-9][XPI0-9]|ORIG_RAX|FS: |CS: |CR[0-9]|DR[0-9]|PKRU|EFLAGS|Stack:|task[: ]|Process |irq event|hardirqs"
    r"|softirqs|Kernel Offset|Sending NMI|NMI backtrace|PGD |PUD |PMD |PTE |#PF: |Oops: |SMP |PREEMPT|invalid opcode"
    r"|general protection|\"echo 0 > |Kernel panic|Fixing recursive|Rebooting in|last sysfs|Pid: |BUG: |IP: "
    r"|\(t=|\(detected|\d+-\.*:"
    r"|Mem-Info|x\d\d?: |pc : |lr : |sp : |pstate: |Internal error|Showing |watchdog: |Exec[ut]|Dumping ftrace|note: "
    r"|Shutting down cpus|Disabling|Trace:|Future hung task|rcu[:_]|\.\.\. |---\[ end )"
)


class _Open:
    """The incident that is being read."""

    def __init__(self, event: Event, number: int, record: Record, title: str) -> None:
        self.event, self.first, self.last, self.record, self.title = event, number, number, record, title
        self.times = 1

    def incident(self) -> Incident:
        """It is over."""
        return Incident(
            kind=self.event.kind,
            severity=self.event.severity,
            title=self.title,
            seconds=self.record.time,
            date=self.record.date,
            first=self.first,
            last=self.last,
            line=self.record.line,
            times=self.times,
        )


class IncidentReader:
    """Finds incidents while the records pass by once, in their order."""

    def __init__(self) -> None:
        self.found: list[Incident] = []
        self._open: _Open | None = None
        self._ended = False
        self._cut: int | None = None

    def take(self, number: int, record: Record, event: Event | None) -> None:
        """Look at one record; ``event`` is what ``event_in`` says of its text."""
        here = self._open
        text = record.text[:_LOOKED_AT]
        if event is None:
            if here:
                self._continue(here, number, text)
            elif "cut here" in text and _CUT.search(text):
                self._cut = number
        elif here and self._belongs(here, number, event, text):
            here.last = number
            if event.alone:
                here.times += 1
        else:
            if here and event.kind == "panic" and here.event.kind == "out of memory" and here.last == here.first:
                # The kernel was told to panic instead of choosing a victim: the whole report is above.
                here.last = min(number - 1, here.first + _OOM_LINES)
            self._close()
            self._open = opened = _Open(event, number, record, _title(event, text))
            self._ended = False
            if self._cut is not None and number - self._cut <= _GAP:
                opened.first = self._cut
            self._cut = None

    def _continue(self, here: _Open, number: int, text: str) -> None:
        if _CUT.search(text):
            self._close()
            self._cut = number
        elif here.event.alone:
            if number - here.last > _NEAR:
                self._close()
        elif here.event.kind == "out of memory" and not self._ended:
            # The report is long and like nothing else: it ends with its victim.
            if _VICTIM.search(text):
                here.last = number
                if text.startswith("oom_reaper"):
                    self._ended = True
            elif number - here.last > (_OOM_LINES if here.last == here.first else _GAP):
                self._close()
        elif _BODY.match(text):
            here.last = number
            self._ended = self._ended or _END.search(text) is not None
        elif number - here.last > _GAP:
            self._close()

    def _belongs(self, here: _Open, number: int, event: Event, text: str) -> bool:
        """Is this a line of the incident before, although it could begin one?"""
        if here.event.alone or event.alone:
            return here.event is event and number - here.last <= _NEAR
        near = number - here.last <= 1 + _GAP
        if event.kind == "out of memory":
            return here.event is event and _VICTIM.search(text) is not None
        return not self._ended and near and event.kind in ("Oops", "divide error") and here.event.kind != "panic"

    def _close(self) -> None:
        if self._open:
            self.found.append(self._open.incident())
            self._open = None

    def over(self) -> tuple[Incident, ...]:
        """There are no more records."""
        self._close()
        return tuple(self.found)


def event_in(text: str) -> Event | None:
    """What a line says has happened, if it says so."""
    if not _PREFILTER.search(text, 0, _LOOKED_AT):
        return None
    start = text[:_LOOKED_AT]
    if not _TELLING.search(start) or _NOT.search(start):
        return None
    return next((one for one in _EVENTS if one.pattern.search(start)), None)


def inferred_level(event: Event | None) -> int | None:
    """The syslog level that a well-known text deserves, when crash did not print one; None for all others."""
    return _LEVEL[event.severity] if event else None


def incidents(records: Iterable[Record]) -> tuple[Incident, ...]:
    """What happened, in the order of the log; one pass over the records."""
    reader = IncidentReader()
    for number, record in enumerate(records):
        reader.take(number, record, event_in(record.text))
    return reader.over()


def landing(found: tuple[Incident, ...]) -> int | None:
    """The record where one who opens the log wants to be: the beginning of what led to the last panic."""
    panic = next((at for at in range(len(found) - 1, -1, -1) if found[at].kind in PANICS), None)
    if panic is None:
        fatal = ("Oops", "BUG", "divide error", "soft lockup", "hard lockup")
        return next((one.first for one in reversed(found) if one.kind in fatal), None)
    if panic:
        before, asked = found[panic - 1], "panic_on_warn" in found[panic].title
        near = found[panic].first - before.last <= _NEAR
        if near and not _alone(before.kind) and (asked or before.severity != "warning"):
            panic -= 1
    return found[panic].first


def _alone(kind: str) -> bool:
    return kind.startswith("Xen ") or any(one.alone for one in _EVENTS if one.kind == kind)


def _title(event: Event, text: str) -> str:
    """What the first line says beside the kind."""
    line = text.split("\n", 1)[0]
    found = event.pattern.search(line)
    rest = line[found.end() :] if found else line
    return (rest.strip() or line.strip())[:_MOST_TITLE]
