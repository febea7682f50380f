# SPDX-License-Identifier: Apache-2.0
"""The table of ``ps``: one row per task.

Source of the format: task.c:show_ps, task.c:show_ps_data; the header words are centred over their columns, and the
widths differ between versions, so rows are read by words. Sizes are printed in KB.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from xcrash.parse.text import Line, plain_lines, prompt_command, quotes, unquote
from xcrash.parse.value import ParsedValue, Span, UnreadLine, address

Active = Literal[">", "-", ""]

_COLUMNS = ("PID", "PPID", "CPU", "TASK", "ST", "%MEM", "VSZ", "RSS", "COMM")
_ROW = re.compile(r"\s*([>-]?)\s*((?:\d{1,10}|\?+)\s+\S.*)")
_SHAPES = {
    **dict.fromkeys(("PID", "PPID", "VSZ", "RSS"), re.compile(r"\d{1,15}|\?+|-")),
    "CPU": re.compile(r"\d{1,6}|\?+|-"),
    "%MEM": re.compile(r"\d{1,6}(?:\.\d{1,3})?|\?+|-"),
    **dict.fromkeys(("TASK", "KSTACKP"), re.compile(r"[0-9a-f]{6,16}|\?+|-+|\(.*\)")),
    "ST": re.compile(r"[A-Z?]{2}"),
}


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One row.

    ``active`` is ``>`` for a task on a CPU, ``-`` for one on a hidden offline CPU. ``task`` is the task_struct, or
    ``kstackp`` with ``ps -s``. ``comm`` of a kernel thread is without the brackets that crash puts around it.
    """

    line: int
    span: Span
    active: Active
    pid: int | None
    ppid: int | None
    cpu: int | None
    task: str | None
    kstackp: str | None = None
    st: str
    mem_percent: float | None
    vsz: int | None
    rss: int | None
    comm: str
    kernel_thread: bool


class Ps(ParsedValue, frozen=True, kw_only=True, tag="ps"):
    """The rows of every table in the text, and the lines that are none: errors, notes, prompts, other options."""

    tasks: tuple[Task, ...]
    unread: tuple[UnreadLine, ...] = ()


def parse(text: str) -> Ps:
    """The tasks of every ps table in the text, also of one that lost its header to ``| grep``."""
    tasks: list[Task] = []
    unread: list[UnreadLine] = []
    columns, depth = _COLUMNS, 0
    lines = iter([*plain_lines(text), Line(0, 0, 0, "")])
    line = next(lines)
    for following in lines:
        bare = unquote(line.text, depth)
        header = _header(line.text)
        task = None if header else _task(line, bare, columns)
        if not header and _wraps(bare, task, following.text, columns, depth):
            rest = unquote(following.text, depth).strip()
            whole = _task(line._replace(end=following.end), f"{bare} {rest}", columns)
            if whole and whole.comm:
                task, following = whole, next(lines, following)
        if header:
            columns, depth = header, quotes(line.text)
        elif task:
            tasks.append(task)
        elif line.text.strip():
            unread.append(UnreadLine(line=line.number, text=line.text))
            if prompt_command(line.text) is not None:
                depth = quotes(line.text)
        line = following
    return Ps(tasks=tuple(tasks), unread=tuple(unread))
