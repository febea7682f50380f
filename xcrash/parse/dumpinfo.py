# SPDX-License-Identifier: Apache-2.0
"""The ELF notes of the dump of a hypervisor: one row for each CPU, with its times (``-t``) and registers (``-r``).

Source of the format: xen_hyper_command.c:xen_hyper_do_dumpinfo, xen_hyper_command.c:xen_hyper_show_dumpinfo; which
columns there are depends on the version of the notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span
from xcrash.parse.xen_table import Row, rows

_COLUMNS = ("PCID", "ENOTE", "CORE", "XEN_CORE", "XEN_INFO")
_TIMES = re.compile(r"\s*tv_sec\s+tv_usec\s*$")
_TIME = re.compile(r"\s*pr_(utime|stime|cutime|cstime)\s+([0-9a-f]{1,16})\s+([0-9a-f]{1,16})\s*$")
_REGISTERS = re.compile(r"\s*Register information\(([0-9a-f]{1,16})\):\s*$")
_REGISTER = re.compile(r"\s*([a-z][a-z0-9_]*) = 0x([0-9a-f]{1,16})\s*$")


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """A register and its value."""

    name: str
    value: str


class Time(msgspec.Struct, frozen=True, kw_only=True):
    """A time of ELF's prstatus: ``utime``, ``stime``, ``cutime`` or ``cstime``, in seconds."""

    name: str
    seconds: float


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """The notes of a physical CPU: addresses of all, of its core, of Xen's core and, for one CPU, of Xen's info."""

    line: int
    span: Span
    pcpu_id: int | None
    enote: str | None
    core: str | None
    xen_core: str | None
    xen_info: str | None
    times: tuple[Time, ...] = ()
    registers_address: str | None = None
    registers: tuple[Register, ...] = ()


class Dumpinfo(CommandOutput, frozen=True, kw_only=True, tag="dumpinfo"):
    """The notes in the order of the table."""

    notes: tuple[Note, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Dumpinfo] | None:
    """The parser for ``dumpinfo ARGUMENTS``."""
    return parse


class _Open:
    """A row to which the lines below belong."""

    def __init__(self, row: Row) -> None:
        self.row, self.end = row, row.line.end
        self.times: list[Time] = []
        self.address: str | None = None
        self.registers: list[Register] = []

    def take(self, line: Line) -> bool:
        """Whether the line says something of this CPU."""
        if found := _TIME.match(line.text):
            seconds = int(found[2], 16) + int(found[3], 16) / 1e6
            self.times.append(Time(name=found[1], seconds=seconds))
        elif found := _REGISTERS.match(line.text):
            self.address = "0x" + found[1]
        elif self.address and (found := _REGISTER.match(line.text)):
            self.registers.append(Register(name=found[1], value="0x" + found[2]))
        elif not _TIMES.match(line.text):
            return False
        self.end = line.end
        return True

    def note(self) -> Note:
        row = self.row
        return Note(
            line=row.line.number,
            span=(row.line.start, self.end),
            pcpu_id=row.number("PCID"),
            enote=row.address("ENOTE"),
            core=row.address("CORE"),
            xen_core=row.address("XEN_CORE"),
            xen_info=row.address("XEN_INFO"),
            times=tuple(self.times),
            registers_address=self.address,
            registers=tuple(self.registers),
        )


def parse(text: str) -> Dumpinfo:
    """The notes in the text."""
    said = answer(text, "dumpinfo")
    notes: list[_Open] = []
    left: list[Line] = []
    for item in rows(said.lines, _COLUMNS)[0]:
        if isinstance(item, Row):
            notes.append(_Open(item))
        elif not (notes and notes[-1].take(item)):
            left.append(item)
    return Dumpinfo(notes=tuple(note.note() for note in notes), remarks=said.remarks, unread=tuple(unread(left)))
