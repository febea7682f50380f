# SPDX-License-Identifier: Apache-2.0
"""The machine: labels of ``mach``, the memory map of ``-m``, the cpu data of ``-c`` and the console log of ``-o``.

Source of the format: x86_64.c:x86_64_display_machine_stats and its like of every architecture,
x86_64.c:x86_64_display_memmap, x86_64.c:x86_64_display_cpu_data, ia64.c:display_efi_memory_map, ppc64.c:opalmsg.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse import number
from xcrash.parse.answer import answer, unread
from xcrash.parse.c_text import Instance, Place, items, placed, within
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_LABEL = re.compile(r"\s*((?:\(unknown\) )?[A-Z][A-Z0-9_./()\[\]-]*(?: [A-Z0-9_./()\[\]-]+)*)\s*: *(\S.*)?$")
_CPUS = re.compile(r"([0-9]{1,6})(?: +\[OFFLINE: *([0-9]{1,6})\])?\s*$")
_CPU = re.compile(r"CPU +([0-9]{1,6})$")
_STACK = re.compile(r"(?:0x)?([0-9a-f]{6,16})(?: +\[(.*)\]| +#.*)?\s*$")
_ADDRESS = re.compile(r"(?:0x)?([0-9a-f]{6,16})(?: .*)?$")
_SPEED = re.compile(r"([0-9]{1,7}) M[Hh]z\b")
_RANGE = re.compile(r"\s*([0-9a-f]{1,16}) - ([0-9a-f]{1,16})\s+(\S.*)$")
_RANGES = re.compile(r"\s*PHYSICAL ADDRESS RANGE\s+TYPE\b.*$")
_OF_CPU = re.compile(r"\s*CPU ([0-9]{1,6}):\s*(?:\(?([0-9a-f]{6,16})\)?|\(boot\))?\s*$")
_MESSAGE = re.compile(r"\s*\[ *([0-9]{1,10}\.[0-9]{1,9})(?:,([0-9]))?\] ?(.*)$")


class Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A label as printed, and its value if it has one; ``address`` if that is an address."""

    line: int
    span: Span
    label: str
    value: str | None = None
    address: str | None = None


class Stack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stack of a CPU of the kind that the label above names (``IRQ STACKS``); ``note``: ``unavailable``."""

    line: int
    span: Span
    stacks: str
    cpu: int
    address: str
    note: str | None = None


class Machine(CommandOutput, frozen=True, kw_only=True, tag="mach"):
    """The labels, and what the common ones say.

    Sizes are bytes, ``memory_size`` as coarse as it is printed; ``processor_speed`` is MHz, ``hz`` ticks in a second.
    """

    labels: tuple[Label, ...]
    stacks: tuple[Stack, ...] = ()
    machine_type: str | None = None
    memory_size: int | None = None
    cpus: int | None = None
    cpus_offline: int | None = None
    hypervisor: str | None = None
    processor_speed: int | None = None
    hz: int | None = None
    page_size: int | None = None
    kernel_stack_size: int | None = None


class MemoryRange(msgspec.Struct, frozen=True, kw_only=True):
    """Physical memory from ``start`` up to, not with, ``end``."""

    line: int
    span: Span
    start: str
    end: str
    type: str


class MemoryMap(CommandOutput, frozen=True, kw_only=True, tag="mach-m"):
    """What the firmware said of physical memory."""

    ranges: tuple[MemoryRange, ...]


class CpuData(CommandOutput, frozen=True, kw_only=True, tag="mach-c"):
    """The structure with the data of each CPU."""

    cpus: tuple[Instance, ...]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the firmware's console; ``timestamp`` is seconds."""

    line: int
    span: Span
    timestamp: float
    level: int | None
    text: str


class Console(CommandOutput, frozen=True, kw_only=True, tag="mach-o"):
    """The OPAL console log of ppc64."""

    messages: tuple[Message, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Machine | MemoryMap | CpuData | Console] | None:
    """The parser for ``mach ARGUMENTS``."""
    options = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    if "m" in options:
        return parse_memory
    if "c" in options:
        return parse_cpus
    return parse_console if "o" in options else parse


def parse(text: str) -> Machine:
    """The labels in the text."""
    said = answer(text, "mach")
    labels: list[Label] = []
    stacks: list[Stack] = []
    left: list[Line] = []
    for line in said.lines:
        found = _LABEL.match(line.text)
        if not found:
            left.append(line)
            continue
        label, value, span = found[1], (found[2] or "").rstrip() or None, (line.start, line.end)
        cpu, stack, address = _CPU.match(label), _STACK.match(value or ""), _ADDRESS.match(value or "")
        if cpu and stack and labels:
            stacks.append(
                Stack(
                    line=line.number,
                    span=span,
                    stacks=labels[-1].label,
                    cpu=int(cpu[1]),
                    address="0x" + stack[1],
                    note=stack[2],
                )
            )
        else:
            known = "0x" + address[1] if address and _is_address(label) else None
            labels.append(Label(line=line.number, span=span, label=label, value=value, address=known))
    values = {label.label: label.value for label in labels if label.value}
    cpus = _CPUS.match(values.get("CPUS", ""))
    speed = _SPEED.match(values.get("PROCESSOR SPEED", ""))
    return Machine(
        labels=tuple(labels),
        stacks=tuple(stacks),
        machine_type=values.get("MACHINE TYPE"),
        memory_size=number.size(values.get("MEMORY SIZE", "")),
        cpus=int(cpus[1]) if cpus else None,
        cpus_offline=int(cpus[2]) if cpus and cpus[2] else None,
        hypervisor=values.get("HYPERVISOR"),
        processor_speed=int(speed[1]) if speed else None,
        hz=number.decimal(values.get("HZ", "")),
        page_size=number.decimal(values.get("PAGE SIZE", "")),
        kernel_stack_size=number.decimal(values.get("KERNEL STACK SIZE", "")),
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def _is_address(label: str) -> bool:
    return not label.endswith(("SIZE", "CPUS", "HZ", "SPEED", "TYPE"))


def parse_memory(text: str) -> MemoryMap:
    """The ranges in the text."""
    said = answer(text, "mach")
    ranges: list[MemoryRange] = []
    left: list[Line] = []
    for line in said.lines:
        if found := _RANGE.match(line.text):
            ranges.append(
                MemoryRange(
                    line=line.number,
                    span=(line.start, line.end),
                    start="0x" + found[1],
                    end="0x" + found[2],
                    type=found[3].rstrip(),
                )
            )
        elif not _RANGES.match(line.text):
            left.append(line)
    return MemoryMap(ranges=tuple(ranges), remarks=said.remarks, unread=tuple(unread(left)))


def parse_cpus(text: str) -> CpuData:
    """The structures in the text, each under its CPU."""
    said = answer(text, "mach")
    cpus: list[Instance] = []
    left: list[Line] = []
    strange: list[Span] = []
    place: Place | None = None
    for item in items(said.lines, own=_OF_CPU.match):
        if isinstance(item, Instance):
            cpus.append(placed(item, place))
            place = None
        elif not isinstance(item, Line):
            strange.append(item.span)
        elif found := _OF_CPU.match(item.text):
            left += [place.line] if place else []
            place = Place(item, int(found[1]), "0x" + found[2] if found[2] else None)
        else:
            left.append(item)
    left += [place.line] if place else []
    left += within(said.lines, strange)
    return CpuData(cpus=tuple(cpus), remarks=said.remarks, unread=tuple(unread(sorted(set(left)))))


def parse_console(text: str) -> Console:
    """The messages in the text."""
    said = answer(text, "mach")
    messages: list[Message] = []
    left: list[Line] = []
    for line in said.lines:
        if found := _MESSAGE.match(line.text):
            messages.append(
                Message(
                    line=line.number,
                    span=(line.start, line.end),
                    timestamp=float(found[1]),
                    level=int(found[2]) if found[2] else None,
                    text=found[3],
                )
            )
        else:
            left.append(line)
    return Console(messages=tuple(messages), remarks=said.remarks, unread=tuple(unread(left)))
