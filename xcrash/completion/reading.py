# SPDX-License-Identifier: Apache-2.0
"""Names in what crash prints: ``help``, ``help CMD``, ``sym -l``, ``ps``, ``mod``."""

from __future__ import annotations

import re

from xcrash.completion.known import Task
from xcrash.parse import ps

_MOST_NAMES = 2_000_000
_COMMAND = re.compile(r"[*a-z]\w*", re.ASCII)
_SYMBOL = re.compile(r"^([0-9a-f]+) \(\w\) ([A-Za-z_][\w.$@]*)(?=\s|$)", re.MULTILINE | re.ASCII)
_SYNOPSIS = re.compile(r"^SYNOPSIS\n(?P<text>(?:[ \t]+.*\n|\n(?=[ \t]))+)", re.MULTILINE)
_OPTION = re.compile(r"(?<![\w-])-(?:-?[A-Za-z0-9][\w-]*)", re.ASCII)
_DESCRIBED = re.compile(r"^ {4,10}(-\w+)(?=\s)", re.MULTILINE | re.ASCII)
_MODULE = re.compile(
    r"^ *[0-9a-f]{8,16} +(?P<name>[\w-]+) .*?(?P<loaded>\(not loaded\)|/\S+)?(?:  \[.*)?$", re.M | re.ASCII
)


def command_names(text: str) -> tuple[str, ...]:
    """The commands in the table that ``help`` prints, those of extensions included."""
    table = text.partition("crash version")[0]
    return tuple(sorted({word for word in table.split() if _COMMAND.fullmatch(word)}))


def options_of(page: str) -> tuple[str, ...]:
    """The options in the synopsis of ``help CMD``, and those its description begins a line with."""
    match = _SYNOPSIS.search(page)
    found = set(_OPTION.findall(match["text"]) if match else ()) | set(_DESCRIBED.findall(page))
    return tuple(sorted(_apart(found)))


def _apart(options: set[str]) -> set[str]:
    """``-rfu`` of a synopsis is three options when each is described or written alone, too."""
    return {
        one for word in options for one in ([f"-{letter}" for letter in word[1:]] if word[1:].isalpha() else [word])
    }


def symbols_in(text: str) -> tuple[str, ...]:
    """The names in ``sym -l``, each once."""
    found = set()
    for match in _SYMBOL.finditer(text):
        found.add(match[2])
        if len(found) >= _MOST_NAMES:
            break
    return tuple(sorted(found))


def address_of(text: str, name: str) -> int | None:
    """The address of ``name`` in ``sym -l``."""
    match = re.search(rf"^([0-9a-f]+) \(\w\) {re.escape(name)}\s*$", text, re.MULTILINE)
    return int(match[1], 16) if match else None


def tasks_in(text: str) -> tuple[Task, ...]:
    """The tasks of ``ps``."""
    rows = ps.parse(text).tasks
    return tuple(
        Task(str(row.pid), (row.task or "").removeprefix("0x"), row.comm) for row in rows if row.pid is not None
    )


def modules_in(text: str) -> tuple[tuple[str, str], ...]:
    """(name, object file or "not loaded") of ``mod``."""
    found = {match["name"]: (match["loaded"] or "").strip("()") for match in _MODULE.finditer(text)}
    return tuple(sorted(found.items()))
