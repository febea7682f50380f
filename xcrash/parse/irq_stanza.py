# SPDX-License-Identifier: Apache-2.0
"""The stanza that ``irq`` prints for each IRQ of kernels up to 2.6.36.

Source of the format: kernel.c:generic_dump_irq: ``IRQ: n``, ``STATUS:``, ``HANDLER:`` with its functions, an
``ACTION:`` for each irqaction, ``DEPTH:``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from xcrash.parse.rows import integer, pointer
from xcrash.parse.sections import extent, sections
from xcrash.parse.text import Line
from xcrash.parse.value import Span

_IRQ = re.compile(r"\s*IRQ: ([0-9]{1,9})\s*$")
_LABEL = re.compile(r"\s*([A-Za-z_]{1,32}): ([0-9a-f]{1,16}|\(none\)|\(unused\))(?: +(\S.*))?$")
_QUOTED = {"<": ">", '"': '"', "(": ")"}
_LONGEST = 400


class IrqMember(msgspec.Struct, frozen=True, kw_only=True):
    """One printed member: its value in hexadecimal, and the symbol, string or names of flags that crash adds."""

    value: str | None
    text: str | None


class IrqStruct(msgspec.Struct, frozen=True, kw_only=True):
    """A handler (irq_chip) or an irqaction: its address, the symbol there, its members by the printed names."""

    address: str | None
    symbol: str | None
    members: dict[str, IrqMember]


class IrqStanza(msgspec.Struct, frozen=True, kw_only=True):
    """One IRQ; ``status`` is a mask of bits with their names in ``status_flags``."""

    line: int
    span: Span
    irq: int
    status: str | None
    status_flags: tuple[str, ...]
    handler: IrqStruct | None
    actions: tuple[IrqStruct, ...]
    depth: int | None


def stanzas(lines: Iterable[Line]) -> tuple[tuple[IrqStanza, ...], list[Line]]:
    """The stanzas among the lines, and the other lines."""
    found, rest = [], []
    for irq, place, body in sections(lines, _irq):
        if irq is None:
            rest += body
            continue
        structs: dict[str, list[IrqStruct]] = {"HANDLER": [], "ACTION": []}
        own: dict[str, IrqMember] = {}
        current, left = None, []
        for line in body:
            label = _LABEL.match(line.text.rstrip()) if len(line.text) < _LONGEST else None
            if not label:
                left.append(line)
                continue
            name, member = label[1], IrqMember(value=pointer(label[2]), text=_text(label[3]))
            if name in structs:
                current = IrqStruct(address=member.value, symbol=member.text, members={})
                structs[name].append(current)
            elif name.isupper():
                own[name] = member
            elif current:
                current.members[name] = member
            else:
                left.append(line)
        rest += left
        place = extent(place, body, left)
        status, depth = own.get("STATUS"), own.get("DEPTH")
        found.append(
            IrqStanza(
                line=place.line,
                span=place.span,
                irq=irq,
                status=status.value if status else None,
                status_flags=tuple(status.text.split("|")) if status and status.text else (),
                handler=structs["HANDLER"][0] if structs["HANDLER"] else None,
                actions=tuple(structs["ACTION"]),
                depth=integer(depth.value[2:]) if depth and depth.value and depth.value[2:].isdigit() else None,
            )
        )
    return tuple(found), rest


def _irq(line: Line) -> int | None:
    found = _IRQ.match(line.text[:_LONGEST]) if "IRQ: " in line.text[:64] else None
    return int(found[1]) if found else None


def _text(text: str | None) -> str | None:
    """What is behind a value, without the brackets or quotes around it."""
    text = (text or "").strip()
    return (text[1:-1] if len(text) > 1 and _QUOTED.get(text[0]) == text[-1] else text) or None
