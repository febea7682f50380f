# SPDX-License-Identifier: Apache-2.0
"""The address spaces of tasks: ``vm``, ``-p`` and ``-P`` (pages), ``-m`` and ``-v`` (structs), ``-f`` (flags).

Source of the formats: memory.c:vm_area_dump, memory.c:vm_area_page_dump, memory.c:do_vm_flags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, structures
from xcrash.parse.rows import Table, kilobytes, pointer, text
from xcrash.parse.sections import by_task, extent, sections
from xcrash.parse.task_line import TaskLine
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_PAGE = re.compile(
    r"\s*([0-9a-f]{1,16}) +(?:([0-9a-f]{1,16})|\((?:not mapped|[a-z ]+)\)"
    r"|(SWAP|FILE): (.*?) {1,4}OFFSET: ([0-9a-f]{1,16}))\s*$"
)
_PAGES = re.compile(r"\s*VIRTUAL +PHYSICAL\s*$")
_FLAGS = re.compile(r"\s*([0-9a-f]{1,16}): +\(([A-Z0-9_|x]*)\)\s*$")
_LAYOUT = ("VMA", "START", "END", "FLAGS", "FILE")
_LONGEST = 10_000


class VmPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page: where it is in memory (``physical``), or in which file or swap device.

    ``offset`` is that in bytes of a file, that in pages of a swap device. All are None for a page that is not mapped.
    """

    line: int
    span: Span
    virtual: str
    physical: str | None = None
    swap: str | None = None
    file: str | None = None
    offset: int | None = None


class Vma(msgspec.Struct, frozen=True, kw_only=True):
    """One vm_area_struct from ``start`` up to, not including, ``end``; ``flags`` are vm_flags, a mask of bits.

    ``file`` is empty for anonymous memory; ``pages`` come with ``-p`` and ``-P``.
    """

    line: int
    span: Span
    vma: str | None
    start: str | None
    end: str | None
    flags: str | None
    file: str = ""
    pages: tuple[VmPage, ...] = ()


class TaskVm(msgspec.Struct, frozen=True, kw_only=True):
    """The address space of one task; sizes are bytes. A kernel thread has none: ``mm`` is 0x0.

    ``structs`` are mm_struct (``-m``) or the vm_area_structs (``-v``).
    """

    line: int
    span: Span
    task: TaskLine | None
    mm: str | None = None
    pgd: str | None = None
    rss: int | None = None
    total_vm: int | None = None
    vmas: tuple[Vma, ...] = ()
    structs: tuple[Instance, ...] = ()


class Vm(CommandOutput, frozen=True, kw_only=True, tag="vm"):
    """The address space of every task named in the answer, one entry for each."""

    tasks: tuple[TaskVm, ...]


class VmFlags(CommandOutput, frozen=True, kw_only=True, tag="vm-f"):
    """The names of the bits of a vm_flags value."""

    value: str | None
    flags: tuple[str, ...]


class _Mm(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    span: Span
    mm: str | None
    pgd: str | None
    rss: int | None
    total_vm: int | None


_MM = Table(
    _Mm,
    {"MM": ("mm", pointer), "PGD": ("pgd", pointer), "RSS": ("rss", kilobytes), "TOTAL_VM": ("total_vm", kilobytes)},
)
VMAS = Table(
    Vma,
    {
        "VMA": ("vma", pointer),
        "START": ("start", pointer),
        "END": ("end", pointer),
        "FLAGS": ("flags", pointer),
        "FILE": ("file", text),
    },
    " ".join(_LAYOUT),
    optional=1,
)
"""The table of vm_area_structs, which ``vtop`` prints as well."""


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``vm ARGUMENTS``."""
    return parse_flags if "-f" in arguments else parse


def parse(text: str) -> Vm:
    """The tasks of the answer with what it says of their memory."""
    said = answer(text, "vm")
    tasks, left = [], []
    for task, place, lines in by_task(said.lines):
        found, rest = structures(lines)
        spaces, rest = _MM.read(rest)
        vmas, rest = _vmas(rest)
        rest = [line for line in rest if line.text.strip() != "(not found)"]
        left += rest
        place = extent(place, lines, rest)
        mm = spaces[0] if len(spaces) == 1 else None
        if task or spaces or vmas or found:
            tasks.append(
                TaskVm(
                    line=place.line,
                    span=place.span,
                    task=task,
                    mm=mm.mm if mm else None,
                    pgd=mm.pgd if mm else None,
                    rss=mm.rss if mm else None,
                    total_vm=mm.total_vm if mm else None,
                    vmas=vmas,
                    structs=found,
                )
            )
    return Vm(tasks=tuple(tasks), remarks=said.remarks, unread=tuple(unread(left)))


def parse_flags(text: str) -> VmFlags:
    """The answer to ``vm -f VALUE``."""
    said = answer(text, "vm")
    found, left = None, []
    for line in said.lines:
        here = _FLAGS.match(line.text) if not found else None
        if here:
            found = here
        else:
            left.append(line)
    return VmFlags(
        value=f"0x{found[1]}" if found else None,
        flags=tuple(name for name in found[2].split("|") if name) if found else (),
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def _vmas(lines: list[Line]) -> tuple[tuple[Vma, ...], list[Line]]:
    """The areas with their pages, and the lines that are neither."""
    vmas: list[Vma] = []
    left: list[Line] = []
    for vma, _, body in sections(lines, _vma):
        rest = [line for line in body if not VMAS.header(line.text)]
        if vma:
            pages = [(line, page(line)) for line in rest if not _PAGES.match(line.text)]
            found = tuple(found for _, found in pages if found)
            span = (vma.span[0], found[-1].span[1]) if found else vma.span
            vmas.append(msgspec.structs.replace(vma, span=span, pages=found))
            rest = [line for line, found_page in pages if not found_page]
        left += rest
    return tuple(vmas), left


def _vma(line: Line) -> Vma | None:
    return VMAS.row(line, _LAYOUT)


def page(line: Line) -> VmPage | None:
    """The page that a line below ``VIRTUAL PHYSICAL`` translates; None for any other line."""
    found = _PAGE.match(line.text) if len(line.text) < _LONGEST else None
    if not found:
        return None
    swap = found[3] == "SWAP"
    if swap and not found[5].isdigit():
        return None
    return VmPage(
        line=line.number,
        span=(line.start, line.end),
        virtual=f"0x{found[1]}",
        physical=f"0x{found[2]}" if found[2] else None,
        swap=found[4] if swap else None,
        file=found[4] if found[3] == "FILE" else None,
        offset=int(found[5], 10 if swap else 16) if found[5] else None,
    )
