# SPDX-License-Identifier: Apache-2.0
"""Where a value or a string was found in memory.

Source of the format: memory.c:search_ulong, memory.c:search_chars, memory.c:show_opt_string,
memory.c:display_with_pre_and_post (``-x``), task.c:cmd_search's per-task form (``-t``, ``-T``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from xcrash.parse import rd
from xcrash.parse.answer import answer, unread
from xcrash.parse.missing import without_missing
from xcrash.parse.task_line import TaskLine, task_line
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_VALUE = re.compile(r"\s*([0-9a-f]{1,16}): ([0-9a-f]{1,16})(?: \((.*)\))?\s*$")
_STRING = re.compile(r"\s*([0-9a-f]{1,16}): (.{1,80})$")
_RULE = re.compile(r"\s*-{8,}\s*$")


class Hit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One place: virtual, or physical with ``-p``.

    ``value`` is all of the word there, ``argument`` the symbol or expression that was searched for. With ``-c``
    ``text`` is what begins there, up to 56 characters, ``.`` for all that is not printable.
    """

    line: int
    span: Span
    address: str
    value: str | None = None
    argument: str | None = None
    text: str | None = None


class TaskHits(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on the kernel stack of a task; ``task`` is None unless ``-t`` or ``-T`` searched stacks."""

    task: TaskLine | None
    hits: tuple[Hit, ...]


class Search(CommandOutput, frozen=True, kw_only=True, tag="search"):
    """The hits by task; ``context`` is the memory around them (``-x``)."""

    found: tuple[TaskHits, ...]
    context: tuple[rd.Row, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], Search] | None:
    """The parser for ``search ARGUMENTS``."""
    options = {letter for word in arguments if re.fullmatch(r"-[A-Za-z]+", word) for letter in word[1:]}
    return partial(parse, strings="c" in options)


def parse(text: str, strings: bool = False) -> Search:
    """What was found; with ``strings`` behind each address is text, whatever it looks like."""
    said = answer(text, "search")
    lines, missing = without_missing(said.lines)
    remarks = [remark for remark in said.remarks if not (strings and _STRING.match(remark.text))]
    if len(remarks) < len(said.remarks):
        # What was found in memory can look like a warning of crash.
        texts = (Line(remark.line, *remark.span, remark.text) for remark in said.remarks if remark not in remarks)
        lines = sorted((*lines, *texts))
    groups: list[tuple[TaskLine | None, list[Hit]]] = []
    context: list[rd.Row] = []
    left: list[Line] = []
    for line in lines:
        if task := task_line(line):
            groups.append((task, []))
        elif hit := _hit(line, strings):
            if not groups:
                groups.append((None, []))
            groups[-1][1].append(hit)
        elif row := rd.row(line):
            context.append(row)
        elif not _RULE.match(line.text):
            left.append(line)
    return Search(
        found=tuple(TaskHits(task=task, hits=tuple(hits)) for task, hits in groups),
        context=tuple(context),
        remarks=(*remarks, *missing),
        unread=tuple(unread(left)),
    )


def _hit(line: Line, strings: bool) -> Hit | None:
    span = (line.start, line.end)
    found = None if strings else _VALUE.match(line.text)
    if found:
        address, value, argument = found.groups()
        return Hit(line=line.number, span=span, address="0x" + address, value="0x" + value, argument=argument)
    found = _STRING.match(line.text) if strings else None
    return Hit(line=line.number, span=span, address="0x" + found[1], text=found[2]) if found else None
