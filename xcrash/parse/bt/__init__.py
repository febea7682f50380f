# SPDX-License-Identifier: Apache-2.0
"""The output of ``bt``: backtraces of tasks, also those ``foreach bt`` prints.

Source of the forms: kernel.c:cmd_bt, kernel.c:back_trace and the back_trace of every architecture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.bt.frame import Frame, StackWords
from xcrash.parse.bt.registers import Registers, Source
from xcrash.parse.bt.sound import sound_blocks
from xcrash.parse.bt.trace import SearchedStack, Trace, Traces
from xcrash.parse.lazy import Rows
from xcrash.parse.text import Line, plain_lines, unquote
from xcrash.parse.value import CommandOutput, Remark

__all__ = ["Bt", "Frame", "Registers", "SearchedStack", "Source", "StackWords", "Trace", "parse", "parser"]

_NO_OVERFLOWS = re.compile(r"\s*No stack overflows detected\s*")
_EXPLAINED = re.compile(
    r"\s*[\w ]{0,40}stack (?:pointer|base): [0-9a-f]{1,16}\s*|\s*\(valid range: [0-9a-f]+ - [0-9a-f]+\)\s*"
    r"|\s*cannot be determined: try -t or -T options\s*"
)


class Bt(CommandOutput, frozen=True, kw_only=True, tag="bt"):
    """The backtraces in the order in which they are printed; ``stacks`` are those ``bt -E`` searched.

    ``overflows_detected`` says whether ``bt -v`` found any; None if it was not asked.
    """

    traces: Sequence[Trace]
    stacks: tuple[SearchedStack, ...] = ()
    overflows_detected: bool | None = None


def parser(arguments: Sequence[str]) -> Callable[[str], Bt]:
    """The parser for ``bt ARGUMENTS``: it knows what every option prints."""
    return parse


def parse(text: str) -> Bt:
    """The backtraces of every task in the text, also of one that lost its first line."""
    rows = Rows(text, _read)
    stacks: list[SearchedStack] = []
    remarks: list[Remark] = []
    rest: list[Line] = []
    clean = suspected = False
    at = number = 0
    for start, end in (*sound_blocks(text), (len(text), len(text))):
        if text[at:start].strip():
            lines = list(_gap(text, at, start, number, remarks))
            found = Traces().read(lines)
            for trace in found.traces:
                rows.know(trace)
                suspected = suspected or bool(trace.overflows)
            stacks += found.stacks
            clean = clean or any(_NO_OVERFLOWS.fullmatch(line.text) for line in found.rest)
            rest += (line for line in found.rest if not _NO_OVERFLOWS.fullmatch(line.text))
        number += text.count("\n", at, start)
        if start < end:
            rows.add(number + 1, start, end)
            number += text.count("\n", start, end)
        at = end
    return Bt(
        traces=rows.settled(),
        stacks=tuple(stacks),
        overflows_detected=True if suspected else False if clean else None,
        remarks=tuple(remarks),
        unread=tuple(unread(rest)),
    )


def _read(block: Line) -> Trace:
    """The backtrace of a sound block."""
    lines, start = [], block.start
    for number, text in enumerate(block.text.split("\n"), block.number):
        lines.append(Line(number, start, start + len(text), text.rstrip("\r")))
        start += len(text) + 1
    return Traces().read(lines).traces[0]


def _gap(text: str, start: int, end: int, number: int, remarks: list[Remark]) -> Iterator[Line]:
    """The lines of a part of the text without their quoting; what is a remark is put into ``remarks`` instead."""
    part = text[start:end]
    found = answer(part, "bt")
    numbers = {remark.line: remark for remark in found.remarks}
    kept = {line.number for line in found.lines}
    error = False
    for line in plain_lines(part):
        place = Line(line.number + number, line.start + start, line.end + start, unquote(line.text))
        remark = numbers.get(line.number) or _quoted(line, place)
        if remark:
            error = remark.severity == "error"
            span = (place.start, place.end)
            remarks.append(msgspec.structs.replace(remark, line=place.number, span=span))
        elif error and _EXPLAINED.fullmatch(place.text):
            span = (place.start, place.end)
            remarks.append(Remark(line=place.number, span=span, severity="error", text=place.text.strip()))
        elif line.number in kept:
            error = False
            yield place


def _quoted(line: Line, place: Line) -> Remark | None:
    """What crash said in a quoted line."""
    return next(iter(answer(place.text, "bt").remarks), None) if place.text != line.text else None
