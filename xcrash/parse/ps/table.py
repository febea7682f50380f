# SPDX-License-Identifier: Apache-2.0
"""The table of ``ps``: one row per task.

Source of the format: task.c:show_ps, task.c:show_ps_data; the header words are centred over their columns, and the
widths differ between versions, so rows are read by words. Sizes are printed in KB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple, cast

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.lazy import Rows, is_plain
from xcrash.parse.number import decimal, kilobytes
from xcrash.parse.text import Line, plain_lines, prompt_command, quotes, unquote
from xcrash.parse.value import CommandOutput, Remark, Span, address

Active = Literal[">", "-", ""]

_ACTIVE: dict[str, Active] = {">": ">", "-": "-", "": ""}
_COMM_LENGTH = 17
"""TASK_COMM_LEN without its NUL, and the brackets of a kernel thread."""
_REMARK = re.compile(r"(?<!\s)\s+(?:<[-=<~]|--|==|//|#|[\u2190\u21d0]|\s)")
_COLUMNS: tuple[str, ...] = ("PID", "PPID", "CPU", "TASK", "ST", "%MEM", "VSZ", "RSS", "COMM")
_STACKS: tuple[str, ...] = tuple("KSTACKP" if name == "TASK" else name for name in _COLUMNS)
_ROW = re.compile(r"\s*(?:([>-])\s*)?((?:[0-9]{1,10}|\?+)\s+\S.*)")
_SHAPES = {
    **dict.fromkeys(("PID", "VSZ", "RSS"), re.compile(r"[0-9]{1,15}|\?+|-")),
    "PPID": re.compile(r"-?[0-9]{1,15}|\?+|-"),
    "CPU": re.compile(r"[0-9]{1,6}|\?+|-"),
    "%MEM": re.compile(r"[0-9]{1,6}(?:\.\d{1,3})?|\?+|-"),
    **dict.fromkeys(("TASK", "KSTACKP"), re.compile(r"[0-9a-f]{6,16}|\?+|-+|\(.*\)")),
    "ST": re.compile(r"[A-Z?]{2}"),
    "PRIO": re.compile(r"-?[0-9]{1,6}|\?+|-"),
}
_SOUND = re.compile(
    r"[ \t]*(?:([>-])[ \t]*)?([0-9]{1,10}) +([0-9]{1,15}) +([0-9]{1,6}) +([0-9a-f]{6,16}) +([A-Z?]{2}) +"
    r"([0-9]{1,6}\.[0-9]{1,3}) +([0-9]{1,15}) +([0-9]{1,15}) +([^\s](?:[^\n\r]{0,15}[^\s])?)[ \t\r]*(?:\n|\Z)"
)
"""A row of the layout that every version prints, with no value missing."""
_RUN = re.compile(f"^(?:{_SOUND.pattern.replace('(?:', '(').replace('(', '(?:')}){{1,1000}}", re.MULTILINE)


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row.

    ``active`` is ``>`` for a task on a CPU, ``-`` for one on a hidden offline CPU. ``task`` is the task_struct, or
    ``kstackp`` with ``ps -s``. ``vsz`` and ``rss`` are bytes. ``comm`` of a kernel thread is without the brackets that
    crash puts around it.
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
    policy: str | None = None
    prio: int | None = None


class Ps(CommandOutput, frozen=True, kw_only=True, tag="ps"):
    """The rows of every table in the text; unread are the lines of other options, too."""

    tasks: Sequence[Task]


class Run(NamedTuple):
    """Lines that stand below each other and are all sound rows."""

    number: int
    start: int
    end: int


def parse(text: str) -> Ps:
    """The tasks of every ps table in the text, also of one that lost its header to ``| grep``."""
    remarks: list[Remark] = []
    items = list(_items(text, remarks))
    columns, depth, at = _COLUMNS, 0, 0
    sound = next((_header(item.text) for item in items if isinstance(item, Line) and _header(item.text)), _COLUMNS)
    rows = Rows(text, partial(_sound, stacks=sound == _STACKS))
    rest: list[Line] = []
    while at < len(items):
        item = items[at]
        at += 1
        if isinstance(item, Run):
            if columns == sound and columns in (_COLUMNS, _STACKS) and not depth:
                rows.add_lines(*item)
            else:
                items[at - 1 : at] = _lines(text, item)
                at -= 1
            continue
        header = _header(item.text)
        if header:
            # Quoting is counted here: in a row, one more ">" marks an active task.
            columns, depth = header, quotes(item.text)
            continue
        following = items[at] if at < len(items) else None
        task = _task(item, columns, depth)
        if not (task and task.comm) and isinstance(following, Line):
            whole = _wrapped(item, following, columns, depth)
            task, at = (whole, at + 1) if whole else (task, at)
        if task:
            rows.know(task)
        elif prompt_command(item.text) is not None:
            depth = quotes(item.text)
        else:
            rest.append(item)
    return Ps(tasks=rows.settled(), remarks=tuple(remarks), unread=tuple(unread(rest)))


def _items(text: str, remarks: list[Remark]) -> Iterator[Line | Run]:
    """The lines of the text, as many of them as possible in runs; remarks are put into ``remarks``."""
    at = number = 0
    for run in _RUN.finditer(text) if is_plain(text) else ():
        yield from _gap(text, at, run.start(), number, remarks)
        number += text.count("\n", at, run.start())
        at = run.end()
        yield Run(number + 1, run.start(), at - text.endswith("\n", run.start(), at))
        number += text.count("\n", run.start(), at)
    yield from _gap(text, at, len(text), number, remarks)


def _gap(text: str, start: int, end: int, number: int, remarks: list[Remark]) -> Iterator[Line]:
    """The lines between two runs that are no remark."""
    part = text[start:end]
    if not part.strip():
        return
    said = [
        msgspec.structs.replace(one, line=one.line + number, span=(one.span[0] + start, one.span[1] + start))
        for one in answer(part, "ps").remarks
    ]
    remarks += said
    skipped = {one.line for one in said}
    for line in plain_lines(part):
        if line.number + number not in skipped:
            yield Line(line.number + number, line.start + start, line.end + start, line.text)


def _lines(text: str, run: Run) -> list[Line]:
    """The lines of a run, for a table of another layout."""
    return [
        Line(line.number + run.number - 1, line.start + run.start, line.end + run.start, line.text)
        for line in plain_lines(text[run.start : run.end])
    ]


def _header(text: str) -> tuple[str, ...] | None:
    """The column names of a header line."""
    words = unquote(text).split()
    if words[:2] != ["PID", "PPID"] or not all(word.isupper() for word in words):
        return None
    if not ("TASK" in words or "KSTACKP" in words):
        return None
    return tuple(words if "COMM" in words else [*words, "COMM"])


def _wrapped(line: Line, following: Line, columns: tuple[str, ...], depth: int) -> Task | None:
    """The task of a row that a mailer broke in two."""
    if not _ROW.match(unquote(line.text, depth)) or _task(following, columns, depth) or _SOUND.match(following.text):
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
    vsz, comm = kilobytes(row.get("VSZ", "")), _comm(row.get("COMM", ""))
    kernel_thread = not vsz and comm[:1] == "[" and comm[-1:] == "]"
    memory = row.get("%MEM", "")
    return Task(
        line=line.number,
        span=(line.start, line.end),
        active=_ACTIVE[found[1] or ""],
        pid=decimal(row["PID"]),
        ppid=decimal(row.get("PPID", "")),
        cpu=decimal(row.get("CPU", "")),
        task=address(row.get("TASK", "")),
        kstackp=address(row.get("KSTACKP", "")),
        st=row.get("ST", ""),
        mem_percent=float(memory) if memory[:1].isdigit() else None,
        vsz=vsz,
        rss=kilobytes(row.get("RSS", "")),
        comm=comm[1:-1] if kernel_thread else comm,
        kernel_thread=kernel_thread,
        policy=row.get("POLICY"),
        prio=decimal(row.get("PRIO", "")),
    )


def _sound(line: Line, stacks: bool) -> Task:
    """The task of a sound row, the same as ``_task`` finds; ``stacks``: as ``ps -s`` prints it."""
    found = cast("re.Match[str]", _SOUND.match(line.text))
    active, pid, ppid, cpu, pointer, st, memory, vsz, rss, comm = found.groups()
    size = int(vsz) * 1024
    kernel_thread = not size and comm[0] == "[" and comm[-1] == "]"
    return Task(
        line=line.number,
        span=(line.start, line.end),
        active=_ACTIVE[active or ""],
        pid=int(pid),
        ppid=int(ppid),
        cpu=int(cpu),
        task=None if stacks else "0x" + pointer,
        kstackp="0x" + pointer if stacks else None,
        st=st,
        mem_percent=float(memory),
        vsz=size,
        rss=int(rss) * 1024,
        comm=comm[1:-1] if kernel_thread else comm,
        kernel_thread=kernel_thread,
    )


def _comm(text: str) -> str:
    """The command name without a remark behind it; only a text too long for a name can have one."""
    text = text.rstrip()
    return _REMARK.split(text, 1)[0] if len(text) > _COMM_LENGTH else text
