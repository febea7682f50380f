# SPDX-License-Identifier: Apache-2.0
"""The labels of crash's banner and what a complete value of each looks like.

Source of the format: kernel.c:display_sys_stats, task.c:show_context, xen_hyper_command.c. Columns are never used:
mailers, editors and web pages move them.
"""

from __future__ import annotations

import re
from itertools import islice

FILES = ("KERNEL", "SYSTEM MAP", "DEBUG KERNEL", "DEBUGINFO", "DUMPFILE", "DUMPFILES", "MAPFILE")
SYSTEM = (
    *("CPUS", "DOMAINS", "DATE", "UPTIME", "LOAD AVERAGE", "TASKS", "NODENAME", "RELEASE", "VERSION"),
    *("MACHINE", "MEMORY", "PANIC"),
)
CONTEXT = ("PCPU-ID", "PCPU", "VCPU-ID", "VCPU", "DOMAIN-ID", "DOMAIN", "PID", "COMMAND", "TASK", "CPU", "STATE")
NOTES = ("WARNING", "INFO")

RANK = {label: rank for rank, label in enumerate(FILES + SYSTEM + CONTEXT)}
"""The order in which crash prints the labels; it has not changed since 4.x."""

_NAMES = "|".join(label.replace(" ", r"\s+") for label in sorted(RANK, key=len, reverse=True))
_LABEL = re.compile(rf"(?<![^\s>*_`|#+;\"'-])({_NAMES})[*_`]*\s*[:\uff1a](?:[*_`]{{1,2}}(?=\s))?")
_LEAD = re.compile(r"[\s>|*#/+;:%!~_`.-]*(?:\d{1,4}[.:)|]?\s[\s>|]*)?(?:<[^<>]{1,80}>\s*)*")
_FOREIGN = re.compile(r"PID:\s{0,8}\S{1,10}\s{1,20}(?:TASK|Comm):")
_NOTE = re.compile(r"[\s>|*#+_`]*(WARNING|INFO)[*_`]*\s*[:\uff1a](?:[*_`]{1,2}(?=\s))?(.*)")

_HEX = r"[0-9a-fA-F]{6,16}"
_PATH = r"\S+(?:\s+(?:\[[A-Za-z][\w ]*\]|\([\w.+ -]+\)))*"
_SHAPES = {
    **dict.fromkeys(FILES, _PATH),
    "CPUS": r"\d+(?:\s+\[OFFLINE:\s*\d+\])?",
    "DATE": r"[^\W\d]\S*\s+\S+\s+\d+\s+\d+:\d\d:\d\d(?:\s+\S+)?\s+\d{4}|\d{1,12}",
    "UPTIME": r"(?:\d+ days?,\s+)?\d+:\d\d:\d\d|--:--:--|\(cannot calculate: unknown HZ value\)",
    "LOAD AVERAGE": r"\d+\.\d+(?:,\s*\d+\.\d+){2}",
    "NODENAME": r"\S+",
    "RELEASE": r"\S+",
    "VERSION": r"#.*\b\d{4}(?:\s+\([^()]*\))?|#.*\(\d{4}-\d\d-\d\d\)",
    "MACHINE": r"\S+(?:\s+\((?:\d+(?:\.\d+)?|unknown)\s+M[Hh]z\))?",
    "MEMORY": r"\d+(?:\.\d+)?\s*[KMGT]B|0",
    "PANIC": r"\".*\"(?:\s+\(check log for details\))?|\([A-Z ]+\)",
    "COMMAND": r"\".{0,15}?\"(?=\W|$)|\".*\"",
    "TASK": rf"\"?{_HEX}(?:\s+\(\d+ of \d+\))?(?:\s+\[THREAD_INFO:\s*{_HEX}\])?\"?",
    "CPU": r"\d+|\(unknown\)",
    "STATE": r"[A-Z](?:[A-Z_|]|\s(?=[A-Z]))*(?:\s+\([A-Z ]+\))?|\([A-Z ]+\)",
    **dict.fromkeys(("TASKS", "PID", "DOMAINS", "PCPU-ID", "VCPU-ID", "DOMAIN-ID"), r"\d+"),
    **dict.fromkeys(("PCPU", "VCPU", "DOMAIN"), rf"{_HEX}(?:\s+(?:\([A-Z_]+\)|\(\(unknown\)\)))?"),
}
_SHAPE = {label: re.compile(shape) for label, shape in _SHAPES.items()}

# What people write behind a value: arrows, comments; and a prompt whose line break was lost.
_REMARK = re.compile(
    r"(?<!\s)\s+(?:<[-=<~]+|--+>|==+>|//|#(?=\s)|[\u2190\u21d0\u27f5\u25c0])"
    r"|(?<!\s)\s{4,}(?=\w)|%?crash[\w.+-]{0,16}>(?=\s|$)"
)
_BREAK = re.compile(r"(?:<br ?/?>|\\|=20)$")


def pieces(line: str, rank: int) -> list[tuple[str | None, str]]:
    """The line cut at its labels: (label, text after it); text before the first label has None.

    A label counts at the start of a line. Inside a line it counts only if it comes later in crash's order than the one
    before it (``rank`` is that of the line above): the line breaks of that banner were lost. KERNEL counts anywhere,
    because crash prints some warnings without a line break.
    """
    hits = [] if _FOREIGN.search(line) else list(_LABEL.finditer(line))
    found: list[tuple[str | None, str]] = []
    label, at = None, 0
    for index, hit in enumerate(hits):
        name = " ".join(hit[1].split())
        leading = index == 0 and _LEAD.fullmatch(line, 0, hit.start()) is not None
        if not leading:
            if label is None:
                expected = RANK[name] > rank >= 0 and (name not in CONTEXT or index + 1 < len(hits))
                counts = expected or name in FILES[:2]
            else:
                counts = RANK[name] > rank and line.count('"', at, hit.start()) % 2 == 0
            if not counts:
                continue
        before = line[at : hit.start()]
        if label is not None or any(map(str.isalnum, before)):
            found.append((label, before))
        label, at, rank = name, hit.end(), RANK[name]
    return [*found, (label, line[at:])]


def note(line: str) -> tuple[str, str] | None:
    """The label and text of a note that crash aligns like a banner label, such as ``WARNING: panic task not found``."""
    found = _NOTE.match(line)
    return (found[1], plain(found[2])) if found else None


def plain(value: str) -> str:
    """A value, or a part of one, without markup, the remark of whoever posted it, or a prompt glued to its end."""
    value = _BREAK.sub("", value.strip())
    for remark in islice(_REMARK.finditer(value), 8):
        if value.count('"', 0, remark.start()) % 2 == 0:
            value = value[: remark.start()]
            break
    for mark in ("**", "`"):
        if value.startswith(mark) and value.endswith(mark) and value.strip("*`"):
            value = value[len(mark) : -len(mark)]
    return value.strip()


def trimmed(label: str, value: str) -> str:
    """A plain value without what follows its last part; whole if it has another shape, as masked values have."""
    known = _SHAPE[label].match(value)
    if not known or label == "VERSION" or complete(label, value):
        return value
    rest = value[known.end() :]
    same_word = rest[:1].isascii() and (rest[:1].isalnum() or rest[:1] in "._")
    return value if same_word or _masked(label, rest) else known[0]


def _masked(label: str, rest: str) -> bool:
    """Whether what follows belongs to the value: a name may be masked as several words, a number may not."""
    return label in (*FILES, "NODENAME", "RELEASE", "MACHINE", "PANIC") and rest.isascii()


def complete(label: str, value: str) -> bool:
    """Whether a value has all its parts."""
    return _SHAPE[label].fullmatch(value) is not None
