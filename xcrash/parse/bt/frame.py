# SPDX-License-Identifier: Apache-2.0
"""The lines of a backtrace that name a function, and what stands below them: words of the stack, file and line.

Source of the forms: x86_64.c:x86_64_print_stack_entry, arm64.c:arm64_print_stackframe_entry,
ppc64.c:ppc64_print_stack_entry, s390x.c:print_frame, riscv64.c:riscv64_dump_backtrace_entry,
lkcd_x86_trace.c:print_stack_entry, arm.c:arm_dump_backtrace_entry, ia64.c, xen_hyper.c.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.bt.registers import Registers, Source
from xcrash.parse.text import Line
from xcrash.parse.value import Span, address

_CODE = (
    r"(?P<function>\S(?:[^\n]{0,300}?\S)?)(?: \(via (?P<via>[^\s()]{1,128})\))?"
    r" at (?P<address>[0-9a-f]{1,16})(?![0-9a-f])(?: \[(?P<module>[\w.-]{1,64})\])?"
)
_FRAME = re.compile(
    r"\s*(?:(?:#(?P<level>[0-9]{1,5})|\[Link Register ?\]) *)?\[(?:BSP:)?(?P<sp>[0-9a-f]{6,16})\] "
    rf"{_CODE}(?P<tail>.*)"
)
_COMMON = re.compile(
    r" *#([0-9]{1,5}) +\[([0-9a-f]{6,16})\] ([^\s+()\[]+) at ([0-9a-f]{1,16})(?: \[([\w.-]{1,64})\])?\s*"
)
"""A frame as almost all are; a part of what ``_FRAME`` knows."""
_START = re.compile(rf"\s*START: {_CODE}(?P<tail>.*)")
_ARM = re.compile(
    r"\s*#(?P<level>[0-9]{1,5}) +\[<(?P<address>[0-9a-f]{6,16})>\] "
    r"\((?P<function>[^\s()]{1,300})(?: \[(?P<module>[\w.-]{1,64})\])?\)"
    r" from \[<(?P<caller>[0-9a-f]{1,16})>\](?P<tail>.*)"
)
_OFFSET = re.compile(r"(\S+)\+(0x[0-9a-f]{1,16}|[0-9]{1,19})")
_UNRELIABLE = re.compile(r"\s+\(unreliable\)\s*")
_WORDS = re.compile(r"\s*(?P<address>[0-9a-f]{8,16}): {1,2}(?P<words>[^\s:]\S*(?: +\S+)*)\s*")
_WORD = re.compile(r"[0-9a-f]{8,16}")
_SOURCE = re.compile(r"\s*(?P<file>(?=[^\s:]*[./])[^\s:()\[\]]+): (?P<line>[0-9]{1,7})\s*")
_SIZES = re.compile(r"\s*\[((?:[A-Z]{2}: [0-9a-f]{6,16} +){2,4})SIZE: (-?[0-9]{1,10})\]\s*")
_ARGUMENTS = re.compile(r"\s*\((?P<arguments>[\w<>+.-]{1,80}(?:, [\w<>+.-]{1,80}){0,20})\)\s*")


class StackWords(msgspec.Struct, frozen=True, kw_only=True):
    """``bt -f`` and ``bt -r``: words of the stack from ``address`` on.

    A word that ``-F`` prints by name is as printed: ``panic+720``, ``[filp]``, ``[ffff8c1841f248c0:task_struct]``.
    """

    line: int
    span: Span
    address: str | None
    words: tuple[str, ...]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One function of a backtrace, or with ``-t`` and ``-T`` one text address on the stack, which has no ``level``.

    ``address`` is the text address, ``sp`` the place on the stack, ``caller`` the return address where that is printed
    instead (32-bit arm). ``offset`` in the function is only printed with ``-s``. ``stack`` is the name of the stack
    that the frame is on (``IRQ``, ``NMI exception``), None for the stack of the process. ``registers`` are those
    printed below the frame. ``reliable`` is False where crash says so; ``note`` is what else stands behind the frame.
    ``pointers`` and ``size`` are the frame's bounds where -f prints them, ``arguments`` those guessed on old i386.
    """

    line: int
    span: Span
    level: int | None
    sp: str | None
    function: str
    offset: int | None
    address: str | None
    module: str | None
    via: str | None = None
    caller: str | None = None
    reliable: bool = True
    note: str | None = None
    stack: str | None = None
    source: Source | None = None
    arguments: tuple[str, ...] = ()
    pointers: dict[str, str] = {}
    size: int | None = None
    words: tuple[StackWords, ...] = ()
    registers: Registers | None = None


def frame(line: Line) -> Frame | None:
    """The frame on a line; None for any other line."""
    text = line.text
    if "[" not in text or len(text) > 600:
        return None
    common = _COMMON.fullmatch(text)
    if common:
        level, sp, function, code, module = common.groups()
        return Frame(
            line=line.number,
            span=(line.start, line.end),
            level=int(level),
            sp="0x" + sp,
            function=function,
            offset=None,
            address="0x" + code,
            module=module,
        )
    found = _FRAME.fullmatch(text) or _ARM.fullmatch(text)
    return _frame(line, found) if found else None


def start(line: Line) -> Frame | None:
    """The place where ``bt -t`` begins to look."""
    found = _START.fullmatch(line.text) if "START:" in line.text and len(line.text) < 600 else None
    return _frame(line, found) if found else None


def _frame(line: Line, found: re.Match[str]) -> Frame | None:
    said = found.groupdict()
    tail = said["tail"].strip()
    unreliable = _UNRELIABLE.fullmatch(said["tail"]) is not None
    if tail and not unreliable and said["tail"][:1] not in " \t":
        return None
    located = _OFFSET.fullmatch(said["function"])
    return Frame(
        line=line.number,
        span=(line.start, line.end),
        level=int(said["level"]) if said.get("level") else None,
        sp=_pointer(said.get("sp")),
        function=located[1] if located else said["function"],
        offset=int(located[2], 0) if located else None,
        address=_pointer(said["address"]),
        module=said["module"],
        via=said.get("via"),
        caller=_pointer(said.get("caller")),
        reliable=not unreliable,
        note=tail if tail and not unreliable else None,
    )


def stack_words(line: Line) -> StackWords | None:
    """The words of the stack on a line; None for any other line."""
    found = _WORDS.fullmatch(line.text) if ": " in line.text else None
    if not found:
        return None
    words = tuple("0x" + word if _WORD.fullmatch(word) else word for word in found["words"].split())
    span = (line.start, line.end)
    return StackWords(line=line.number, span=span, address=address(found["address"]), words=words)


def source(line: Line) -> Source | None:
    """The file and line that ``bt -l`` prints below a frame."""
    found = _SOURCE.fullmatch(line.text)
    return Source(file=found["file"], line=int(found["line"])) if found else None


def pointers(line: Line) -> tuple[dict[str, str], int] | None:
    """The bounds and the size in bytes of a frame, as 32-bit kernels have them with ``bt -f``."""
    found = _SIZES.fullmatch(line.text)
    if not found:
        return None
    words = found[1].split()
    return {name.rstrip(":"): "0x" + value for name, value in zip(words[::2], words[1::2], strict=True)}, int(found[2])


def arguments(line: Line) -> tuple[str, ...] | None:
    """The arguments of a call; ``(void)`` is none at all."""
    found = _ARGUMENTS.fullmatch(line.text)
    if not found:
        return None
    return () if found["arguments"] == "void" else tuple(found["arguments"].split(", "))


def _pointer(digits: str | None) -> str | None:
    return "0x" + digits if digits else None
