# SPDX-License-Identifier: Apache-2.0
"""What is shown of one task: its stack, files, memory and signals, each declared with the command behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xcrash.literal import one_line
from xcrash.overview.words import size as words_of_size
from xcrash.parse.bt import Bt
from xcrash.parse.bt.registers import Registers
from xcrash.parse.bt.trace import Trace
from xcrash.parse.files import Files, OpenFile, TaskFiles
from xcrash.parse.ps import Task
from xcrash.parse.sig import SigAction, Signals, TaskSignals
from xcrash.parse.vm import TaskVm, Vm, Vma
from xcrash.tasks import trace_of
from xcrash.tui.tables.page import SubjectPage, address, bytes_of, number, shown, symbol, text
from xcrash.tui.widgets.row_table import Column

_CODE = ("RIP", "PC", "LR", "EIP", "NIP", "PSW_ADDRESS")


class StackRow(NamedTuple):
    """A frame, or registers between frames; ``line`` is that of the answer, from 1."""

    level: int | None
    function: str
    address: str | None
    symbol: str | None
    sp: str | None
    note: str
    line: int


def _stack_rows(trace: Trace) -> list[StackRow]:
    rows: list[StackRow] = []
    if trace.registers:
        rows += _register_rows(trace.registers)
    for frame in trace.frames:
        module = f" [{frame.module}]" if frame.module else ""
        note = " ".join(part for part in (frame.stack, frame.note, "" if frame.reliable else "not reliable") if part)
        function = f"{frame.function}{module}"
        rows.append(
            StackRow(frame.level, function, frame.address, frame.function, frame.sp, note, frame.line),
        )
        if frame.registers:
            rows += _register_rows(frame.registers)
    return rows


def _register_rows(registers: Registers) -> Iterator[StackRow]:
    for name in _CODE:
        if name in registers.values:
            where = registers.symbols.get(name, "")
            said = f"{name}: {where or registers.values[name]}"
            yield StackRow(None, said, registers.values[name], where or None, None, "registers", registers.line)


def _frame_leads(row: StackRow) -> tuple[str, ...]:
    at, name = address(row.address), symbol(row.symbol)
    if at is not None and set(at) == {"0"}:
        at = None
    by_address = (f"dis -rl {at}", f"sym {at}") if at else ()
    return (*by_address, *((f"dis {name}", f"sym {name}", f"whatis {name}") if name and "." not in name else ()))


def _file_leads(row: OpenFile) -> tuple[str, ...]:
    file, dentry, inode = address(row.file), address(row.dentry), address(row.inode)
    return (
        *((f"struct file {file}",) if file else ()),
        *((f"files -d {dentry}", f"struct dentry {dentry}") if dentry else ()),
        *((f"struct inode {inode}",) if inode else ()),
    )


def _vma_leads(row: Vma) -> tuple[str, ...]:
    vma = address(row.vma)
    return (f"struct vm_area_struct {vma}", f"kmem {vma}") if vma else ()


def _action_leads(row: SigAction) -> tuple[str, ...]:
    at, handler = address(row.sigaction), address(row.handler)
    return (*((f"struct k_sigaction {at}",) if at else ()), *((f"sym {handler}",) if handler else ()))


def _own(value: Any, task: Task) -> Any:
    """The section of the task, the only one if the answer names none."""
    sections = value.tasks
    for section in sections:
        if section.task is not None and section.task.pid == task.pid and section.task.task in (task.task, None):
            return section
    return sections[0] if len(sections) == 1 and sections[0].task is None else None


def _span(row: Vma) -> int | None:
    try:
        return int(row.end or "", 16) - int(row.start or "", 16)
    except ValueError:
        return None


def _memory_about(vm: TaskVm) -> str:
    if vm.mm and not int(vm.mm, 16):
        return "no memory of its own: a kernel thread"
    sizes = (("RSS", vm.rss), ("total", vm.total_vm))
    return "  ".join(f"{name} {words_of_size(value)}" for name, value in sizes if value is not None)


def _signal_about(signals: TaskSignals) -> str:
    pending = {True: "a signal is pending", False: "no signal pending", None: ""}[signals.sigpending]
    blocked = f"blocked {signals.blocked}" if signals.blocked and int(signals.blocked, 16) else ""
    return "  ".join(part for part in (pending, blocked) if part)


def _files_about(files: TaskFiles) -> str:
    parts = [f"{name} {one_line(path)}" for name, path in (("root", files.root), ("cwd", files.cwd)) if path]
    return "  ".join(parts)


STACK = SubjectPage(
    "Stack",
    "bt",
    "frames",
    lambda value, task: trace_of(value, task.pid, task.task) if isinstance(value, Bt) else None,
    _stack_rows,
    (
        Column("#", lambda row: "" if row.level is None else str(row.level), lambda row: row.level, right=True),
        text("FUNCTION", lambda row: row.function, most=48),
        text("ADDRESS", lambda row: row.address, rank=1),
        Column("NOTE", lambda row: row.note, rank=3),
        text("STACK", lambda row: row.sp, rank=2),
    ),
    _frame_leads,
    lambda trace: "  ".join(trace.notes),
)
FILES = SubjectPage(
    "Files",
    "files",
    "files",
    lambda value, task: _own(value, task) if isinstance(value, Files) else None,
    lambda files: files.files,
    (
        number("FD", lambda row: row.fd),
        text("TYPE", lambda row: row.type),
        text("FILE", lambda row: row.file, rank=2),
        text("DENTRY", lambda row: row.dentry, rank=3),
        Column("PATH", lambda row: row.path),
    ),
    _file_leads,
    _files_about,
)
MEMORY = SubjectPage(
    "Memory",
    "vm",
    "mappings",
    lambda value, task: _own(value, task) if isinstance(value, Vm) else None,
    lambda vm: vm.vmas,
    (
        text("START", lambda row: row.start),
        bytes_of("SIZE", _span),
        text("FLAGS", lambda row: row.flags, rank=1),
        text("END", lambda row: row.end, rank=2),
        text("VMA", lambda row: row.vma, rank=3),
        Column("FILE", lambda row: row.file),
    ),
    _vma_leads,
    _memory_about,
)
SIGNALS = SubjectPage(
    "Signals",
    "sig",
    "signals",
    lambda value, task: _own(value, task) if isinstance(value, Signals) else None,
    lambda signals: signals.actions,
    (
        number("SIG", lambda row: row.sig),
        text("HANDLER", lambda row: row.handler),
        Column("FLAGS", lambda row: "|".join(row.flag_names) or shown(row.flags)),
        text("MASK", lambda row: row.mask, rank=1),
        text("SIGACTION", lambda row: row.sigaction, rank=2),
    ),
    _action_leads,
    _signal_about,
)

TASK_PAGES: tuple[SubjectPage, ...] = (STACK, FILES, MEMORY, SIGNALS)
