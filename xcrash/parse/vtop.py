# SPDX-License-Identifier: Apache-2.0
"""The translation of virtual addresses: ``vtop``, with the tables walked, the area, the page and the place in swap.

Source of the format: memory.c:do_vtop, the uvtop and kvtop of every machine: lines ``LEVEL: address => entry``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.page import PAGES, Page
from xcrash.parse.pte import Pte, ptes
from xcrash.parse.rows import read_tables
from xcrash.parse.sections import Place, extent, sections
from xcrash.parse.task_line import TaskLine, task_line
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span
from xcrash.parse.vm import VMAS, Vma

_HEADER = re.compile(r"\s*VIRTUAL +PHYSICAL\s*$")
_ADDRESS = re.compile(r"\s*([0-9a-f]{1,16}) +(?:([0-9a-f]{1,16})|\((not mapped|not accessible|[a-z ]{1,40})\))\s*$")
_LEVEL = re.compile(
    r"\s*([A-Z][A-Z0-9_]{0,15}(?: DIRECTORY)?): +([0-9a-f]{1,16})(?: +=> +([0-9a-f]{1,16}))?"
    r"(?: +\[(machine)\])?(?: +\(([0-9]{1,5}[KMG]B)\))?\s*$"
)
_PLACE = re.compile(r"\s*(SWAP|FILE): (.{1,256}?) {1,4}OFFSET: ([0-9a-f]{1,16})\s*$")
_NOTE = re.compile(r"\s*\(((?:page )?not available)\)\s*$")
_LONGEST = 400


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the walk: a table or an entry of it (``level`` PGD, PUD, PMD, PTE, PAGE ...) at ``address``.

    ``entry`` is what is in it, where printed; ``machine`` marks a machine address of a Xen guest, ``size`` the size
    of a huge page (``2MB``).
    """

    line: int
    span: Span
    level: str
    address: str
    entry: str | None
    machine: bool
    size: str | None


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """One address; ``physical`` is None where ``note`` says why (``not mapped``, ``not accessible``).

    ``swap`` or ``file`` and ``offset`` (in pages of the swap device, in bytes of the file) say where a page is that is
    not in memory.
    """

    line: int
    span: Span
    task: TaskLine | None
    virtual: str
    physical: str | None
    note: str | None
    levels: tuple[Level, ...]
    ptes: tuple[Pte, ...]
    vmas: tuple[Vma, ...]
    pages: tuple[Page, ...]
    swap: str | None = None
    file: str | None = None
    offset: int | None = None


class Vtop(CommandOutput, frozen=True, kw_only=True, tag="vtop"):
    """The translations in the order of the answer, one for each address and task."""

    translations: tuple[Translation, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Vtop] | None:
    """The parser for ``vtop ARGUMENTS``."""
    return parse


def parse(text: str) -> Vtop:
    """The translations of the answer."""
    said = answer(text, "vtop")
    found: list[Translation] = []
    left: list[Line] = []
    task: TaskLine | None = None
    waiting: list[Line] = []
    for head, place, lines in sections(said.lines, _head):
        if head and head[1]:
            left += [*waiting, *lines]
            task, waiting = head[1], [head[0]]
            continue
        address = _ADDRESS.match(lines[0].text) if head and lines and len(lines[0].text) < _LONGEST else None
        if not address:
            left += lines
            continue
        translation, rest = _translation(task, place, address, lines)
        found.append(translation)
        left += rest
        waiting = []
    left += waiting
    return Vtop(translations=tuple(found), remarks=said.remarks, unread=tuple(unread(sorted(left))))


def _head(line: Line) -> tuple[Line, TaskLine | None] | None:
    """Where an address, or the part of a task, begins."""
    task = task_line(line)
    return (line, task) if task or _HEADER.match(line.text[:_LONGEST]) else None


def _translation(
    task: TaskLine | None, place: Place, address: re.Match[str], lines: list[Line]
) -> tuple[Translation, list[Line]]:
    levels: list[Level] = []
    rest: list[Line] = []
    where: re.Match[str] | None = None
    note = address[3]
    for line in lines[1:]:
        short = len(line.text) < _LONGEST
        level = _level(line) if short else None
        here = _PLACE.match(line.text) if short and not (level or where) else None
        said = _NOTE.match(line.text) if short and not note else None
        if level:
            levels.append(level)
        elif here and (here[1] == "FILE" or here[3].isdigit()):
            where = here
        elif said:
            note = said[1]
        else:
            rest.append(line)
    entries, rest = ptes(rest)
    (vmas, pages), rest = read_tables(rest, VMAS, PAGES)
    place = extent(place, lines, rest)
    swap = bool(where and where[1] == "SWAP")
    return (
        Translation(
            line=place.line,
            span=place.span,
            task=task,
            virtual=f"0x{address[1]}",
            physical=f"0x{address[2]}" if address[2] else None,
            note=note,
            levels=tuple(levels),
            ptes=entries,
            vmas=vmas,
            pages=pages,
            swap=where[2] if where and swap else None,
            file=where[2] if where and not swap else None,
            offset=int(where[3], 10 if swap else 16) if where else None,
        ),
        rest,
    )


def _level(line: Line) -> Level | None:
    found = _LEVEL.match(line.text)
    if not found:
        return None
    return Level(
        line=line.number,
        span=(line.start, line.end),
        level=found[1],
        address=f"0x{found[2]}",
        entry=f"0x{found[3]}" if found[3] else None,
        machine=bool(found[4]),
        size=found[5],
    )
