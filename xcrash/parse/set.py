# SPDX-License-Identifier: Apache-2.0
"""The context block that ``set PID`` prints, and that ends the banner: the task crash looks at; and crash's variables.

Source of the format: task.c:show_context, tools.c:cmd_set, tools.c:show_options.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypedDict

import msgspec

from xcrash.parse import labels
from xcrash.parse.answer import answer, unread
from xcrash.parse.blocks import Fields, blocks
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span, address

_THREAD_INFO = re.compile(r"\[THREAD_INFO:\s*(\w+)\]")
_WHICH_TASK = re.compile(r"(?:0x)?[0-9a-fA-F]+|-[cpa]")
_COMMAND = re.compile(r"[\"\u201c](.*)[\"\u201d]")
_VARIABLE = re.compile(r"\s*([a-z][\w-]*(?: radix)?): (\S.*)$")
_GDB = re.compile(r"gdb: (?:on|off)$")
_STATE = re.compile(r"(\w[^(]*?)?\s*(?:\(([A-Z ]+)\))?")


class TaskValues(TypedDict):
    """What a context block says, by the names of the struct fields."""

    pid: int | None
    command: str | None
    task: str | None
    thread_info: str | None
    cpu: int | None
    state: str | None
    activity: str | None


class Context(CommandOutput, frozen=True, kw_only=True, tag="set"):
    """The task that crash looks at; ``fields`` holds every label as printed.

    ``state`` is the text of STATE, None without the name of a state; ``activity`` the word in its brackets, which
    only active tasks have (PANIC, ACTIVE, SYSRQ, NMI, ...).
    """

    fields: Fields
    span: Span
    pid: int | None
    command: str | None
    task: str | None
    thread_info: str | None
    cpu: int | None
    state: str | None
    activity: str | None


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable of crash and its value as printed."""

    line: int
    span: Span
    name: str
    value: str


class Variables(CommandOutput, frozen=True, kw_only=True, tag="set-v"):
    """The variables that were shown: all of them (``set -v``), or the one that was asked for or set."""

    variables: tuple[Variable, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Context | Variables | None] | None:
    """The parser for ``set ARGUMENTS``: a context is printed without one, for a task, and for -c, -p, -a."""
    if not arguments:
        return _parse_either
    return parse if _WHICH_TASK.fullmatch(arguments[0]) else parse_variables


def _parse_either(text: str) -> Context | Variables | None:
    """The context, or in minimal mode, which has none, the variables."""
    context = parse(text)
    if context:
        return context
    shown = parse_variables(text)
    return shown if shown.variables else None


def parse(text: str) -> Context | None:
    """The first context block in the text, None without one."""
    for block in blocks(text):
        if sum(label in labels.CONTEXT for label in block.fields) >= 3:
            fields = {label: value for label, value in block.fields.items() if label in labels.CONTEXT + labels.NOTES}
            said = answer(text, "set")
            start, end = block.span
            beside = tuple(unread(line for line in said.lines if not start <= line.start < end))
            remarks = tuple(remark for remark in said.remarks if not start <= remark.span[0] < end)
            values = task_values(fields)
            return Context(fields=fields, span=block.span, remarks=remarks, unread=beside, **values)
    return None


def parse_variables(text: str) -> Variables:
    """The variables in the text."""
    said = answer(text, "set")
    # One of the variables looks like an error of gdb.
    remarks = tuple(remark for remark in said.remarks if not _GDB.match(remark.text))
    texts = (Line(remark.line, *remark.span, remark.text) for remark in said.remarks if _GDB.match(remark.text))
    variables: list[Variable] = []
    left: list[Line] = []
    for line in sorted((*said.lines, *texts)):
        found = _VARIABLE.match(line.text)
        if found:
            value = found[2].rstrip()
            variables.append(Variable(line=line.number, span=(line.start, line.end), name=found[1], value=value))
        else:
            left.append(line)
    return Variables(variables=tuple(variables), remarks=remarks, unread=tuple(unread(left)))


def task_values(fields: Fields) -> TaskValues:
    """The labels PID to STATE, read."""
    task = printed(fields, "TASK").lstrip('"')
    command = _COMMAND.fullmatch(printed(fields, "COMMAND"))
    thread_info = _THREAD_INFO.search(task)
    state = printed(fields, "STATE")
    parts = _STATE.fullmatch(state)
    return TaskValues(
        pid=number(printed(fields, "PID")),
        command=command[1] if command else None,
        task=address(task),
        thread_info=address(thread_info[1]) if thread_info else None,
        cpu=number(printed(fields, "CPU")),
        state=state if parts and parts[1] else None,
        activity=parts[2] if parts else None,
    )


def printed(fields: Fields, label: str) -> str:
    """The text of a label, empty if there is none."""
    text = fields.get(label, "")
    return text if isinstance(text, str) else " ".join(text)


def number(text: str) -> int | None:
    """The text as a number, None if it is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
