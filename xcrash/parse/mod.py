# SPDX-License-Identifier: Apache-2.0
"""``mod``: the loaded modules of the kernel, and with ``-t`` those that taint it.

Source of the format: kernel.c:do_module_cmd, kernel.c:show_module_taint. The column BASE is new in crash 7.3.0, called
TEXT_BASE for kernels that keep their modules in several ranges (6.4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.rows import pointer
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_HEADER = re.compile(r"\s*MODULE\s+NAME\s+(?:(?:TEXT_)?(BASE)\s+)?SIZE\s+OBJECT FILE\s*$")
_NAMED = r"\s*([0-9a-f]{6,16}|\([a-z ]+\)) +(\S+) +"
_WITH_BASE = re.compile(_NAMED + r"([0-9a-f]{1,16}) +(\d{1,19})(?: +(.*))?$")
_WITHOUT_BASE = re.compile(_NAMED + r"()(\d{1,19})(?: +(.*))?$")
_KALLSYMS = "[CONFIG_KALLSYMS]"
_NOT_LOADED = "(not loaded)"
_NONE = ("no modules installed", "no tainted modules")
_TAINT_HEADER = re.compile(r"\s*NAME\s+(TAINTS?|LICENSE_GPLOK)\s*$")
_TAINT = re.compile(r"\s*([\w.-]{1,64}) +([A-Z]{1,32}|[0-9a-f]{1,16})?(\(U\))?\s*$")


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """One module: ``module`` is its struct, ``base`` where it is, ``size`` in bytes.

    ``object_file`` is the file whose symbols crash has read, None if it has read none (``(not loaded)``) or the line
    was cut. ``kallsyms``: its symbols came with the kernel (CONFIG_KALLSYMS).
    """

    line: int
    span: Span
    module: str | None
    name: str
    base: str | None
    size: int
    object_file: str | None
    loaded: bool | None
    kallsyms: bool


class Modules(CommandOutput, frozen=True, kw_only=True, tag="mod"):
    """The modules in the order of crash, which is that of their addresses."""

    modules: tuple[Module, ...]


class TaintingModule(msgspec.Struct, frozen=True, kw_only=True):
    """One module: ``taints`` are letters, or a number in hexadecimal where crash knows none."""

    line: int
    span: Span
    name: str
    taints: str
    unsigned: bool


class TaintingModules(CommandOutput, frozen=True, kw_only=True, tag="mod-t"):
    """The modules that have taints; ``column`` is what the kernel calls them (TAINTS, LICENSE_GPLOK)."""

    column: str | None
    modules: tuple[TaintingModule, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Modules | TaintingModules]:
    """The parser for ``mod ARGUMENTS``."""
    letters = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    return parse_taints if "t" in letters else parse


def parse(text: str) -> Modules:
    """The modules of every table in the text."""
    found = answer(text, "mod")
    modules: list[Module] = []
    rest: list[Line] = []
    layouts: tuple[re.Pattern[str], ...] = (_WITH_BASE, _WITHOUT_BASE)
    for line in found.lines:
        header = _HEADER.match(line.text)
        if header:
            layouts = (_WITH_BASE if header[1] else _WITHOUT_BASE,)
            continue
        row = next((row for layout in layouts if (row := layout.match(line.text))), None)
        if row:
            modules.append(_module(line, row))
        elif line.text.strip() not in _NONE:
            rest.append(line)
    return Modules(modules=tuple(modules), remarks=found.remarks, unread=tuple(unread(rest)))


def parse_taints(text: str) -> TaintingModules:
    """The modules of ``mod -t``."""
    found = answer(text, "mod")
    modules: list[TaintingModule] = []
    rest: list[Line] = []
    column: str | None = None
    for line in found.lines:
        if header := _TAINT_HEADER.match(line.text):
            column = header[1]
        elif line.text.strip() in _NONE:
            continue
        elif (row := _TAINT.match(line.text)) and (row[2] or row[3]):
            place = (line.start, line.end)
            modules.append(
                TaintingModule(line=line.number, span=place, name=row[1], taints=row[2] or "", unsigned=bool(row[3]))
            )
        else:
            rest.append(line)
    return TaintingModules(column=column, modules=tuple(modules), remarks=found.remarks, unread=tuple(unread(rest)))


def _module(line: Line, row: re.Match[str]) -> Module:
    module, name, base, size, state = row.groups()
    words = (state or "").split()
    file = " ".join(word for word in words if word != _KALLSYMS)
    return Module(
        line=line.number,
        span=(line.start, line.end),
        module=pointer(module),
        name=name,
        base=pointer(base) if base else None,
        size=int(size),
        object_file=file if file and file != _NOT_LOADED else None,
        loaded=file != _NOT_LOADED if file else None,
        kallsyms=_KALLSYMS in words,
    )
