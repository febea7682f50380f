# SPDX-License-Identifier: Apache-2.0
"""The message table: what a line that crash, gdb or a pager printed means, and what to do about it.

The table (messages.tsv) stands roughly in start-up order, specific rows before generic ones; the first match wins.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
import re
from typing import Literal, cast

import msgspec

MessageClass = Literal["startup-fatal", "startup-warning", "command-error", "question", "pager", "progress"]

LONGEST_LINE = 2000
"""Longer lines are data, not messages: crash cuts its own messages at 1500 bytes (tools.c:__error)."""

_REMARK = re.compile(r"^(?:[\w.+-]+: )?(?:WARNING|NOTE|INFO): ")
_ERROR = re.compile(r"^[\w.+-]+: \S")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One line that the table knows: its class, what it means and what to try."""

    kind: MessageClass = msgspec.field(name="class")
    text: str
    meaning: str
    remedy: str | None = None
    source: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    pattern: re.Pattern[str]
    kind: MessageClass
    source: str
    meaning: str
    remedy: str | None


@functools.cache
def table() -> tuple[Row, ...]:
    """The rows of messages.tsv in their order, compiled once."""
    text = importlib.resources.files(__package__).joinpath("messages.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(
        Row(
            pattern=re.compile(row["pattern"]),
            kind=cast(MessageClass, row["class"]),
            source=row["source"],
            meaning=row["meaning"],
            remedy=row["remedy"] if row["remedy"] not in ("", "none", None) else None,
        )
        for row in rows
    )


def classify(line: str, kinds: frozenset[MessageClass] | None = None) -> Message | None:
    """What the table says of one cleaned line; None when it does not know it.

    ``kinds`` limits the classes looked at: the same text can be harmless at runtime and fatal at start.
    """
    if len(line) > LONGEST_LINE or not (text := line.strip()):
        return None
    for row in table():
        if (kinds is None or row.kind in kinds) and row.pattern.search(line):
            return Message(kind=row.kind, text=text, meaning=row.meaning, remedy=row.remedy, source=row.source)
    return None


def is_error_line(line: str, command: str) -> bool:
    """Did crash refuse or abort ``command`` with this line (``bt: invalid task ...``, ``crash: command not found``)?

    crash puts the command's name in front of an error at runtime and its own for an unknown command (tools.c:__error).
    """
    prefix, separator, rest = line.partition(": ")
    if not separator or not rest or _REMARK.match(line):
        return False
    name = command.split(maxsplit=1)[0] if command.split() else ""
    return prefix == name or (_ERROR.match(line) is not None and rest.startswith(f"command not found: {name}"))
