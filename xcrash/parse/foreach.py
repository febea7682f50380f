# SPDX-License-Identifier: Apache-2.0
"""The output of ``foreach``: that of a command for many tasks, which the parser of the command reads.

Source of the format: task.c:cmd_foreach, task.c:foreach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from xcrash.parse import labels
from xcrash.parse import set as set_
from xcrash.parse.answer import answer, unread
from xcrash.parse.sections import by_task, extent
from xcrash.parse.set import Context
from xcrash.parse.task_line import TaskLine
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, ParsedValue, Span

Read = Callable[[str], ParsedValue | None]
Choice = Callable[[Sequence[str]], Read | None]

_CHILDREN = frozenset(("bt", "files", "net", "ps", "set", "sig", "task", "test", "vm", "vtop"))
_OWN = "foreach: "
_LABEL = re.compile(rf"[\s>]*(?:{'|'.join(labels.CONTEXT + labels.NOTES)}): ")


class TaskContext(msgspec.Struct, frozen=True, kw_only=True):
    """The context block of one task; None if there is none that can be read."""

    line: int
    span: Span
    task: TaskLine | None
    context: Context | None


class Contexts(CommandOutput, frozen=True, kw_only=True, tag="foreach-set"):
    """What ``foreach set`` shows: a context block for each task."""

    tasks: tuple[TaskContext, ...]


def parser(arguments: Sequence[str], commands: Mapping[str, Choice]) -> Read | None:
    """The parser for ``foreach ARGUMENTS``; None for several commands at once, and where the command has none.

    ``commands`` are the parsers of all commands. A word behind a backslash is the name of a task, never a command.
    """
    names = [at for at, word in enumerate(arguments) if word in _CHILDREN]
    if not names or any(not arguments[at - 1].startswith("-") for at in names[1:]):
        return None
    name, rest = arguments[names[0]], arguments[names[0] + 1 :]
    choose = commands.get(name)
    read = parse_set if name == "set" else choose(rest) if choose else None
    return _with_own_remarks(read) if read else None


def _with_own_remarks(read: Read) -> Read:
    """A parser that takes what ``foreach`` itself says for what it is."""

    def parse(text: str) -> ParsedValue | None:
        value = read(text)
        if not isinstance(value, CommandOutput) or not any(line.text.startswith(_OWN) for line in value.unread):
            return value
        numbers = {line.line for line in value.unread if line.text.startswith(_OWN)}
        said = [remark for remark in answer(text, "foreach").remarks if remark.line in numbers]
        return msgspec.structs.replace(
            value,
            remarks=tuple(sorted((*value.remarks, *said), key=lambda remark: remark.line)),
            unread=tuple(line for line in value.unread if line.line not in numbers),
        )

    return parse


def parse_set(text: str) -> Contexts:
    """The output of ``foreach set``."""
    found = answer(text, "set")
    tasks: list[TaskContext] = []
    rest: list[Line] = []
    for task, place, body in by_task(found.lines):
        start, end = extent(place, body, ()).span
        context = set_.parse(text[start:end])
        left = list(body)
        if context:
            first, last = context.span[0] + start, context.span[1] + start
            context = msgspec.structs.replace(context, span=(first, last))
            left = [line for line in body if not (first <= line.start < last and _LABEL.match(line.text))]
        if task or context:
            span = extent(place, body, left).span
            tasks.append(TaskContext(line=place.line, span=span, task=task, context=context))
        rest += left
    return Contexts(tasks=tuple(tasks), remarks=found.remarks, unread=tuple(unread(rest)))
