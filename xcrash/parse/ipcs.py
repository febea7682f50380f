# SPDX-License-Identifier: Apache-2.0
"""System V IPC: ``ipcs`` with its three tables, ``-M`` (details of shared memory).

Source of the formats: ipcs.c:dump_shm_info, ipcs.c:dump_sem_info, ipcs.c:dump_msg_info.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.rows import Cell, Table, integer, pointer
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_PAGES = re.compile(r"\s*PAGES ALLOCATED/RESIDENT/SWAPPED: ([0-9]{1,18})/([0-9]{1,18})/([0-9]{1,18})\s*$")
_INODE = re.compile(r"\s*INODE: ([0-9a-f]{6,16})\s*$")
_NONE = "(none allocated)"
_LONGEST = 400


class SharedMemory(msgspec.Struct, frozen=True, kw_only=True):
    """One segment; ``perms`` are octal as printed. The pages, as numbers of pages, and the inode come with ``-M``."""

    line: int
    span: Span
    shmid_kernel: str | None
    key: str | None
    shmid: int | None
    uid: int | None
    perms: str
    bytes: int | None
    nattch: int | None
    status: tuple[str, ...] = ()
    pages_allocated: int | None = None
    pages_resident: int | None = None
    pages_swapped: int | None = None
    inode: str | None = None


class SemaphoreArray(msgspec.Struct, frozen=True, kw_only=True):
    """One array of semaphores."""

    line: int
    span: Span
    sem_array: str | None
    key: str | None
    semid: int | None
    uid: int | None
    perms: str
    nsems: int | None


class MessageQueue(msgspec.Struct, frozen=True, kw_only=True):
    """One message queue."""

    line: int
    span: Span
    msg_queue: str | None
    key: str | None
    msqid: int | None
    uid: int | None
    perms: str
    used_bytes: int | None
    messages: int | None


class Ipcs(CommandOutput, frozen=True, kw_only=True, tag="ipcs"):
    """The facilities; None for one that the answer does not show, empty for ``(none allocated)``."""

    shared_memory: tuple[SharedMemory, ...] | None
    semaphore_arrays: tuple[SemaphoreArray, ...] | None
    message_queues: tuple[MessageQueue, ...] | None


def _perms(word: str) -> str:
    word = word.rstrip()
    if not word.isdigit() or len(word) > 6:
        raise ValueError(word)
    return word


def _status(cell: str) -> tuple[str, ...]:
    if not all(word.isalpha() and word.isupper() for word in cell.split()):
        raise ValueError(cell)
    return tuple(cell.split())


_COMMON: dict[str, Cell] = {"KEY": ("key", pointer), "UID": ("uid", integer), "PERMS": ("perms", _perms)}
_TABLES: dict[str, tuple[str, Table[Any]]] = {
    "SHMID_KERNEL": (
        "shared_memory",
        Table(
            SharedMemory,
            {
                "SHMID_KERNEL": ("shmid_kernel", pointer),
                **_COMMON,
                "SHMID": ("shmid", integer),
                "BYTES": ("bytes", integer),
                "NATTCH": ("nattch", integer),
                "STATUS": ("status", _status),
            },
            optional=1,
        ),
    ),
    "SEM_ARRAY": (
        "semaphore_arrays",
        Table(
            SemaphoreArray,
            {
                "SEM_ARRAY": ("sem_array", pointer),
                **_COMMON,
                "SEMID": ("semid", integer),
                "NSEMS": ("nsems", integer),
            },
        ),
    ),
    "MSG_QUEUE": (
        "message_queues",
        Table(
            MessageQueue,
            {
                "MSG_QUEUE": ("msg_queue", pointer),
                **_COMMON,
                "MSQID": ("msqid", integer),
                "USED-BYTES": ("used_bytes", integer),
                "MESSAGES": ("messages", integer),
            },
        ),
    ),
}


def parser(arguments: Sequence[str]) -> Callable[[str], Ipcs] | None:
    """The parser for ``ipcs ARGUMENTS``."""
    return parse


def parse(text: str) -> Ipcs:
    """The tables of the answer; ``-M`` repeats the header of shared memory for every segment."""
    said = answer(text, "ipcs")
    found: dict[str, list[Any]] = {}
    left: list[Line] = []
    rows: list[Any] = []
    table: Table[Any] | None = None
    layout: tuple[str, ...] | None = None
    for line in said.lines:
        first = line.text.split(None, 1)[:1]
        name, here = _TABLES.get(first[0], ("", None)) if first else ("", None)
        header = here.header(line.text) if here else None
        row = table.row(line, layout) if table and layout and not header else None
        if header:
            table, layout, rows = here, header, found.setdefault(name, [])
        elif row:
            rows.append(row)
        elif not (line.text.strip() == _NONE and layout) and not _detail(line, rows):
            left.append(line)
    return Ipcs(
        **{name: tuple(found[name]) if name in found else None for name, _ in _TABLES.values()},
        remarks=said.remarks,
        unread=tuple(unread(left)),
    )


def _detail(line: Line, rows: list[Any]) -> bool:
    """Add a detail of ``-M`` to the last segment; False for any other line."""
    last = rows[-1] if rows else None
    if not isinstance(last, SharedMemory) or len(line.text) >= _LONGEST:
        return False
    span = (last.span[0], line.end)
    pages, inode = _PAGES.match(line.text), _INODE.match(line.text)
    if pages:
        rows[-1] = msgspec.structs.replace(
            last,
            span=span,
            pages_allocated=int(pages[1]),
            pages_resident=int(pages[2]),
            pages_swapped=int(pages[3]),
        )
    elif inode:
        rows[-1] = msgspec.structs.replace(last, span=span, inode=f"0x{inode[1]}")
    return bool(pages or inode)
