# SPDX-License-Identifier: Apache-2.0
"""What ``sys`` prints with an option: DMI strings (``-i``), taints (``-t``), system calls (``-c``), ``config``.

Source of the formats: kernel.c:dump_dmi_info, kernel.c:show_kernel_taints, kernel.c:dump_sys_call_table,
kernel.c:read_in_kernel_config.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_DMI = re.compile(r"\s*(DMI_[A-Z0-9_]{1,60}):(?: (.*))?$")
_TAINTS = re.compile(r"\s*(TAINTED(?:_MASK)?): (?:0x)?([0-9a-f]{1,16})\s*(\S{0,80})\s*$")
_CALLS = ["NUM", "SYSTEM", "CALL", "FILE", "AND", "LINE", "NUMBER"]
_CALL = re.compile(r"\s*(?:0x)?([0-9a-f]{1,4}) +([A-Za-z_(][\w.)]*)(?: +(\S+): (\d{1,9}))?\s*$")
_LETTERS = re.compile(r"[a-f]")
_CONFIG = re.compile(r"\s*(CONFIG_\w{1,200})=(.*)$")
_NOT_SET = re.compile(r"\s*# (CONFIG_\w{1,200}) is not set\s*$")


class DmiString(msgspec.Struct, frozen=True, kw_only=True):
    """One string of the firmware: DMI_SYS_VENDOR and its like; empty where the firmware has left it so."""

    line: int
    span: Span
    name: str
    value: str


class Dmi(CommandOutput, frozen=True, kw_only=True, tag="sys-i"):
    """The strings that the kernel keeps of the firmware."""

    strings: tuple[DmiString, ...]


class Taints(CommandOutput, frozen=True, kw_only=True, tag="sys-t"):
    """The taints of the kernel: ``mask`` is a number; ``letters`` as crash prints them, None in old kernels."""

    mask: int | None = None
    letters: str | None = None
    span: Span | None = None


class SystemCall(msgspec.Struct, frozen=True, kw_only=True):
    """One element of sys_call_table: the function, and where its source is if crash knows."""

    line: int
    span: Span
    num: int
    name: str
    file: str | None
    file_line: int | None


class SystemCalls(CommandOutput, frozen=True, kw_only=True, tag="sys-c"):
    """The elements by number; ``radix`` is that of the printed numbers, 16 if one of them has a letter."""

    radix: Literal[10, 16]
    calls: tuple[SystemCall, ...]


class ConfigOption(msgspec.Struct, frozen=True, kw_only=True):
    """One option: ``value`` as in the file, quotes included; None if it is not set."""

    line: int
    span: Span
    name: str
    value: str | None


class Config(CommandOutput, frozen=True, kw_only=True, tag="sys-config"):
    """The configuration that the kernel was built with (CONFIG_IKCONFIG)."""

    options: tuple[ConfigOption, ...]


Output = Dmi | Taints | SystemCalls | Config


def parser(arguments: Sequence[str]) -> Callable[[str], Output] | None:
    """The parser for ``sys ARGUMENTS``; None for what has no output, such as ``-panic``."""
    return _OPTIONS.get(arguments[0]) if arguments else None


def parse_dmi(text: str) -> Dmi:
    """Read ``sys -i``."""
    found = answer(text, "sys")
    strings: list[DmiString] = []
    rest: list[Line] = []
    for line in found.lines:
        row = _DMI.match(line.text)
        if row:
            strings.append(
                DmiString(line=line.number, span=(line.start, line.end), name=row[1], value=(row[2] or "").strip())
            )
        else:
            rest.append(line)
    return Dmi(strings=tuple(strings), remarks=found.remarks, unread=tuple(unread(rest)))


def parse_taints(text: str) -> Taints:
    """Read ``sys -t``."""
    found = answer(text, "sys")
    row = next((row for line in found.lines if (row := (line, _TAINTS.match(line.text)))[1]), None)
    rest = tuple(unread(line for line in found.lines if not row or line is not row[0]))
    if not row or not row[1]:
        return Taints(remarks=found.remarks, unread=rest)
    line, values = row[0], row[1]
    return Taints(
        mask=int(values[2], 16),
        letters=values[3] if values[1] == "TAINTED_MASK" else None,
        span=(line.start, line.end),
        remarks=found.remarks,
        unread=rest,
    )


def parse_calls(text: str) -> SystemCalls:
    """Read ``sys -c``."""
    found = answer(text, "sys")
    rows = [(line, _CALL.match(line.text)) for line in found.lines if line.text.split() != _CALLS]
    radix: Literal[10, 16] = 16 if any(row and _LETTERS.search(row[1]) for _, row in rows) else 10
    return SystemCalls(
        radix=radix,
        calls=tuple(
            SystemCall(
                line=line.number,
                span=(line.start, line.end),
                num=int(row[1], radix),
                name=row[2],
                file=row[3],
                file_line=int(row[4]) if row[4] else None,
            )
            for line, row in rows
            if row
        ),
        remarks=found.remarks,
        unread=tuple(unread(line for line, row in rows if not row)),
    )


def parse_config(text: str) -> Config:
    """Read ``sys config``; comments are left out."""
    found = answer(text, "sys")
    options: list[ConfigOption] = []
    rest: list[Line] = []
    for line in found.lines:
        row = _CONFIG.match(line.text) or _NOT_SET.match(line.text)
        if row:
            value = row[2].rstrip() if row.re is _CONFIG else None
            options.append(ConfigOption(line=line.number, span=(line.start, line.end), name=row[1], value=value))
        elif not line.text.lstrip().startswith("#"):
            rest.append(line)
    return Config(options=tuple(options), remarks=found.remarks, unread=tuple(unread(rest)))


_OPTIONS: dict[str, Callable[[str], Output]] = {
    "-i": parse_dmi,
    "-t": parse_taints,
    "-c": parse_calls,
    "config": parse_config,
}
