# SPDX-License-Identifier: Apache-2.0
"""What could stand at the cursor, from what is known: pure, for each key pressed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

from xcrash.completion.known import Completion, Kind, Known
from xcrash.session.command_line import COMMANDS, expand, redirection

LIMIT = 200
"""How many completions are worth offering."""

_MOST_LOOKED_AT = 20_000
"""Names of one beginning among which the shortest are chosen: a few milliseconds for a key."""

_TASK = frozenset({"bt", "task", "vm", "files", "set", "ps", "sig", "net", "foreach", "vtop", "waitq"})
_TYPE = frozenset({"struct", "union", "*", "whatis"})
_SYMBOL = frozenset({"sym", "dis", "p", "rd", "wr", "list", "tree", "search", "vtop", "gdb", "eval", "btop", "ptov"})
_MODULE = frozenset({"mod"})
_WORDS = {
    "foreach": "bt files gleader kernel net ps set sig task user vm vtop RU IN UN ST TR ZO DE SW WA PA ID NE",
    "set": "console core debug edit hash print_array print_max radix refresh scope silent unwind vi zero_excluded",
    "sys": "config",
}
_NAME = re.compile(r"[A-Za-z_]\w*$")


class Place(NamedTuple):
    """Where the cursor stands: the command after aliases, the number of the word, its beginning, its text so far."""

    command: str
    number: int
    start: int
    prefix: str
    before: str


def place(line: str, cursor: int, known: Known) -> Place | None:
    """Read the line up to the cursor; None where crash's own names end: behind a pipe or a redirection."""
    text = line[:cursor]
    if redirection(text) is not None:
        return None
    start = max(text.rfind(" "), text.rfind("\t")) + 1
    words = text[:start].split()
    command = expand(words[0], known.aliases).split()[0] if words and words[0].strip() else ""
    if command.startswith("*") and len(command) > 1:
        command = "*"
    return Place(command, len(words), start, text[start:], words[-1] if words else "")


def needed(line: str, cursor: int, known: Known) -> tuple[tuple[Kind, str], ...]:
    """What should be gathered for this place: (kind, of which command) pairs."""
    at = place(line, cursor, known)
    return tuple(dict.fromkeys((kind, at.command if kind == "option" else "") for kind in _kinds(at))) if at else ()


def _kinds(at: Place) -> Iterator[Kind]:
    """The kinds of names that fit, best first."""
    if at.number == 0:
        if at.prefix.startswith("*"):
            yield "type"
        else:
            yield "command"
        return
    command = at.command
    if at.prefix.startswith("-"):
        yield "option"
        return
    if command in ("help", "foreach", "repeat", "alias"):
        yield "command" if command != "foreach" else "word"
    if command in _WORDS and command != "foreach":
        yield "word"
    if command in _MODULE or (command == "sym" and at.before in ("-m", "-M")):
        yield "module"
    if command in _TYPE and at.number == 1 + at.before.startswith("-"):
        yield "type"
    elif command in _TYPE:
        yield "symbol"
    if command in _TASK:
        yield "task"
    if command in _SYMBOL:
        yield "symbol"


def complete(line: str, cursor: int, known: Known) -> list[Completion]:
    """At most LIMIT completions for the word the cursor is in, the most fitting first; [] where nothing is known."""
    at = place(line, cursor, known)
    if at is None:
        return []
    found: dict[str, Completion] = {}
    for kind in _kinds(at):
        start, prefix = at.start, at.prefix
        if kind in ("symbol", "type"):
            match = _NAME.search(prefix)
            if match is None:
                continue  # no name has begun: everything would fit
            start, prefix = at.start + match.start(), match[0]
        for text, detail in _names(kind, prefix, at.command, known):
            found.setdefault(text, Completion(text, kind, detail, start))
            if len(found) >= LIMIT:
                return list(found.values())
    return list(found.values())


def _names(kind: Kind, prefix: str, command: str, known: Known) -> Iterable[tuple[str, str]]:
    if kind == "command":
        # Names without their explanations: one list, whatever crash has.
        names = sorted({*(known.commands or COMMANDS), *known.aliases})
        return ((name, known.aliases.get(name, "")) for name in names if name.startswith(prefix))
    if kind == "option":
        return ((one, "") for one in known.options.get(command, ()) if one.startswith(prefix))
    if kind == "symbol":
        return ((name, "symbol") for name in _beginning(known.symbols, prefix))
    if kind == "type":
        first = bisect_left(known.types, (prefix, ""))
        rest = islice(known.types, first, first + LIMIT)
        return ((name, word) for name, word in rest if name.startswith(prefix))
    if kind == "module":
        return (one for one in known.modules if one[0].startswith(prefix))
    if kind == "word":
        return ((one, "") for one in _WORDS[command].split() if one.startswith(prefix))
    return _tasks(prefix, known)


def _tasks(prefix: str, known: Known) -> Iterator[tuple[str, str]]:
    """By PID; the idle tasks, which share one, by address; any by its address when that was begun."""
    for task in known.tasks:
        text = task.pid if task.pid != "0" else task.address
        for name in (text, task.address):
            if name.startswith(prefix) and (name == text or len(prefix) > 3):
                yield name, task.comm
                break


def _beginning(names: tuple[str, ...], prefix: str) -> Iterator[str]:
    """At most LIMIT names; of more the shortest: ``schedule`` rather than ``sched_asym_cpucapacity``."""
    first = bisect_left(names, prefix)
    last = bisect_left(names, prefix + "\x7f", first)
    fitting = names[first : min(last, first + _MOST_LOOKED_AT)]
    yield from fitting if len(fitting) <= LIMIT else nsmallest(LIMIT, fitting, key=len)
