# SPDX-License-Identifier: Apache-2.0
"""``log -s``: the printk_safe_seq_buf buffers of the CPUs, which kernels 4.10 to 5.14 have.

Source of the format: kernel.c:dump_printk_safe_seq_buf.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_NAME = re.compile(r"\s*PRINTK_SAFE_SEQ_BUF: (\w+)\s*$")
_CPU = re.compile(r"\s*CPU: (\d{1,6}) +ADDR: ([0-9a-f]{1,16}) +LEN: (-?\d{1,10}) +MESSAGE_LOST: (-?\d{1,10})\s*$")
_EMPTY = "(empty)"


class SafeBuffer(msgspec.Struct, frozen=True, kw_only=True):
    """One buffer of a CPU: its name, address, ``len`` in bytes, messages that did not fit, and its lines."""

    line: int
    span: Span
    name: str | None
    cpu: int
    address: str
    len: int
    message_lost: int
    text: tuple[str, ...] = ()


class SafeLog(CommandOutput, frozen=True, kw_only=True, tag="log-s"):
    """The buffers by name and CPU."""

    buffers: tuple[SafeBuffer, ...]


def parse(text: str) -> SafeLog:
    """Read ``log -s``."""
    found = answer(text, "log")
    buffers: list[SafeBuffer] = []
    rest: list[Line] = []
    unused: list[Line] = []
    name: str | None = None
    lines: list[Line] = []
    margin = 0
    for line in found.lines:
        if title := _NAME.match(line.text):
            rest += unused
            name, unused = title[1], [line]
        elif cpu := _CPU.match(line.text):
            _close(buffers, lines, margin)
            unused = []
            margin = len(line.text) - len(line.text.lstrip())
            buffers.append(
                SafeBuffer(
                    line=line.number,
                    span=(line.start, line.end),
                    name=name,
                    cpu=int(cpu[1]),
                    address="0x" + cpu[2],
                    len=int(cpu[3]),
                    message_lost=int(cpu[4]),
                )
            )
        elif buffers and line.text[:1] in " \t":
            lines.append(line)
        else:
            rest.append(line)
    _close(buffers, lines, margin)
    rest = sorted([*rest, *unused])
    return SafeLog(buffers=tuple(buffers), remarks=found.remarks, unread=tuple(unread(rest)))


def _close(buffers: list[SafeBuffer], lines: list[Line], margin: int) -> None:
    """Give the lines that were collected to the last buffer, whose own line is indented by ``margin``."""
    printed = [line for line in lines if line.text.strip()]
    if printed:
        last = buffers[-1]
        buffers[-1] = msgspec.structs.replace(
            last,
            span=(last.span[0], printed[-1].end),
            text=tuple(line.text[margin + 2 :].rstrip() for line in printed if line.text.strip() != _EMPTY),
        )
    lines.clear()
