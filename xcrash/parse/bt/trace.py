# SPDX-License-Identifier: Apache-2.0
"""Backtraces put together from their lines, one for each task.

Source of the form: kernel.c:back_trace, kernel.c:cmd_bt, x86_64.c:x86_64_low_budget_back_trace_cmd.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from xcrash.parse.bt.frame import Frame, StackWords, arguments, frame, pointers, source, stack_words, start
from xcrash.parse.bt.registers import Block, Registers
from xcrash.parse.task_line import TaskLine, task_line
from xcrash.parse.text import Line
from xcrash.parse.value import Span, address

_COMMAND = re.compile(r"\s*COMMAND: *\"(.*)\"\s*")
_HYPERVISOR = re.compile(r"\s*PCPU: +([0-9]{1,6}) +VCPU: +([0-9a-f]{6,16})\s*")
_SWITCH = re.compile(r"\s*---? ?<([\w #-]{1,60})> ?---?\s*|\s*-+ (Interrupt) -+\s*")
_SEARCHED = re.compile(r"\s*CPU ([0-9]{1,6}) ([\w #()-]{1,40}) STACK: *(?:\(none found\))?\s*")
_NONE_FOUND = re.compile(r"\s*\(none found\)\s*")
_OVERFLOW = re.compile(r"\s*possible stack overflow: (.*\S)\s*")
_NOTE = re.compile(
    r"\s*(?:\((active|no stack|no frame|no frames?)\)|(Task runs in userspace|CPU offline)"
    r"|[0-9a-f]{6,16}: (Task is running in [\w ()]+|GPR1 register value \(SP\) was not saved|Invalid Stack Pointer \w+)"
    r"|(Could not find SP for task \w+|(?:CPU [0-9]{1,6}: )?\[?OFFLINE\]?))\s*"
)


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What ``bt`` says of one task; ``pcpu`` and ``vcpu`` instead of a task in the hypervisor.

    ``registers`` stand before the first frame: a CPU that was stopped, or a task that runs in user space.
    ``exceptions`` are those ``bt -e`` finds. ``start`` is where ``bt -t`` began. ``words`` is the stack of ``bt -r``.
    ``notes`` are statements such as ``active`` or ``no stack``, ``overflows`` what ``bt -v`` suspects.
    """

    line: int
    span: Span
    task: TaskLine | None
    pcpu: int | None = None
    vcpu: str | None = None
    notes: tuple[str, ...] = ()
    overflows: tuple[str, ...] = ()
    start: Frame | None = None
    registers: Registers | None = None
    frames: tuple[Frame, ...] = ()
    exceptions: tuple[Registers, ...] = ()
    words: tuple[StackWords, ...] = ()


class SearchedStack(msgspec.Struct, frozen=True, kw_only=True):
    """``bt -E``: the exceptions found on one stack (``IRQ``, ``NMI EXCEPTION``, ...) of a CPU."""

    line: int
    span: Span
    cpu: int
    stack: str
    exceptions: tuple[Registers, ...] = ()


class Traces:
    """Backtraces while their lines are being read."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.stacks: list[SearchedStack] = []
        self.rest: list[Line] = []
        """The lines that nothing understood."""
        self._first: Line | None = None
        self._end = 0
        self._searched: tuple[int, str] | None = None
        self._task: TaskLine | None = None
        self._said: dict[str, Any] = {}
        self._clear()

    def _clear(self) -> None:
        """Begin a trace, or what is searched with ``bt -E``."""
        self._first = self._searched = self._task = None
        self._said = {}
        self._notes: list[str] = []
        self._overflows: list[str] = []
        self._frames: list[Frame] = []
        self._words: list[StackWords] = []
        self._raw: list[StackWords] = []
        self._exceptions: list[Registers] = []
        self._block: Block | None = None
        self._on_stack = 0

    def read(self, lines: Iterable[Line]) -> Traces:
        """Read lines without quoting; returns itself."""
        for line in lines:
            if not line.text or line.text.isspace():
                continue
            if self._code(line) or self._head(line) or self._registers(line) or self._other(line):
                self._first = self._first or line
                self._end = line.end
            else:
                self.rest.append(line)
                if line.text.lstrip().startswith("PID:"):
                    # A damaged head: what follows belongs to another task.
                    self._finish()
        self._finish()
        return self

    def _head(self, line: Line) -> bool:
        task, hypervisor = task_line(line), _HYPERVISOR.fullmatch(line.text)
        command = _COMMAND.fullmatch(line.text)
        if task:
            self._finish()
            self._task = task
        elif hypervisor:
            self._finish()
            self._said.update(pcpu=int(hypervisor[1]), vcpu=address(hypervisor[2]))
        elif command and self._task and self._task.command is None and not self._frames:
            span = (self._task.span[0], line.end)
            self._task = msgspec.structs.replace(self._task, command=command[1], span=span)
        else:
            return False
        return True

    def _code(self, line: Line) -> bool:
        """Take a line that names code, or words of the stack."""
        found = frame(line)
        if found:
            self._leave_searched()
            self._end_below()
            self._frames.append(found)
            return True
        words = None if _NOTE.fullmatch(line.text) else stack_words(line)
        first = None if words else start(line)
        if words:
            self._leave_searched()
            self._end_block()
            self._words.append(words)
        elif first:
            self._leave_searched()
            self._said["start"] = first
        return bool(words or first)

    def _registers(self, line: Line) -> bool:
        if self._block and self._block.begins(line.text):
            self._end_block()
        block = self._block or Block(line)
        if not block.read(line):
            return False
        self._block = block
        return True

    def _other(self, line: Line) -> bool:
        text = line.text
        if searched := _SEARCHED.fullmatch(text):
            self._finish()
            self._searched = (int(searched[1]), searched[2])
        elif self._searched and _NONE_FOUND.fullmatch(text):
            pass
        elif switch := _SWITCH.fullmatch(text):
            self._leave_searched()
            self._end_block()
            self._switch((switch[1] or switch[2]).removesuffix(" stack"))
        elif note := _NOTE.fullmatch(text):
            self._leave_searched()
            self._notes += [part for part in note.groups() if part]
        elif overflow := _OVERFLOW.fullmatch(text):
            self._leave_searched()
            self._overflows.append(overflow[1])
        else:
            return bool(self._frames) and self._below_frame(line)
        return True

    def _below_frame(self, line: Line) -> bool:
        last = self._frames[-1]
        at, sizes, called = source(line), pointers(line), arguments(line)
        if at:
            self._end_block()
            last = self._frames[-1]
            registers = last.registers
            if registers and last.source:
                last = msgspec.structs.replace(last, registers=msgspec.structs.replace(registers, source=at))
            else:
                last = msgspec.structs.replace(last, source=at)
        elif sizes:
            self._end_block()
            last = msgspec.structs.replace(self._frames[-1], pointers=sizes[0], size=sizes[1])
        elif called is not None and not (last.arguments or self._block or self._words):
            last = msgspec.structs.replace(last, arguments=called)
        else:
            return False
        self._frames[-1] = last
        return True

    def _switch(self, stack: str) -> None:
        """The frames since the switch before are on this stack."""
        if self._on_stack == len(self._frames):
            self._notes.append(f"{stack} stack")
        for at in range(self._on_stack, len(self._frames)):
            self._frames[at] = msgspec.structs.replace(self._frames[at], stack=stack)
        self._on_stack = len(self._frames)

    def _leave_searched(self) -> None:
        """A stack that is searched holds nothing but exceptions: this line is about something else."""
        if self._searched:
            self._finish()

    def _end_block(self) -> None:
        if not self._block:
            return
        found, self._block = self._block.finish(), None
        if self._frames and not self._frames[-1].registers and not found.at:
            self._frames[-1] = msgspec.structs.replace(self._frames[-1], registers=found)
        elif not (self._frames or self._searched or found.at or "registers" in self._said):
            self._said["registers"] = found
        else:
            self._exceptions.append(found)

    def _end_below(self) -> None:
        """Hand the registers and the words of the stack to the frame above them, or to the task."""
        self._end_block()
        if not self._frames:
            self._raw += self._words
        elif self._words:
            self._frames[-1] = msgspec.structs.replace(self._frames[-1], words=tuple(self._words))
        self._words = []

    def _finish(self) -> None:
        self._end_below()
        exceptions = tuple(self._exceptions)
        if self._first:
            line, span = self._first.number, (self._first.start, self._end)
            if self._searched:
                cpu, stack = self._searched
                self.stacks.append(SearchedStack(line=line, span=span, cpu=cpu, stack=stack, exceptions=exceptions))
            else:
                trace = Trace(
                    line=line,
                    span=span,
                    task=self._task,
                    notes=tuple(self._notes),
                    overflows=tuple(self._overflows),
                    frames=tuple(self._frames),
                    words=tuple(self._raw),
                    exceptions=exceptions,
                    **self._said,
                )
                self.traces.append(trace)
        self._clear()
