# SPDX-License-Identifier: Apache-2.0
"""What a line that crash printed leads to: the words in it that name something, and the commands that tell more.

A command is put together from checked digits and names only: the line may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

Kind = Literal["task", "pid", "text", "symbol", "struct", "module", "object", "data"]

_MOST_CHARACTERS = 2000
_MOST_LINKS = 40

_ADDRESS = r"(?<![\w])(?:0x)?((?:ffff|[cd]000)[0-9a-f]{12})(?![\w])"
_NAME = r"[A-Za-z_][\w.]{0,127}"
_TYPE = r"[A-Za-z_]\w{0,127}"
_ORDER: tuple[Kind, ...] = ("task", "pid", "text", "object", "struct", "symbol", "module", "data")


class Link(NamedTuple):
    """Characters ``start`` to ``end`` of a line name something; ``commands`` tell more of it, the best first."""

    start: int
    end: int
    kind: Kind
    commands: tuple[str, ...]


def links_in(text: str, command: str = "") -> tuple[Link, ...]:
    """The links of a line of the answer to ``command``, from left to right, none inside another."""
    found: list[Link] = []
    for link in _candidates(text[:_MOST_CHARACTERS], command):
        if all(link.end <= other.start or link.start >= other.end for other in found):
            found.append(link)
            if len(found) == _MOST_LINKS:
                break
    return tuple(sorted(found))


def offers(links: tuple[Link, ...]) -> tuple[str, ...]:
    """The commands of several links, each once, what a reader most likely wants first."""
    ranked = sorted(links, key=lambda link: _ORDER.index(link.kind))
    return tuple(dict.fromkeys(command for link in ranked for command in link.commands))


def _word(command: str) -> str:
    words = command.split()
    return words[-1] if words[:1] == ["foreach"] else words[0] if words else ""


def _task(address: str) -> tuple[str, ...]:
    return (f"bt {address}", f"struct task_struct {address}", f"files {address}", f"vm {address}")


def _pid(number: str) -> tuple[str, ...]:
    return (f"bt {number}", f"files {number}", f"vm {number}", f"ps -p {number}")


def _text(address: str) -> tuple[str, ...]:
    return (f"dis -rl {address}", f"sym {address}")


def _data(address: str) -> tuple[str, ...]:
    # Of an address in the kernel image nothing tells whether it is text: its symbol does.
    image = (f"sym {address}", f"dis {address} 8") if address.startswith("ffffffff") else ()
    return (*image, f"rd {address} 16", f"kmem {address}")


def _symbol(name: str) -> tuple[str, ...]:
    # gdb would take a dot in a name for a member.
    return (f"sym {name}", f"dis {name}", *([] if "." in name else [f"whatis {name}"]))


def _struct(name: str) -> tuple[str, ...]:
    return (f"struct -o {name}", f"whatis struct {name}")


def _union(name: str) -> tuple[str, ...]:
    return (f"union -o {name}", f"whatis union {name}")


def _module(name: str) -> tuple[str, ...]:
    return (f"sym -m {name}", "mod")


_Commands = Callable[[str], "tuple[str, ...]"]
_MAKERS: Mapping[str, tuple[Kind, _Commands]] = {
    "task": ("task", _task),
    "pid": ("pid", _pid),
    "ppid": ("pid", _pid),
    "text": ("text", _text),
    "data": ("data", _data),
    "symbol": ("symbol", _symbol),
    "struct": ("struct", _struct),
    "union": ("struct", _union),
    "module": ("module", _module),
}
"""What the groups of the patterns below are."""


def _named(pattern: str) -> re.Pattern[str]:
    spelled = {"ADDRESS": r"(?:ffff|[cd]000)[0-9a-f]{12}(?!\w)", "NAME": _NAME, "TYPE": _TYPE}
    return re.compile(re.sub("ADDRESS|NAME|TYPE", lambda match: spelled[match[0]], pattern))


_SHAPES: tuple[re.Pattern[str], ...] = (
    # a frame:  #3 [ffffc90000473b00] write_sysrq_trigger+25 at ffffffff8a4b5d59 [module]
    _named(
        r"^\s*#\d+ \[(?P<data>ADDRESS)\] (?P<symbol>NAME)(?:\+\w+)?(?: \(via [^)]*\))? at (?P<text>ADDRESS)"
        r"(?: \[(?P<module>TYPE)\])?"
    ),
    # a row of ps
    _named(r"^[> ]?\s*(?P<pid>\d{1,10})\s+(?P<ppid>\d{1,10})\s+\d+\s+(?P<task>ADDRESS)\s+[A-Z]{2}\b"),
    _named(r"\bPID: (?P<pid>\d{1,10})(?:\s+TASK: (?P<task>ADDRESS))?"),
    _named(r"\bTASK: (?P<task>ADDRESS)"),
    # an instruction:  0xffffffff8a875c54 <panic+4>:
    _named(r"^(?:0x)?(?P<text>ADDRESS) <(?P<symbol>NAME)(?:\+\w+)?>:"),
    _named(r"(?:0x)?(?P<data>ADDRESS) <(?P<symbol>NAME)(?:\+\w+)?>"),
    # a register, a call trace of the log:  RIP: 0010:sysrq_handle_crash+0x1a/0x20 [module]
    _named(r"(?<![\w.])(?P<symbol>NAME)\+0x[0-9a-f]+(?:/0x[0-9a-f]+)?(?: \[(?P<module>TYPE)\])?"),
    _named(r"\b(?:RIP|PC|LR): (?P<text>ADDRESS)"),
    # a row of sym, of text and of data
    _named(r"^(?P<text>ADDRESS) \([tTwW]\) (?P<symbol>NAME)"),
    _named(r"^(?P<data>ADDRESS) \([A-Za-z?]\) (?P<symbol>NAME)"),
    _named(r"\[(?P<task>ADDRESS):task_struct\]"),
    _named(r"\bstruct (?P<struct>TYPE)"),
    _named(r"\bunion (?P<union>TYPE)"),
    _named(r"\bpid = (?P<pid>\d{1,10})\b"),
    _named(r"<(?P<symbol>NAME)\+\d+>"),
)

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "files": ("file", "dentry", "inode"),
    "mount": ("mount", "super_block"),
    "net": ("net_device",),
    "irq": ("irq_desc", "irqaction"),
    "vm": ("vm_area_struct",),
    "swap": ("swap_info_struct",),
}
"""The structures whose addresses stand in the rows of a command, in their order."""

_MODULE_ROW = _named(r"^(?P<data>ADDRESS)\s+(?P<module>TYPE)\s+(?P<text>ADDRESS)\s+\d+\s")
_MODULE_COMMANDS = frozenset({"mod", "lsmod"})
_OBJECT_ROW = re.compile(r"^\s*(?:\d+\s+)?" + _ADDRESS)
_ANY_ADDRESS = re.compile(_ADDRESS)
_NO_OBJECT = "ffffffffffff"
"""Addresses from here on are error numbers and -1."""


def _candidates(text: str, command: str) -> Iterator[Link]:
    word = _word(command)
    if word in _MODULE_COMMANDS:
        yield from _shaped(_MODULE_ROW, text)
    # With an option the rows are others.
    if word in _COLUMNS and " -" not in command and _OBJECT_ROW.match(text):
        yield from _objects(text, _COLUMNS[word])
    for shape in _SHAPES:
        yield from _shaped(shape, text)
    for match in _ANY_ADDRESS.finditer(text):
        if not match[1].startswith(_NO_OBJECT):
            yield Link(*match.span(1), "data", _data(match[1]))


def _objects(text: str, structures: tuple[str, ...]) -> Iterator[Link]:
    addresses = list(_ANY_ADDRESS.finditer(text))
    if len(addresses) <= len(structures):
        for name, match in zip(structures, addresses, strict=False):
            yield Link(*match.span(1), "object", (f"struct {name} {match[1]}", *_data(match[1])))


def _shaped(shape: re.Pattern[str], text: str) -> Iterator[Link]:
    for match in shape.finditer(text):
        for group, value in match.groupdict().items():
            if value and not value.startswith(_NO_OBJECT) and value.isascii():
                kind, commands = _MAKERS[group]
                yield Link(*match.span(group), kind, commands(value))
