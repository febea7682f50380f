# SPDX-License-Identifier: Apache-2.0
"""The stacks of many tasks, as ``foreach bt`` prints them: which tasks are at the very same place, and what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from xcrash.parse.bt import Bt
from xcrash.parse.bt.frame import Frame
from xcrash.parse.bt.trace import Trace

_GIVES_UP_CPU = (
    "__schedule",
    "schedule",
    "preempt_schedule",
    "io_schedule",
    "schedule_",
    "__switch_to",
    "context_switch",
    "crash_nmi_callback",
    "nmi_handle",
    "default_do_nmi",
    "exc_nmi",
    "end_repeat_nmi",
    "asm_exc_nmi",
    "do_nmi",
)
"""How the names of functions begin that only say that a task is off its CPU, or was stopped there."""


class StackGroup(NamedTuple):
    """Tasks with the same functions on their stacks, callee first.

    ``waits`` is the first function that tells what for, ``traces`` are the stacks in the order they were printed.
    """

    functions: tuple[str, ...]
    waits: str
    traces: tuple[Trace, ...]


def groups(bt: Bt) -> list[StackGroup]:
    """The groups of all traces that name a task, the largest first; a task without a stack is in one of its own."""
    found: dict[tuple[str, ...], list[Trace]] = {}
    for trace in bt.traces:
        if trace.task is not None:
            found.setdefault(_functions(trace), []).append(trace)
    made = [StackGroup(functions, waits_in(functions), tuple(traces)) for functions, traces in found.items()]
    return sorted(made, key=lambda group: -len(group.traces))


def waits_in(functions: Sequence[str]) -> str:
    """The first function that tells what a task waits for; empty without any."""
    telling = (name for name in functions if not name.startswith(_GIVES_UP_CPU))
    return next(telling, functions[0] if functions else "")


def trace_of(bt: Bt, pid: int | None, task: str | None) -> Trace | None:
    """The trace of one task: by its address, by its PID where that is not the idle tasks' 0."""
    for trace in bt.traces:
        if trace.task is None:
            continue
        if task is not None and trace.task.task is not None:
            if trace.task.task == task:
                return trace
        elif pid and trace.task.pid == pid:
            return trace
    return None


def _functions(trace: Trace) -> tuple[str, ...]:
    names = tuple(_names(trace.frames))
    return names or tuple(f"({note})" for note in trace.notes)


def _names(frames: Iterable[Frame]) -> Iterable[str]:
    for frame in frames:
        yield f"{frame.function} [{frame.module}]" if frame.module else frame.function
