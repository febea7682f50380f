# SPDX-License-Identifier: Apache-2.0
"""The banner that crash prints at start and for ``sys``.

Source of the format: kernel.c:display_sys_stats, task.c:show_context, xen_hyper_command.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from xcrash.parse import labels, sys_options
from xcrash.parse.blocks import Block, Fields, blocks
from xcrash.parse.set import number, printed, task_values
from xcrash.parse.value import ParsedValue, Span, UnreadLine

_TAG = re.compile(r"\s+[\[(]([\w.+ -]+)[\])]")
_MACHINE = re.compile(
    r"(?!unknown\b)(\S*[^\W_]\S*(?:(?: \S+){0,5}(?=\s+\(\d{1,9}[\d.]{0,9}\s+M[Hh]z\)))?)"
    r"(?:\s+\((\d{1,9})(?:\.\d{1,9})?\s+M[Hh]z\))?"
)
_STRONG = 4


class Banner(ParsedValue, frozen=True, kw_only=True, tag="sys"):
    """Every label as printed (``fields``) beside what the labels say.

    ``date`` is None when crash could not know it (1969, 1970: ``date_plausible`` is False). ``memory_bytes`` is as
    coarse as crash prints it. ``state`` is the whole text, ``activity`` the word in its brackets (PANIC, ACTIVE, ...).
    ``unread`` are the lines between the labels that belong to none of them, such as warnings.
    """

    fields: Fields
    span: Span
    kernel: str | None = None
    kernel_flags: tuple[str, ...] = ()
    debuginfo: str | None = None
    dumpfile: str | None = None
    dumpfiles: tuple[str, ...] = ()
    dump_flags: tuple[str, ...] = ()
    cpus: int | None = None
    cpus_offline: int | None = None
    date: str | None = None
    date_plausible: bool | None = None
    uptime_seconds: int | None = None
    load_average: tuple[float, float, float] | None = None
    tasks: int | None = None
    nodename: str | None = None
    release: str | None = None
    version: str | None = None
    machine: str | None = None
    mhz: int | None = None
    memory_bytes: int | None = None
    panic: str | None = None
    pid: int | None = None
    command: str | None = None
    task: str | None = None
    thread_info: str | None = None
    cpu: int | None = None
    state: str | None = None
    activity: str | None = None
    domains: int | None = None
    unread: tuple[UnreadLine, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], ParsedValue | None] | None:
    """The parser for ``sys ARGUMENTS``: options print something else than the banner."""
    return sys_options.parser(arguments) if arguments else parse


def parse(text: str) -> Banner | None:
    """The first banner in the text; None without one.

    A fragment of fewer than four system labels counts only if there is nothing better.
    """
    found = list(_candidates(text))
    best = next((block for block in found if _weight(block) >= _STRONG), max(found, key=_weight, default=None))
    return _banner(best) if best else None


def parse_all(text: str) -> tuple[Banner, ...]:
    """Every banner in the text, in order: a recording may hold several sessions, and ``sys`` repeats the banner."""
    return tuple(_banner(block) for block in _candidates(text))


def _candidates(text: str) -> Iterator[Block]:
    return (block for block in blocks(text) if _is_banner(block))


def _weight(block: Block) -> int:
    return sum(label in labels.SYSTEM for label in block.fields)


def _is_banner(block: Block) -> bool:
    """Tell a banner, or a part of one, from look-alikes.

    kernel.c:non_matching_kernel prints the file labels alone; ``set`` and others print the context block alone, at
    the prompt and without the indentation of the banner.
    """
    if _weight(block):
        return len(block.fields) > 1 or str(block.fields.get("PANIC", "")).startswith('"')
    context = sum(label in labels.CONTEXT for label in block.fields)
    if context < 3 or block.owner is not None:
        return False
    command, pid = block.indent.get("COMMAND", 0), block.indent.get("PID", 0)
    return command >= 5 or command == pid


def _banner(block: Block) -> Banner:
    fields = block.fields
    kernel, kernel_flags = _tagged(printed(fields, "KERNEL"))
    debuginfo, _ = _tagged(printed(fields, "DEBUGINFO") or printed(fields, "DEBUG KERNEL"))
    files = [_tagged(name) for name in fields.get("DUMPFILES") or [printed(fields, "DUMPFILE")]]
    cpus = re.match(r"(\d{1,9})(?:\s+\[OFFLINE:\s*(\d{1,9})\])?", printed(fields, "CPUS"))
    machine = _MACHINE.match(printed(fields, "MACHINE"))
    panic = re.fullmatch(r"[\"\u201c](.*)[\"\u201d](?:\s+\(.*\))?|(\(.*\))", printed(fields, "PANIC"))
    date = printed(fields, "DATE")
    plausible = _plausible(date)
    return Banner(
        fields=fields,
        span=block.span,
        kernel=kernel,
        kernel_flags=kernel_flags,
        debuginfo=debuginfo,
        dumpfile=files[0][0],
        dumpfiles=tuple(name for name, _ in files if name),
        dump_flags=tuple(dict.fromkeys(flag for _, flags in files for flag in flags)),
        cpus=int(cpus[1]) if cpus else None,
        cpus_offline=int(cpus[2]) if cpus and cpus[2] else None,
        date=date if plausible else None,
        date_plausible=plausible,
        uptime_seconds=_seconds(printed(fields, "UPTIME")),
        load_average=_loads(printed(fields, "LOAD AVERAGE")),
        tasks=number(printed(fields, "TASKS")),
        nodename=printed(fields, "NODENAME") or None,
        release=printed(fields, "RELEASE") or None,
        version=printed(fields, "VERSION") or None,
        machine=machine[1] if machine else None,
        mhz=int(machine[2]) if machine and machine[2] else None,
        memory_bytes=_bytes(printed(fields, "MEMORY")),
        panic=(panic[1] or panic[2] or "").strip() or None if panic else None,
        domains=number(printed(fields, "DOMAINS")),
        unread=tuple(block.unread),
        **task_values(fields),
    )


def _tagged(text: str) -> tuple[str | None, tuple[str, ...]]:
    """A file name and what crash says about the file in brackets."""
    name = re.split(r"\s+[\[(]", text, maxsplit=1)[0]
    return name or None, tuple(_TAG.findall(text, len(name)))


def _plausible(date: str) -> bool | None:
    """Whether the clock of the dump was set; None if there is no year to tell by."""
    year = re.search(r"\b\d{4}$", date)
    return int(year[0]) > 1970 if year else None


def _seconds(uptime: str) -> int | None:
    found = re.fullmatch(r"(?:(\d{1,9}) days?,\s+)?(\d{1,9}):(\d\d):(\d\d)", uptime)
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _loads(text: str) -> tuple[float, float, float] | None:
    parts = re.fullmatch(r"(\d+\.\d+),\s*(\d+\.\d+),\s*(\d+\.\d+)", text)
    return (float(parts[1]), float(parts[2]), float(parts[3])) if parts else None


def _bytes(memory: str) -> int | None:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([KMGT])B", memory)
    return round(float(found[1]) * 2 ** (10 * (" KMGT".index(found[2])))) if found else None
