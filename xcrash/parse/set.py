# SPDX-License-Identifier: Apache-2.0
"""The context block that ``set PID`` prints, and that ends the banner: the task crash looks at.

Source of the format: task.c:show_context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypedDict

from xcrash.parse import labels
from xcrash.parse.blocks import Fields, blocks
from xcrash.parse.value import ParsedValue, Span, address

_THREAD_INFO = re.compile(r"\[THREAD_INFO:\s*(\w+)\]")
_WHICH_TASK = re.compile(r"(?:0x)?[0-9a-fA-F]+|-[cpa]")
_COMMAND = re.compile(r"[\"\u201c](.*)[\"\u201d]")
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


class Context(ParsedValue, frozen=True, kw_only=True, tag="set"):
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


def parser(arguments: Sequence[str]) -> Callable[[str], Context | None] | None:
    """The parser for ``set ARGUMENTS``: a context is printed without one, for a task, and for -c, -p, -a."""
    return parse if not arguments or _WHICH_TASK.fullmatch(arguments[0]) else None


def parse(text: str) -> Context | None:
    """The first context block in the text, None without one."""
    for block in blocks(text):
        if sum(label in labels.CONTEXT for label in block.fields) >= 3:
            fields = {label: value for label, value in block.fields.items() if label in labels.CONTEXT + labels.NOTES}
            return Context(fields=fields, span=block.span, **task_values(fields))
    return None


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
