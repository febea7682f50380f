# SPDX-License-Identifier: Apache-2.0
"""What crash complained about in a recorded session: while it started, and over a command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from xcrash.session.messages import Message, classify, is_error_line

_LABEL = re.compile(r"\s*[A-Z][A-Z /-]{1,20}: ")
_PLACE = re.compile(r"\s+FILE: \S+ +LINE: \d+")
_COMPLAINT = re.compile(r"\s*(?:WARNING|NOTE|INFO|ERROR|%?crash[\w.+-]{0,20}|gdb): \S")
_NO_MESSAGE = re.compile(r"\s*(?:Usage:|[\"'`\u201c])")
_CUT = re.compile(r"\s*(?:\.\.\.|\u2026|[\[(<]?(?:snip|\.\.))", re.IGNORECASE)
_GLUED_BANNER = re.compile(r"\s{3,}(?:KERNEL|SYSTEM MAP): \S.*")
_WRAP_COLUMN = 66
"""Where a mailer may have had a reason to break a line: the next word would not have fitted."""
_MOST_ROWS = 3


def startup_messages(text: str) -> list[Message]:
    """The lines of a start-up that the message table knows; one that goes on below is put together again."""
    lines = text.splitlines()
    found: list[Message] = []
    at = 0
    while at < len(lines):
        rows = 1
        message = None if _NO_MESSAGE.match(lines[at]) else classify(lines[at])
        if message:
            if message.kind != "progress":
                rows += _continued(lines, at)
            found.append(_joined(message, lines[at : at + rows]))
        at += rows
    return found


def command_errors(command: str, output: str) -> Iterator[Message]:
    """The lines with which crash refused or gave up ``command``."""
    for line in output.splitlines():
        if is_error_line(line, command):
            known = classify(line, frozenset({"command-error"}))
            meaning = "crash refused the command, or could not finish it"
            yield known or Message(kind="command-error", text=line.strip(), meaning=meaning)


def _continued(lines: Sequence[str], at: int) -> int:
    """On how many lines below a message goes on: wrapped by a mailer, or set in by crash."""
    count = 0
    first = lines[at]
    for before, line in zip(lines[at:], lines[at + 1 : at + 1 + _MOST_ROWS], strict=False):
        text = line.strip()
        is_other = _COMPLAINT.match(line) and _indent(line) <= _indent(first)
        is_label = _LABEL.match(line) and not _PLACE.match(line)
        if not text or is_other or is_label or _CUT.match(line) or classify(line):
            break
        is_wrapped = not count and len(before) + len(text.split(maxsplit=1)[0]) + 1 > _WRAP_COLUMN and len(before) < 90
        if not is_wrapped and _indent(line) < _indent(first) + 4:
            break
        count += 1
    return count


def _indent(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())


def _joined(message: Message, rows: Sequence[str]) -> Message:
    text = " ".join(row.strip() for row in rows)
    return msgspec.structs.replace(message, text=_GLUED_BANNER.sub("", text))
