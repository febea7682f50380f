# SPDX-License-Identifier: Apache-2.0
"""Devices: ``dev`` (by major number), ``-d`` and ``-D`` (requests of disks), ``-i`` (resources), ``-p`` (PCI), ``-V``.

Source of the formats: dev.c:dump_chrdevs, dev.c:dump_blkdevs, dev.c:diskio_option, dev.c:do_resource_list,
dev.c:do_pci, diskdump.c:devdump_info.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.pci import parse_pci
from xcrash.parse.rows import Table, integer, pointer, text
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_HEADER = re.compile(r"\s*(CHRDEV|BLKDEV) +NAME( +CDEV| +GENDISK)? +OPERATIONS\s*$")
_NUMBER = re.compile(r"\s*([0-9]{1,9}) +(\S.*?) +(?:([0-9a-f]{6,16}) +<?([^\s<>]+)>?|\(none\)|([0-9a-f]{6,16}))\s*$")
_RANGE = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{1,16})")
_CONTINUED = re.compile(r"\s{20}\s*\S")
_LONGEST = 400


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """The driver of a major number; ``address`` is its cdev or gendisk, None where crash found ``(none)``.

    Without that column (2.4 kernels) ``address`` is that of the operations.
    """

    line: int
    span: Span
    major: int
    name: str
    address: str | None
    operations: str | None


class Dev(CommandOutput, frozen=True, kw_only=True, tag="dev"):
    """The character and block devices."""

    character: tuple[Device, ...]
    block: tuple[Device, ...]


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """The requests in progress on one disk: reads and writes (``read``, ``write``) or by kind (``async``, ``sync``).

    ``drv`` are those in flight in the driver, None where crash cannot tell (``N/A(MQ)``).
    """

    line: int
    span: Span
    major: int | None
    gendisk: str | None
    name: str
    request_queue: str | None
    total: int | None
    read: int | None = None
    write: int | None = None
    async_: int | None = msgspec.field(default=None, name="async")
    sync: int | None = None
    drv: int | None = None


class DevDisks(CommandOutput, frozen=True, kw_only=True, tag="dev-d"):
    """The disks with their requests; after ``-D`` only those that have any."""

    disks: tuple[Disk, ...]


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """One range from ``start`` to ``end``, both in it, of I/O ports or I/O memory."""

    line: int
    span: Span
    resource: str | None
    start: str
    end: str
    name: str


class DevResources(CommandOutput, frozen=True, kw_only=True, tag="dev-i"):
    """The resources in the order of crash: ``ioport`` is its first table, ``iomem`` its second."""

    ioport: tuple[Resource, ...]
    iomem: tuple[Resource, ...]


class DeviceDump(msgspec.Struct, frozen=True, kw_only=True):
    """One device dump at ``offset`` in the vmcore, sizes in bytes."""

    line: int
    span: Span
    index: int | None
    offset: str | None
    size: int | None
    name: str


class DevDumps(CommandOutput, frozen=True, kw_only=True, tag="dev-v"):
    """The device dumps in a vmcore (``dev -V``)."""

    dumps: tuple[DeviceDump, ...]


class _Range(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    span: Span
    resource: str | None
    range: tuple[str, str]
    name: str = ""


def _range(word: str) -> tuple[str, str]:
    found = _RANGE.fullmatch(word)
    if not found:
        raise ValueError(word)
    return f"0x{found[1]}", f"0x{found[2]}"


_DISKS = Table(
    Disk,
    {
        "MAJOR": ("major", integer),
        "GENDISK": ("gendisk", pointer),
        "NAME": ("name", text),
        "REQUEST_QUEUE": ("request_queue", pointer),
        "TOTAL": ("total", integer),
        "READ": ("read", integer),
        "WRITE": ("write", integer),
        "ASYNC": ("async_", integer),
        "SYNC": ("sync", integer),
        "DRV": ("drv", integer),
    },
)
_RANGES = Table(
    _Range,
    {"RESOURCE": ("resource", pointer), "RANGE": ("range", _range), "NAME": ("name", text)},
    "RESOURCE RANGE NAME",
    optional=1,
)
_DUMPS = Table(
    DeviceDump,
    {"INDEX": ("index", integer), "OFFSET": ("offset", pointer), "SIZE": ("size", integer), "NAME": ("name", text)},
)


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput] | None:
    """The parser for ``dev ARGUMENTS``; None for ``-v``, which dumps memory."""
    letters = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    if "v" in letters:
        return None
    chosen = {"d": parse_disks, "D": parse_disks, "i": parse_resources, "p": parse_pci, "V": parse_dumps}
    return next((found for letter, found in chosen.items() if letter in letters), parse)


def parse(text: str) -> Dev:
    """The devices by major number; rows without a header are nobody's, as both tables look the same."""
    said = answer(text, "dev")
    found: dict[str, list[Device]] = {"CHRDEV": [], "BLKDEV": []}
    kind, left = "", []
    for line in said.lines:
        header = _HEADER.match(line.text)
        device = _device(line) if kind and not header else None
        if header:
            kind = header[1]
        elif device:
            found[kind].append(device)
        else:
            left.append(line)
    return Dev(
        character=tuple(found["CHRDEV"]),
        block=tuple(found["BLKDEV"]),
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def parse_disks(text: str) -> DevDisks:
    """The answer to ``dev -d`` or ``-D``; rows without a header lack what only a header can tell apart."""
    said = answer(text, "dev")
    disks, left = _DISKS.read(said.lines)
    bare = [(line, _bare(line)) for line in left]
    return DevDisks(
        disks=tuple(sorted([*disks, *(disk for _, disk in bare if disk)], key=lambda disk: disk.line)),
        remarks=said.remarks,
        unread=tuple(unread(line for line, disk in bare if not disk)),
    )


def parse_resources(text: str) -> DevResources:
    """The answer to ``dev -i``; a long name goes on in the next line."""
    said = answer(text, "dev")
    tables: list[list[Resource]] = []
    left: list[Line] = []
    above = 0
    for line in said.lines:
        if _RANGES.header(line.text):
            tables.append([])
            continue
        row = _RANGES.row(line, ("RESOURCE", "RANGE", "NAME"))
        if row:
            if not tables:
                tables.append([])
            above = line.number
            tables[-1].append(
                Resource(
                    line=row.line,
                    span=row.span,
                    resource=row.resource,
                    start=row.range[0],
                    end=row.range[1],
                    name=row.name,
                )
            )
        elif above and line.number == above + 1 and len(line.text) < _LONGEST and _CONTINUED.match(line.text):
            last = tables[-1][-1]
            tables[-1][-1] = msgspec.structs.replace(
                last, span=(last.span[0], line.end), name=f"{last.name} {line.text.strip()}"
            )
        else:
            left.append(line)
    ioport, iomem = (*tables, [], [])[:2]
    return DevResources(
        ioport=tuple(ioport),
        iomem=tuple(resource for table in ([iomem, *tables[2:]]) for resource in table),
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def parse_dumps(text: str) -> DevDumps:
    """The answer to ``dev -V``."""
    said = answer(text, "dev")
    dumps, left = _DUMPS.read(said.lines)
    return DevDumps(dumps=dumps, remarks=said.remarks, unread=tuple(unread(left)))


def _device(line: Line) -> Device | None:
    found = _NUMBER.match(line.text) if len(line.text) < _LONGEST else None
    if not found:
        return None
    address = found[3] or found[5]
    return Device(
        line=line.number,
        span=(line.start, line.end),
        major=int(found[1]),
        name=found[2],
        address=f"0x{address}" if address else None,
        operations=found[4],
    )


def _bare(line: Line) -> Disk | None:
    """A row without a header: the columns up to TOTAL are the same in every version."""
    words = line.text.split()
    if not 7 <= len(words) <= 8 or not all(word.isdigit() for word in words[5:7]):
        return None
    return _DISKS.row(line._replace(text=" ".join(words[:5])), ("MAJOR", "GENDISK", "NAME", "REQUEST_QUEUE", "TOTAL"))
