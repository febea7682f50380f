# SPDX-License-Identifier: Apache-2.0
"""The lines of one answer, with what crash said beside the data taken out of them.

Source of the forms: tools.c:__error (``NAME: text``, ``crash: text``, ``WARNING:``, ``NOTE:``), help.c:cmd_usage,
getopt, symbols.c:OFFSET_verify with its trace (crash is too old for the kernel), gdb's own errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from xcrash.parse.text import Line, plain_lines, prompt_command
from xcrash.parse.value import CommandOutput, Remark, UnreadLine

Severity = Literal["error", "warning", "note", "usage"]

_COMMAND = re.compile(r"\s*([*\w.-]+)")
_REMARK = re.compile(r"(?:[\w*.+-]{1,32}: ){0,2}(WARNING|NOTE|INFO|ERROR|FATAL ERROR): ")
_CRASH = re.compile(r"(?:crash[\w.+-]{0,16}|gdb): (?=\S)")
_GDB = re.compile(
    r"No symbol \".*\" in |No (?:struct|union|enum) type named |A (?:parse|syntax) error in expression"
    r"|Cannot access memory at |Attempt to (?:take|extract) "
    r"|Invalid (?:number|cast|character) |There is no member named "
    r"|\^C$|<interrupted>|invalid (?:kernel virtual|user virtual|structure|member|expression) "
)
_BROKEN = re.compile(
    r"\w{1,32}: invalid structure (?:member offset|size): |FILE: \S{1,64} +LINE: [0-9]|\[\S{1,256}\] error trace: "
)
_TRACED = "] error trace: "
_TRACE = re.compile(r"\s*[0-9a-f]{5,16}: (?:[\w.]{1,128}\+[0-9]{1,9}|\(undetermined\))\s*$")
_NOTHING = re.compile(r"\s*(?:--|-- MORE --  forward: .*)\s*$")
"""What stands between the lines of crash: the mark of ``grep -C`` between its finds, the prompt of the pager."""
_USAGE = "Usage:"
_USAGE_END = 'Enter "help '


class Answer(msgspec.Struct, frozen=True):
    """The lines that can be data, blank ones included, and the remarks between them."""

    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]


class NoData(CommandOutput, frozen=True, kw_only=True, tag="no-data"):
    """An answer that holds nothing but what crash said instead of data, as when it refuses a command."""


def answer(text: str, command: str) -> Answer:
    """Sort the lines of an answer to ``command`` (its first word counts) into data and remarks.

    A prompt line in front, as in pasted text, is dropped. A line that merely looks like a remark inside of data is the
    caller's: a parser whose data can begin with ``NAME: `` reads ``plain_lines`` itself.
    """
    found = _COMMAND.match(command)
    own = f"{found[1]}: " if found else ""
    lines: list[Line] = []
    remarks: list[Remark] = []
    usage = trace = False
    for line in plain_lines(text):
        severity = _severity(line.text, own, usage)
        if trace and not severity and _TRACE.match(line.text):
            severity = "error"
        trace = severity == "error" and (trace or _TRACED in line.text)
        usage = severity == "usage" and not line.text.lstrip().startswith(_USAGE_END)
        if severity and line.text.strip():
            remarks.append(
                Remark(line=line.number, span=(line.start, line.end), severity=severity, text=line.text.strip())
            )
        elif not (severity or prompt_command(line.text) is not None or _NOTHING.match(line.text)):
            lines.append(line)
    return Answer(tuple(lines), tuple(remarks))


def _severity(text: str, own: str, usage: bool) -> Severity | None:
    """What kind of remark a line is; None for data. ``own``: the command with a colon; ``usage``: one goes on."""
    # Pasted text may be indented as a whole.
    bare = text.lstrip()
    if bare.startswith(_USAGE):
        return "usage"
    if usage and (not bare or text.startswith("  ") or bare.startswith(_USAGE_END)):
        return "usage"
    found = _REMARK.match(bare)
    if found:
        word = found[1]
        return "warning" if word == "WARNING" else "note" if word in ("NOTE", "INFO") else "error"
    if own and bare.startswith((own, "foreach: ")) and len(bare) > len(own):
        return "error"
    if _CRASH.match(bare) or _GDB.match(bare) or _BROKEN.match(bare):
        return "error"
    return None


def unread(lines: Iterable[Line]) -> Iterator[UnreadLine]:
    """The lines that are not blank, as a parser hands on what it did not understand."""
    return (UnreadLine(line=line.number, text=line.text) for line in lines if line.text.strip())
