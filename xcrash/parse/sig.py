# SPDX-License-Identifier: Apache-2.0
"""Signals of tasks: ``sig`` and ``-g`` (thread group), ``-l`` (the names of the signals), ``-s`` (a set by names).

Source of the formats: task.c:do_sig, task.c:do_sig_thread_group, task.c:dump_signal_data, task.c:signame_list,
task.c:translate_sigset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.sections import by_task, extent
from xcrash.parse.task_line import TaskLine
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_STRUCT = re.compile(r"\s*SIGNAL_STRUCT: +([0-9a-f]{6,16})(?: +(?:COUNT|NR_THREADS): +([0-9]{1,9}))?\s*$")
_ACTION = re.compile(
    r"\s*\[ *([0-9]{1,3})\] +([0-9a-f]{6,16}) +(SIG_\w{1,16}|[0-9a-f]{1,16}) +([0-9a-f]{16}) +([0-9a-f]{1,16})"
    r"(?: +\(([A-Z_|]{1,200})\))?\s*$"
)
_ACTIONS = ["SIG", "SIGACTION", "HANDLER", "MASK", "FLAGS"]
_LABEL = re.compile(r"\s*(SIGPENDING|BLOCKED|SIGNAL|SIGQUEUE): +(\S.*)$")
_PENDING = re.compile(r"\s*(PRIVATE|SHARED)_PENDING\s*$")
_QUEUED = re.compile(r"\s*([0-9]{1,3}) +([0-9a-f]{6,16})\s*$")
_MASK = re.compile(r"[0-9a-f]{16}")
_NAMED = re.compile(r"\s*\[ *([0-9]{1,3})\] +(SIG[A-Z0-9+\-/]{1,60})\s*$")
_NAME = re.compile(r"SIG[A-Z0-9]{1,12}(?:[+-][0-9]{1,2})?(?:/SIG[A-Z]{1,12})?")
_LONGEST = 400


class SigAction(msgspec.Struct, frozen=True, kw_only=True):
    """What a signal does: ``handler`` is SIG_DFL, SIG_IGN or an address, ``mask`` the signals blocked meanwhile."""

    line: int
    span: Span
    sig: int
    sigaction: str
    handler: str
    mask: str
    flags: str
    flag_names: tuple[str, ...]


class Siginfo(msgspec.Struct, frozen=True, kw_only=True):
    """One queued signal."""

    line: int
    span: Span
    sig: int
    siginfo: str


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """The pending signals of a thread or of its group: ``signal`` is the set as a mask, ``sigqueue`` the queue."""

    line: int
    span: Span
    signal: str | None
    sigqueue: tuple[Siginfo, ...]


class TaskSignals(msgspec.Struct, frozen=True, kw_only=True):
    """What a section says of a task; with ``-g`` the group's part comes first, then one section for each thread."""

    line: int
    span: Span
    task: TaskLine | None
    signal_struct: str | None = None
    nr_threads: int | None = None
    actions: tuple[SigAction, ...] = ()
    sigpending: bool | None = None
    blocked: str | None = None
    private_pending: Pending | None = None
    shared_pending: Pending | None = None


class Signals(CommandOutput, frozen=True, kw_only=True, tag="sig"):
    """The signals of every task of the answer."""

    tasks: tuple[TaskSignals, ...]


class SignalNames(msgspec.Struct, frozen=True, kw_only=True):
    """A signal with the names it has."""

    line: int
    span: Span
    sig: int
    names: tuple[str, ...]


class SignalList(CommandOutput, frozen=True, kw_only=True, tag="sig-l"):
    """The signals that the kernel knows."""

    signals: tuple[SignalNames, ...]


class SignalSet(CommandOutput, frozen=True, kw_only=True, tag="sig-s"):
    """The names of the signals in a set."""

    names: tuple[str, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``sig ARGUMENTS``."""
    return parse_list if "-l" in arguments else parse_set if "-s" in arguments else parse


def parse(text: str) -> Signals:
    """The tasks of the answer with their signals."""
    said = answer(text, "sig")
    tasks, left = [], []
    for task, place, lines in by_task(said.lines):
        signals = _Signals()
        rest = [line for line in lines if not signals.take(line)]
        left += rest
        place = extent(place, lines, rest)
        if task or len(rest) < len(lines):
            tasks.append(
                TaskSignals(
                    line=place.line,
                    span=place.span,
                    task=task,
                    signal_struct=signals.struct,
                    nr_threads=signals.threads,
                    actions=tuple(signals.actions),
                    sigpending=signals.sigpending,
                    blocked=signals.blocked,
                    private_pending=signals.pending("PRIVATE"),
                    shared_pending=signals.pending("SHARED"),
                )
            )
    return Signals(tasks=tuple(tasks), remarks=said.remarks, unread=tuple(unread(left)))


def parse_list(text: str) -> SignalList:
    """The answer to ``sig -l``."""
    said = answer(text, "sig")
    signals, left = [], []
    for line in said.lines:
        found = _NAMED.match(line.text) if len(line.text) < _LONGEST else None
        if found:
            signals.append(
                SignalNames(
                    line=line.number,
                    span=(line.start, line.end),
                    sig=int(found[1]),
                    names=tuple(found[2].split("/")),
                )
            )
        else:
            left.append(line)
    return SignalList(signals=tuple(signals), remarks=said.remarks, unread=tuple(unread(left)))


def parse_set(text: str) -> SignalSet:
    """The answer to ``sig -s SET``."""
    said = answer(text, "sig")
    names: list[str] = []
    left: list[Line] = []
    for line in said.lines:
        words = line.text.split()
        if all(_NAME.fullmatch(word) for word in words):
            names += words
        else:
            left.append(line)
    return SignalSet(names=tuple(names), remarks=said.remarks, unread=tuple(unread(left)))


class _Signals:
    """What was read of one task so far."""

    def __init__(self) -> None:
        self.struct: str | None = None
        self.threads: int | None = None
        self.actions: list[SigAction] = []
        self.sigpending: bool | None = None
        self.blocked: str | None = None
        self._pending: dict[str, tuple[Line, list[str], list[Siginfo]]] = {}
        self._open = ""

    def take(self, line: Line) -> bool:
        """Add what a line says; False if it says nothing known."""
        if len(line.text) >= _LONGEST:
            return False
        if line.text.split() == _ACTIONS:
            return True
        return self._head(line) or self._action(line) or self._queued(line) or self._label(line)

    def pending(self, kind: str) -> Pending | None:
        """The PRIVATE or SHARED pending signals."""
        if kind not in self._pending:
            return None
        head, masks, queue = self._pending[kind]
        return Pending(
            line=head.number,
            span=(head.start, queue[-1].span[1] if queue else head.end),
            signal=masks[0] if len(masks) == 1 else None,
            sigqueue=tuple(queue),
        )

    def _head(self, line: Line) -> bool:
        found = _STRUCT.match(line.text)
        if found and not self.struct:
            self.struct, self.threads = f"0x{found[1]}", int(found[2]) if found[2] else None
            return True
        kind = _PENDING.match(line.text)
        if not kind or kind[1] in self._pending:
            return False
        self._open = kind[1]
        self._pending[self._open] = line, [], []
        return True

    def _action(self, line: Line) -> bool:
        found = _ACTION.match(line.text)
        if not found:
            return False
        self.actions.append(
            SigAction(
                line=line.number,
                span=(line.start, line.end),
                sig=int(found[1]),
                sigaction=f"0x{found[2]}",
                handler=found[3] if found[3].startswith("SIG_") else f"0x{found[3]}",
                mask=f"0x{found[4]}",
                flags=f"0x{found[5]}",
                flag_names=tuple(found[6].split("|")) if found[6] else (),
            )
        )
        return True

    def _queued(self, line: Line) -> bool:
        found = _QUEUED.match(line.text) if self._open else None
        if not found:
            return False
        self._pending[self._open][2].append(
            Siginfo(line=line.number, span=(line.start, line.end), sig=int(found[1]), siginfo=f"0x{found[2]}")
        )
        return True

    def _label(self, line: Line) -> bool:
        found = _LABEL.match(line.text)
        name, value = (found[1], found[2].rstrip()) if found else ("", "")
        if name == "SIGPENDING" and value in ("yes", "no"):
            self.sigpending, self._open = value == "yes", ""
        elif name == "BLOCKED" and _MASK.fullmatch(value):
            self.blocked = f"0x{value}"
        elif name == "SIGNAL" and self._open and _MASK.fullmatch(value):
            self._pending[self._open][1].append(f"0x{value}")
        elif not (name == "SIGQUEUE" and self._open and value.split() in (["(empty)"], ["SIG", "SIGINFO"])):
            return False
        return True
