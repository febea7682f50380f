# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own log, ``xl dmesg``, and what in it is worth a look: panics, NMIs, watchdogs, hardware, errors.

Source of the texts: Xen xen/drivers/char/console.c, xen/arch/x86/{nmi,traps,mm}.c, xen/arch/x86/cpu/mcheck/,
xen/common/{domain,shutdown,page_alloc}.c, xen/common/sched/core.c, xen/drivers/passthrough/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from xcrash.host.sysroot import Sysroot
from xcrash.host.values import XenEvent, XenLog

Severity = Literal["critical", "error", "warning"]

_LOOKED_AT = 300
"""Characters of a line that are looked at."""
_HEAD = 10
"""Lines that the boot loader's part may print before Xen says its version."""
# What guests print there begins with "(d1)"; with console_timestamps a date or seconds follow in brackets.
_OWN = re.compile(r"[ \t]{0,8}\(XEN\) ?(?:\[[^\]]{0,60}\] ?)?(.*)")
_FIRST = re.compile(r"Xen version \d")
_EVENTS: Final[tuple[tuple[str, Severity, re.Pattern[str]], ...]] = (
    ("panic", "critical", re.compile(r"Panic on CPU \d+:")),
    ("stuck CPU", "critical", re.compile(r"Watchdog timer detects that CPU\d+ is stuck|Testing NMI watchdog.*stuck")),
    ("BUG", "critical", re.compile(r"Xen BUG at |Assertion '.*' failed at ")),
    ("crash key", "critical", re.compile(r"pressed -> triggering crashdump")),
    ("Dom0 ended", "critical", re.compile(r"Hardware Dom\d+ (?:crashed|shutdown)")),
    (
        "machine check",
        "critical",
        re.compile(r"Fatal machine check|Machine Check Exception|MCE: .*(?:fatal|uncorrect)"),
    ),
    ("domain watchdog", "error", re.compile(r"Watchdog timer (?:\d+ )?fired for ")),
    ("NMI", "error", re.compile(r"NMI - |Uhhuh\. NMI received|Dazed and confused")),
    (
        "domain crash",
        "error",
        re.compile(r"Domain \d+ (?:\(vcpu#\d+\) )?(?:reported )?crashed |d\d+(?:v\d+)? crashed "),
    ),
    ("IOMMU fault", "error", re.compile(r"IO_PAGE_FAULT|DMAR:\[DMA (?:Read|Write)\].*fault|\[VT-D\].*fault addr")),
    ("out of memory", "error", re.compile(r"[Oo]ut of (?:PoD )?memory|Over-allocation for ")),
    ("warning", "warning", re.compile(r"Xen WARN at |WARNING: ")),
    ("error", "warning", re.compile(r"\b(?:ERROR|[Ee]rror)\b")),
)
_CORRECTABLE = re.compile(r"correctable incident|Corrected error")
_PREFILTER: Final = re.compile(
    "|".join(f"(?:{pattern.pattern})" for *_, pattern in _EVENTS) + f"|{_CORRECTABLE.pattern}"
)


def read_xen_log(root: Sysroot) -> tuple[str, str] | None:
    """The command that printed the hypervisor's log, and the log; None when no toolstack answered."""
    for command in (("xl", "dmesg"), ("xm", "dmesg")):
        text = root.command(*command)
        if text and _OWN.search(text):
            return " ".join(command), text
    return None


def look_at_log(source: str, text: str) -> XenLog:
    """``look_at_lines`` of a text, whose lines are counted from 1."""
    return look_at_lines(source, enumerate(text.split("\n"), 1))


def look_at_lines(source: str, lines: Iterable[tuple[int, str]]) -> XenLog:
    """What is worth a look, each kind once with its number and its first line, worst first.

    ``from_start`` is False when the ring buffer has overwritten its beginning.
    """
    found: dict[str, XenEvent] = {}
    count, from_start = 0, False
    for number, line in _own_lines(lines):
        count += 1
        from_start = from_start or (count <= _HEAD and _FIRST.match(line) is not None)
        told = kind_of(line)
        if told is None:
            continue
        kind, severity = told
        before = found.get(kind)
        if before is None:
            found[kind] = XenEvent(kind=kind, severity=severity, text=line, line=number)
        else:
            found[kind] = XenEvent(
                kind=kind, severity=severity, text=before.text, line=before.line, times=before.times + 1
            )
    order = ("critical", "error", "warning")
    events = sorted(found.values(), key=lambda event: (order.index(event.severity), event.line))
    return XenLog(source=source, lines=count, from_start=from_start, events=tuple(events))


def _own_lines(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Number and words of each line of Xen's own; the reason of a panic, on the next line, with it."""
    panic: tuple[int, str] | None = None
    for number, line in lines:
        own = _OWN.match(line)
        words = own[1][:_LOOKED_AT].strip() if own else ""
        if panic:
            yield panic[0], f"{panic[1]} {words}".rstrip()
            panic = None
        elif words.startswith("Panic on CPU") and words.endswith(":"):
            panic = number, words
        elif words:
            yield number, words
    if panic:
        yield panic


def kind_of(line: str) -> tuple[str, Severity] | None:
    """What a line of Xen's own, without its mark and its time, says has happened; None for most lines."""
    if not _PREFILTER.search(line):
        return None
    if _CORRECTABLE.search(line):
        return "corrected hardware error", "warning"
    return next(((kind, severity) for kind, severity, pattern in _EVENTS if pattern.search(line)), None)
