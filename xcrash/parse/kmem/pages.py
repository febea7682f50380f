# SPDX-License-Identifier: Apache-2.0
"""``kmem -p`` and ``-m``: the page structures.

Source of the format: memory.c:dump_mem_map, memory.c:show_page_member_data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import cast

from xcrash.parse.answer import unread
from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.lazy import Rows
from xcrash.parse.page import Page, PageFlags
from xcrash.parse.pieces import part, pieces
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Remark

_HEADERS = (
    ["PAGE", "PHYSICAL", "MAPPING", "INDEX", "CNT", "FLAGS"],
    ["PAGE", "PHYSICAL", "INODE", "OFFSET", "CNT", "FLAGS"],
)
_ROW = re.compile(
    r"^[ \t]*([0-9a-f]{6,16}) +([0-9a-f]{1,16}) +([0-9a-f]{1,16}|-{3,16}) +([0-9a-f]{1,16}|-{3,16}) +(-?\d{1,10})"
    r"(?: {1,40}(?:([0-9a-f]{1,16})(?![^ \t\r\n]) {0,40})?"
    r"([a-zA-Z_][\w,]*(?:,?\[NOT MAPPED\])?|\[NOT MAPPED\])?)?[ \t\r]*$",
    re.MULTILINE,
)
_INODES = re.compile(r"^[ \t>|]*PAGE +PHYSICAL +INODE", re.MULTILINE)
_MEMBERS = re.compile(r"\s*PAGE +([a-z_][\w.]*(?: +[a-z_][\w.]*)*)\s*$")


class KmemPages(CommandOutput, frozen=True, kw_only=True, tag="kmem-p"):
    """The pages in the order of their frames."""

    pages: Sequence[Page]


class PageMembers(Row, frozen=True, kw_only=True):
    """One page structure and its members as printed, in the order of ``KmemPageMembers.members``."""

    page: str
    values: tuple[str, ...]


class KmemPageMembers(CommandOutput, frozen=True, kw_only=True, tag="kmem-m"):
    """Members of the page structures."""

    members: tuple[str, ...]
    pages: tuple[PageMembers, ...]


def parse(text: str) -> KmemPages:
    """Read ``kmem -p``; the rows of a long table are read when they are asked for."""
    inodes = _INODES.search(text) is not None
    rows = Rows(text, partial(_page, inodes=inodes))
    remarks: list[Remark] = []
    rest: list[Line] = []
    for piece in pieces(text, _ROW):
        if piece.row:
            rows.add(piece.line, piece.start, piece.end)
            continue
        found = part(text, piece, "kmem")
        remarks += found.remarks
        for line in found.lines:
            if _ROW.match(line.text):
                rows.know(_page(line, inodes))
            elif line.text.split() not in _HEADERS:
                rest.append(line)
    return KmemPages(pages=rows.settled(), remarks=tuple(remarks), unread=tuple(unread(rest)))


def parse_members(text: str) -> KmemPageMembers:
    """Read ``kmem -m``; without its header, as behind ``| grep``, the members are as many as the first row has."""
    table = _Members()
    rest = read(text, table)
    return KmemPageMembers(members=table.members, pages=tuple(table.pages), remarks=rest.remarks, unread=rest.unread)


class PageTable:
    """Collects ``pages``."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self._inodes = False

    def take(self, line: Line) -> bool:
        """Read a row or the header."""
        words = line.text.split()
        if words in _HEADERS:
            self._inodes = "INODE" in words
        elif _ROW.match(line.text):
            self.pages.append(_page(line, self._inodes))
        else:
            return False
        return True


def _page(line: Line, inodes: bool) -> Page:
    """The page of a row; ``inodes``: the third and fourth column are INODE and OFFSET."""
    found = cast("re.Match[str]", _ROW.match(line.text))
    page, physical, third, fourth, cnt, flags, names = found.groups()
    pointer_ = "0x" + third if third[0] != "-" else None
    return Page(
        line=line.number,
        span=(line.start, line.end),
        page="0x" + page,
        physical="0x" + physical,
        mapping=None if inodes else pointer_,
        index=None if inodes or fourth[0] == "-" else int(fourth, 16),
        inode=pointer_ if inodes else None,
        offset="0x" + fourth if inodes else None,
        cnt=int(cnt),
        flags=PageFlags(value="0x" + flags if flags else None, names=tuple(names.split(",")) if names else ()),
    )


class _Members:
    def __init__(self) -> None:
        self.members: tuple[str, ...] = ()
        self.pages: list[PageMembers] = []
        self._count = 0

    def take(self, line: Line) -> bool:
        if found := _MEMBERS.match(line.text):
            self.members = tuple(found[1].split())
            self._count = len(self.members)
            return True
        page, *values = line.text.split() or [""]
        if not re.fullmatch("[0-9a-f]{6,16}", page) or not values or self._count not in (0, len(values)):
            return False
        self._count = len(values)
        self.pages.append(PageMembers(**place(line), page=pointer(page), values=tuple(values)))
        return True
