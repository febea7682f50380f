# SPDX-License-Identifier: Apache-2.0
"""Reports without prompts: programs that ran crash and kept its answers, one behind the other.

hotkdump writes ``Output of 'CMD'`` between two rules (hotkdump: hotkdump.py), people write ``- CMD``. apport feeds
crash ``bt -a -f``, ``ps`` and ``runq`` (apport/report.py:add_kernel_crash_info) and retrace-server one command a file
(retrace_worker.py:start_vmcore): there the answers are known by the lines that they begin with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from xcrash.session.command_line import COMMANDS

Numbered = tuple[int, str]

_BULLET = re.compile(r"\s{0,8}(?:[-*$] |\d{1,2}[.)] )(?P<command>[a-z]{2,8}(?: -?[\w-]{1,20}){0,3})\s*$")
_RULE = re.compile(r"[-=*]{8,}\s*$")
_HEADING = re.compile(
    r"Output of (?:'(?P<quoted>[^']{1,200})'|\"(?P<double>[^\"]{1,200})\"|(?P<bare>[a-z]+(?: -?[\w-]+){0,3}?))"
    r"(?P<more> with [\w ]{1,60}| \(.{1,60}\))?:?\s*$"
)
_NAMED = {
    "Oldest blocked processes": "ps -m | grep UN | tail",
    "Top 20 memory consumers": "ps -G | sort",
    "BT of the oldest blocked process": "bt",
}
_FILTERED = {"log with audit messages filtered out": "log | grep -vi audit"}

_TASK = r"PID: +\d+ +TASK: [0-9a-f]{8,16} +CPU"
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bt", re.compile(_TASK)),
    ("ps", re.compile(r"\s*PID +PPID +CPU +TASK +ST +%MEM")),
    ("runq", re.compile(r"CPU \d+ RUNQUEUE: ")),
    ("ps -m", re.compile(r"\[ *\d+ \d\d:\d\d:\d\d\.\d{3}\] +\[\w\w\] +PID: ")),
    ("kmem -i", re.compile(r"\s+PAGES +TOTAL +PERCENTAGE")),
    ("dev -d", re.compile(r"MAJOR GENDISK +NAME")),
    ("mount", re.compile(r"\s*(?:VFS)?MOUNT +SUPERBLK +TYPE")),
    ("net", re.compile(r"\s*NET_DEVICE +NAME")),
    ("mod", re.compile(r"\s*MODULE +(?:NAME|BASE) +")),
    ("log", re.compile(r"(?:<\d>)?\[ *\d{1,9}\.\d{6}\]")),
)
_FILES = re.compile(r"ROOT: \S+ +CWD: ")
_MEMORY = re.compile(r"\s*MM +PGD +RSS +TOTAL_VM")
_LAST_LABEL = re.compile(r"\s*(?:STATE|PANIC|MEMORY|WARNING|INFO): ")
_BANNER = re.compile(r"\s*(?:KERNEL|DUMPFILE|RELEASE|CPUS): ")


class Section(NamedTuple):
    """A command that was run, the number of its heading or first line, and its answer."""

    command: str
    at: int
    lines: tuple[Numbered, ...]


def split_report(lines: Sequence[Numbered]) -> tuple[tuple[Numbered, ...], tuple[Section, ...]]:
    """What stands before the first answer, and the answers; none when the text is no such report."""
    before, sections = _by_headings(lines)
    if not sections:
        before, sections = _by_shapes(lines)
    return tuple(before), tuple(sections)


def _by_headings(lines: Sequence[Numbered]) -> tuple[list[Numbered], list[Section]]:
    heads = [(at, command) for at, (_, text) in enumerate(lines) if (command := _heading(lines, at, text))]
    if not heads:
        return list(lines), []
    ends = [at for at, _ in heads[1:]] + [len(lines)]
    sections = [
        Section(command, lines[at][0], _trimmed(lines[at + 1 : end]))
        for (at, command), end in zip(heads, ends, strict=True)
    ]
    return list(_trimmed(lines[: heads[0][0]])), sections


def _heading(lines: Sequence[Numbered], at: int, text: str) -> str | None:
    if found := _HEADING.match(text):
        name = found["quoted"] or found["double"] or found["bare"]
        if found["bare"] and name.split()[0] not in COMMANDS:
            return None
        return _FILTERED.get(name + (found["more"] or ""), name)
    if bullet := _BULLET.match(text):
        below = next((later for later in range(at + 1, min(at + 4, len(lines))) if lines[later][1].strip()), at)
        return bullet["command"] if _is_answer(lines, below, bullet["command"].split()[0]) else None
    named = _NAMED.get(text.strip())
    return named if named and at and _RULE.match(lines[at - 1][1]) else None


def _is_answer(lines: Sequence[Numbered], at: int, name: str) -> bool:
    """Whether the answer to the command of this name begins on the line ``at``."""
    if name == "sys":
        return _BANNER.match(lines[at][1]) is not None
    return (_shape(lines, at) or "").startswith(name)


def _trimmed(lines: Sequence[Numbered]) -> tuple[Numbered, ...]:
    """The lines without the rules and blank lines around them."""
    start, end = 0, len(lines)
    while start < end and (not lines[start][1].strip() or _RULE.match(lines[start][1])):
        start += 1
    while start < end and (not lines[end - 1][1].strip() or _RULE.match(lines[end - 1][1])):
        end -= 1
    return tuple(lines[start:end])


def _by_shapes(lines: Sequence[Numbered]) -> tuple[list[Numbered], list[Section]]:
    """Answers in a row, from the first line on or right behind the banner; anything else may be an excerpt."""
    begin = _behind_banner(lines)
    found: list[tuple[int, str]] = []
    for at in range(begin, len(lines)):
        command = _shape(lines, at)
        if command and (not found or found[-1][1] != command):
            found.append((at, command))
        elif not found and lines[at][1].strip():
            break
    if not found:
        return list(lines), []
    ends = [at for at, _ in found[1:]] + [len(lines)]
    sections = [
        Section(_full(command, lines[at:end]), lines[at][0], _trimmed(lines[at:end]))
        for (at, command), end in zip(found, ends, strict=True)
    ]
    return list(lines[: found[0][0]]), sections


def _behind_banner(lines: Sequence[Numbered]) -> int:
    label = seen = 0
    for at, (_, text) in enumerate(lines):
        seen = seen or (at + 1 if _BANNER.match(text) else 0)
        if seen and at - seen < 200 and _LAST_LABEL.match(text):
            label = at + 1
    return label


def _shape(lines: Sequence[Numbered], at: int) -> str | None:
    text = lines[at][1]
    command = next((name for name, shape in _SHAPES if shape.match(text[:300])), None)
    if command == "bt" and at + 1 < len(lines):
        following = lines[at + 1][1][:300]
        return "files" if _FILES.match(following) else "vm" if _MEMORY.match(following) else "bt"
    return command


def _full(command: str, lines: Sequence[Numbered]) -> str:
    several = command == "bt" and sum(_SHAPES[0][1].match(text[:300]) is not None for _, text in lines) > 1
    return "bt -a" if several else command
