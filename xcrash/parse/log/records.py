# SPDX-License-Identifier: Apache-2.0
"""``log``: the records of the kernel's message buffer, with or without time, caller and level.

Source of the format: printk.c:dump_record (lockless ring buffer), kernel.c:dump_variable_length_record,
kernel.c:dump_log (text buffers, whose bytes crash prints as they are); the consoles of the kernel write it much alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Final, Literal, cast

import msgspec

from xcrash.parse.answer import unread
from xcrash.parse.lazy import Rows
from xcrash.parse.pieces import part, pieces
from xcrash.parse.text import Line, clean
from xcrash.parse.value import CommandOutput, Remark, Span

Severity = Literal["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

_SEVERITIES: Final[tuple[Severity, ...]] = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_DATE = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:[\w+-]{1,8} )?\d{4}"
_STAMP = rf"\[(?: *\d{{1,12}}\.\d{{1,9}}|{_DATE}|[a-z]+(?:_[a-z]+)*_seq)\]"
_LEVEL = r"<[0-9a-f]{1,3}>"
_STAMPED = rf"[ \t]*(?:{_LEVEL}|{_STAMP})"
_ELIDED = r"[\[(<. \t]{0,8}(?:\.{2,8}|snip\w{0,8}|cut|omitted|skipped)[\])>. \t]{0,8}"
_BROKEN = r"cannot read (?:printk_ringbuffer|prb_\w{1,20}_ring) contents[ \t]*$"
_CRASH = rf"(?:log|dmesg): |Usage:|log \[-|Enter \"help log\"|WARNING:[ \t]*$|{_BROKEN}"
_NOT_STAMPED = rf"[ \t]*(?!{_CRASH}|(?:SUBSYSTEM|DEVICE)=|{_ELIDED}$)\S"

_START = re.compile(_STAMPED)
_STAMPED_ROW = re.compile(
    rf"^([ \t]*)(?:{_LEVEL}|{_STAMP}).*(?:\n\1[ \t]+(?!{_LEVEL}|{_STAMP}|{_ELIDED}$)[^\s].*)*", re.MULTILINE
)
_PLAIN_ROW = re.compile(rf"^{_NOT_STAMPED}.*(?:\n[ \t]*(?:SUBSYSTEM|DEVICE)=.*)*", re.MULTILINE)
_UNREADABLE = re.compile(rf"\s*{_BROKEN}")
_ELISION = re.compile(rf"\s*{_ELIDED}")
_HEAD = re.compile(
    r"(?:<(?P<raw>[0-9a-f]{1,3})>)?"
    rf"(?:\[(?: *(?P<time>\d{{1,12}}\.\d{{1,9}})|(?P<date>{_DATE})|(?P<buffer>[a-z]+(?:_[a-z]+)*_seq))\] ?)?"
    r"(?:\[ *(?P<caller>[TC]\d{1,10})\] ?)?(?:<(?P<level>[0-9a-f]{1,3})>)?"
)
_PAIR = re.compile(r"(SUBSYSTEM|DEVICE)=(.*)")
_NO_MARGIN = re.compile(r"^[^\s]", re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]+(?=\S)", re.MULTILINE)
_SAMPLE = 200


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One record of the buffer.

    ``time`` is in seconds since the start of the kernel, ``date`` (``-T``) as printed, in the time zone of crash.
    ``caller`` (``-c``) is T and a thread id or C and a CPU. ``level`` and ``facility`` (``-m``) are those of syslog,
    ``severity`` the name of the level. ``buffer`` names a printk_safe_seq_buf. Lines of one ``text`` are separated by
    ``\\n``; ``subsystem`` and ``device`` are the dictionary (``-d``).
    """

    line: int
    span: Span
    time: float | None = None
    date: str | None = None
    caller: str | None = None
    level: int | None = None
    facility: int | None = None
    severity: Severity | None = None
    buffer: str | None = None
    text: str
    subsystem: str | None = None
    device: str | None = None


class Log(CommandOutput, frozen=True, kw_only=True, tag="log"):
    """The records in the order of the buffer; a line without time in a log with times may be one, too."""

    records: Sequence[Record]


def parse(text: str) -> Log:
    """Read ``log``; whether it has times is decided by its first lines."""
    stamped = _is_stamped(text)
    read = record if stamped else partial(record, margin=_margin(text))
    rows = Rows(text, read)
    remarks: list[Remark] = []
    rest: list[Line] = []
    for piece in pieces(text, _STAMPED_ROW if stamped else _PLAIN_ROW):
        if piece.row:
            rows.add(piece.line, piece.start, piece.end)
            continue
        found = part(text, piece, "log")
        remarks += found.remarks
        for line in _joined(found.lines):
            if _ELISION.fullmatch(line.text):
                rest.append(line)
            elif _UNREADABLE.match(line.text):
                place = (line.start, line.end)
                remarks.append(Remark(line=line.number, span=place, severity="warning", text=line.text.strip()))
            else:
                rows.know(read(line))
    return Log(records=rows.settled(), remarks=tuple(remarks), unread=tuple(unread(rest)))


def record(line: Line, margin: int = 0) -> Record:
    """The record of its lines, which the text of ``line`` holds, terminal codes included.

    ``margin``: the indentation of every line, which a record without time or level cannot be told from.
    """
    text = line.text if line.text.isprintable() else clean(line.text)
    first, _, more = text.partition("\n")
    indent = len(first) - len(first.lstrip(" \t"))
    head = cast("re.Match[str]", _HEAD.match(first, indent))
    raw, stamp, date, buffer, caller, level = head.group("raw", "time", "date", "buffer", "caller", "level")
    number, facility = _priority(level or raw, raw is not None and level is None)
    lines, pairs = [first[head.end() if head.end() > indent else min(margin, indent) :]], {}
    for following in more.split("\n") if more else ():
        pair = _PAIR.fullmatch(following.strip())
        if pair:
            pairs[pair[1]] = pair[2]
        else:
            lines.append(_without_indent(following, head.end()))
    return Record(
        line=line.number,
        span=(line.start, line.end),
        time=float(stamp) if stamp else None,
        date=date,
        caller=caller,
        level=number,
        facility=facility,
        severity=_SEVERITIES[number] if number is not None else None,
        buffer=buffer,
        text="\n".join(lines),
        subsystem=pairs.get("SUBSYSTEM"),
        device=pairs.get("DEVICE"),
    )


def _priority(word: str | None, decimal: bool) -> tuple[int | None, int | None]:
    """Level and facility of the number between ``<`` and ``>``, which is ``decimal`` in front of a time."""
    if not word:
        return None, None
    number = int(word, 10 if decimal and word.isdigit() else 16)
    return number & 7, number >> 3 if number > 7 else None


def _without_indent(text: str, width: int) -> str:
    """The line without the blanks that stand for the head of the record above."""
    blanks = len(text) - len(text.lstrip(" "))
    return text[min(blanks, width) :]


def _is_stamped(text: str) -> bool:
    """Whether the lines of a log begin with times or levels; some lines in between may be continuations."""
    lines = [line for line in islice(_first_lines(text), _SAMPLE) if line.strip()]
    return 4 * sum(bool(_START.match(clean(line))) for line in lines) > len(lines)


def _margin(text: str) -> int:
    """By how many blanks all lines are indented."""
    return 0 if _NO_MARGIN.search(text) else min(map(len, set(_MARGIN.findall(text))), default=0)


def _first_lines(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        yield text[at : min(end, at + 200)]
        at = end + 1


def _continues(text: str, deeper: bool) -> bool:
    """Whether a line without time belongs to the record above, than which it may be indented ``deeper``."""
    return _PAIR.match(text.strip()) is not None or (deeper and not _ELISION.fullmatch(text))


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    """The records in lines that were not found at once: a line below a time that is indented more belongs to it."""
    head: Line | None = None
    more: list[str] = []
    end = indent = 0
    for line in lines:
        if not line.text.strip():
            continue
        starts = _START.match(line.text)
        blanks = len(line.text) - len(line.text.lstrip())
        if head and not starts and _continues(line.text, blanks > indent):
            more.append(line.text)
            end = line.end
            continue
        if head:
            yield head._replace(end=end, text="\n".join([head.text, *more]))
        head, more, end, indent = None, [], line.end, blanks
        if starts:
            head = line
        else:
            yield line
    if head:
        yield head._replace(end=end, text="\n".join([head.text, *more]))
