# SPDX-License-Identifier: Apache-2.0
"""Trees: the addresses of their entries, as lists have them, and with ``-v`` the nodes of a maple tree.

Source of the format: tools.c:rbtree_iteration, tools.c:dump_struct_members_for_tree, maple_tree.c:dump_mt_entry and
maple_tree.c:dump_mt_range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.c_value import Member
from xcrash.parse.list import Entry, entries
from xcrash.parse.missing import without_missing
from xcrash.parse.value import CommandOutput, Span

_MAPLE = re.compile(
    r"\s*maple_tree\(([0-9a-fx]{1,18})\) flags ([0-9A-Fa-f]+), height ([0-9]{1,4}) root (?:0x)?([0-9a-f]{1,16})\s*$"
)
_RANGE = re.compile(
    r"\s*([0-9a-fx]{1,20})(?:-([0-9a-fx]{1,20}))?: "
    r"(?:(?:0x)?([0-9a-f]{1,16})\s*|node 0x([0-9a-f]{1,16})(?: (.*))?|value .*)$"
)
_DECIMAL = re.compile(r"\s*(1[0-9]{19})\s*$")
"""An entry of a maple tree without -v: a kernel address, but not in hexadecimal (maple_tree.c:do_mt_entry)."""
_DEPTH = re.compile(r"\bdepth ([0-9]{1,4})\b")


class MapleRange(msgspec.Struct, frozen=True, kw_only=True):
    """A range of keys and what a maple tree holds for it: a node (``depth`` says how deep) or an entry.

    ``first`` and ``last`` are as printed, decimal or hexadecimal by crash's radix.
    """

    line: int
    span: Span
    first: str
    last: str
    node: str | None = None
    entry: str | None = None
    depth: int | None = None


class MapleTree(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a maple tree."""

    line: int
    span: Span
    address: str
    flags: str
    height: int
    root: str


class Tree(CommandOutput, frozen=True, kw_only=True, tag="tree"):
    """The entries in the order of the walk, or all of a maple tree.

    ``members`` are those whose entry is not in the text, as after ``| grep``.
    """

    entries: tuple[Entry, ...] = ()
    members: tuple[Member, ...] = ()
    maple_tree: MapleTree | None = None
    ranges: tuple[MapleRange, ...] = ()


def parser(arguments: Sequence[str]) -> Callable[[str], Tree] | None:
    """The parser for ``tree ARGUMENTS``: the text says what it is."""
    return parse


def parse(text: str) -> Tree:
    """The tree in the text."""
    said = answer(text, "tree")
    lines, missing = without_missing(said.lines)
    head: MapleTree | None = None
    ranges: list[MapleRange] = []
    rest = []
    for line in lines:
        span = (line.start, line.end)
        if found := _MAPLE.match(line.text):
            head = MapleTree(
                line=line.number,
                span=span,
                address="0x" + found[1].removeprefix("0x"),
                flags=found[2],
                height=int(found[3]),
                root="0x" + found[4],
            )
        elif head and (found := _RANGE.match(line.text)):
            depth = _DEPTH.search(found[5] or "")
            ranges.append(
                MapleRange(
                    line=line.number,
                    span=span,
                    first=found[1],
                    last=found[2] or found[1],
                    node="0x" + found[4] if found[4] else None,
                    entry="0x" + found[3] if found[3] else None,
                    depth=int(depth[1]) if depth else None,
                )
            )
        elif found := _DECIMAL.match(line.text):
            rest.append(line._replace(text=f"{int(found[1]):x}"))
        else:
            rest.append(line)
    walked, loose, left = entries(rest)
    return Tree(
        entries=walked,
        members=loose,
        maple_tree=head,
        ranges=tuple(ranges),
        remarks=(*said.remarks, *missing),
        unread=tuple(unread(left)),
    )
