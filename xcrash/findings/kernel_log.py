# SPDX-License-Identifier: Apache-2.0
"""What the kernel complained about in its log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from xcrash.findings.values import Finding, Rule, Seen, Severity
from xcrash.parse.log.records import Record
from xcrash.sections import Evidence

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


LOG_RULE = Rule("log", _logged)
