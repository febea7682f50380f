# SPDX-License-Identifier: Apache-2.0
"""The table of ``ps``: one row per task.

Source of the format: task.c:show_ps, task.c:show_ps_data; the header words are centred over their columns, and the
widths differ between versions, so rows are read by words. Sizes are printed in KB.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from xcrash.parse.text import Line, plain_lines, prompt_command, quotes, unquote
from xcrash.parse.value import ParsedValue, Span, UnreadLine, address

Active = Literal[">", "-", ""]

_TABLE_OPTIONS = frozenset("AkuGsIy")
_ACTIVE: dict[str, Active] = {">": ">", "-": "-", "": ""}
_COMM_LENGTH = 17
"""TASK_COMM_LEN without its NUL, and the brackets of a kernel thread."""
_REMARK = re.compile(r"(?<!\s)\s+(?:<[-=<~]|--|==|//|#|[\u2190\u21d0]|\s)")
_COLUMNS: tuple[str, ...] = ("PID", "PPID", "CPU", "TASK", "ST", "%MEM", "VSZ", "RSS", "COMM")
_ROW = re.compile(r"\s*(?:([>-])\s*)?((?:[0-9]{1,10}|\?+)\s+\S.*)")
_SHAPES = {
    **dict.fromkeys(("PID", "PPID", "VSZ", "RSS"), re.compile(r"[0-9]{1,15}|\?+|-")),
    "CPU": re.compile(r"[0-9]{1,6}|\?+|-"),
    "%MEM": re.compile(r"[0-9]{1,6}(?:\.\d{1,3})?|\?+|-"),
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


def parser(arguments: Sequence[str]) -> Callable[[str], Ps] | None:
    """The parser for ``ps ARGUMENTS``; None for the options that print something else than the table."""
    options = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    return parse if options <= _TABLE_OPTIONS else None


def parse(text: str) -> Ps:
    """The tasks of every ps table in the text, also of one that lost its header to ``| grep``."""
    tasks: list[Task] = []
    unread: list[UnreadLine] = []
    lines = list(plain_lines(text))
    columns, depth, at = _COLUMNS, 0, 0
    while at < len(lines):
        line, following = lines[at], lines[at + 1 : at + 2]
        at += 1
        header = _header(line.text)
        if header:
            # Quoting is counted here: in a row, one more ">" marks an active task.
            columns, depth = header, quotes(line.text)
            continue
        task = _task(line, columns, depth)
        if not (task and task.comm) and following:
            whole = _wrapped(line, following[0], columns, depth)
            task, at = (whole, at + 1) if whole else (task, at)
        if task:
            tasks.append(task)
        elif line.text.strip():
            unread.append(UnreadLine(line=line.number, text=line.text))
            if prompt_command(line.text) is not None:
                depth = quotes(line.text)
    return Ps(tasks=tuple(tasks), unread=tuple(unread))


def _header(text: str) -> tuple[str, ...] | None:
    """The column names of a header line."""
    words = unquote(text).split()
    if words[:2] != ["PID", "PPID"]:
        return None
    return tuple(words if "COMM" in words else [*words, "COMM"])


def _wrapped(line: Line, following: Line, columns: tuple[str, ...], depth: int) -> Task | None:
    """The task of a row that a mailer broke in two."""
    if not _ROW.match(unquote(line.text, depth)) or _task(following, columns, depth):
        return None
    rest = unquote(following.text, depth).strip()
    if not rest or _header(following.text) or prompt_command(following.text) is not None:
        return None
    task = _task(line._replace(end=following.end, text=f"{line.text} {rest}"), columns, depth)
    return task if task and 0 < len(task.comm) <= _COMM_LENGTH else None


def _task(line: Line, columns: tuple[str, ...], depth: int) -> Task | None:
    """The task of a row; None for a line that is none."""
    found = _ROW.match(unquote(line.text, depth))
    words = found[2].split(None, len(columns) - 1) if found else []
    row = dict(zip(columns, words, strict=False))
    if not found or len(words) < len(columns) - 1 or not ("TASK" in row or "KSTACKP" in row):
        return None
    if not all(shape.fullmatch(row[name]) for name, shape in _SHAPES.items() if name in row):
        return None
    vsz, comm = _kilobytes(row.get("VSZ", "")), _comm(row.get("COMM", ""))
    kernel_thread = not vsz and comm[:1] == "[" and comm[-1:] == "]"
    memory = row.get("%MEM", "")
    return Task(
        line=line.number,
        span=(line.start, line.end),
        active=_ACTIVE[found[1] or ""],
        pid=_number(row["PID"]),
        ppid=_number(row.get("PPID", "")),
        cpu=_number(row.get("CPU", "")),
        task=address(row.get("TASK", "")),
        kstackp=address(row.get("KSTACKP", "")),
        st=row.get("ST", ""),
        mem_percent=float(memory) if memory[:1].isdigit() else None,
        vsz=vsz,
        rss=_kilobytes(row.get("RSS", "")),
        comm=comm[1:-1] if kernel_thread else comm,
        kernel_thread=kernel_thread,
    )


def _comm(text: str) -> str:
    """The command name without a remark behind it; only a text too long for a name can have one."""
    text = text.rstrip()
    return _REMARK.split(text, 1)[0] if len(text) > _COMM_LENGTH else text


def _number(word: str) -> int | None:
    return int(word) if word.isdigit() else None


def _kilobytes(word: str) -> int | None:
    return int(word) * 1024 if word.isdigit() else None
