# SPDX-License-Identifier: Apache-2.0
"""The backtrace of ``gdb bt``: gdb unwinds the stack itself, which crash 9 lets it do for the current task.

Source of the format: gdb's stack.c:print_frame; crash_target.c gives gdb the registers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.bt.registers import Source
from xcrash.parse.text import Line, unquote
from xcrash.parse.value import CommandOutput, Span

_FRAME = re.compile(
    r"\s*#(?P<level>[0-9]{1,5}) +(?:0x(?P<address>[0-9a-f]{1,16}) in )?"
    r"(?P<function>[^\s(]{1,300}) \((?P<arguments>.*)\)"
    r"(?: at (?P<file>[^\s:]{1,400}):(?P<line>[0-9]{1,7})| from (?P<object>\S{1,400}))?\s*"
)
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_STOPPED = re.compile(r"\s*(\(More stack frames follow\.\.\.\)|Backtrace stopped: .{1,200})\s*")
_ARGUMENT = re.compile(r"(?:^|, )([A-Za-z_][\w@]*)=")
_LONGEST = 4096


class GdbFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One function; gdb gives no ``address`` to one that was inlined. ``arguments`` are the values as printed."""

    line: int
    span: Span
    level: int
    address: str | None
    function: str
    arguments: dict[str, str]
    source: Source | None
    object: str | None


class GdbBt(CommandOutput, frozen=True, kw_only=True, tag="gdb-bt"):
    """The frames of the current task; ``stopped`` is what gdb says if it did not come to the end."""

    frames: tuple[GdbFrame, ...]
    stopped: str | None = None


def parser(arguments: Sequence[str]) -> Callable[[str], GdbBt] | None:
    """The parser for ``gdb ARGUMENTS``; None for anything but a backtrace."""
    return parse if arguments and arguments[0] in ("bt", "backtrace", "where") else None


def parse(text: str) -> GdbBt:
    """The frames in the text."""
    found = answer(text, "gdb")
    frames: list[GdbFrame] = []
    rest: list[Line] = []
    stopped = None
    for line in found.lines:
        frame, end = _frame(line), _STOPPED.fullmatch(unquote(line.text))
        if frame:
            frames.append(frame)
        elif end and not stopped:
            stopped = end[1]
        else:
            rest.append(line)
    return GdbBt(frames=tuple(frames), stopped=stopped, remarks=found.remarks, unread=tuple(unread(rest)))


def _frame(line: Line) -> GdbFrame | None:
    found = _FRAME.fullmatch(unquote(line.text)) if len(line.text) < _LONGEST else None
    if not found:
        return None
    return GdbFrame(
        line=line.number,
        span=(line.start, line.end),
        level=int(found["level"]),
        address="0x" + found["address"] if found["address"] else None,
        function=found["function"],
        arguments=_arguments(found["arguments"]),
        source=Source(file=found["file"], line=int(found["line"])) if found["file"] else None,
        object=found["object"],
    )


def _arguments(text: str) -> dict[str, str]:
    """The arguments by name; what looks like one inside of a string is none."""
    masked = _STRING.sub(lambda string: "_" * len(string[0]), text)
    names = list(_ARGUMENT.finditer(masked))
    ends = [*(name.start() for name in names[1:]), len(text)]
    values = ((name[1], text[name.end() : end]) for name, end in zip(names, ends, strict=False))
    # Where the value at entry is the same as now, gdb says so in front of it.
    return {name: value.removeprefix(f"{name}@entry=") for name, value in values}
