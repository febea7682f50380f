# SPDX-License-Identifier: Apache-2.0
"""``kmem -g``: the bits of page.flags, all of them or those of one value.

Source of the format: memory.c:dump_page_flags.
"""

from __future__ import annotations

import re

from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_HEADER = ["PAGE-FLAG", "BIT", "VALUE"]
_FLAGS = re.compile(r"\s*FLAGS: (?:0x)?([0-9a-f]{1,16})\s*$")
_ROW = re.compile(r"\s*([A-Za-z_]\w*) +(\d{1,3}) +([0-9a-f]{1,16})\s*$")


class PageFlag(Row, frozen=True, kw_only=True):
    """One enumerator; several can share a bit. ``value`` is the mask of the bit."""

    page_flag: str
    bit: int
    value: str


class PageFlagsValue(Row, frozen=True, kw_only=True):
    """The value of page.flags that was to be translated."""

    value: str


class KmemPageFlags(CommandOutput, frozen=True, kw_only=True, tag="kmem-g"):
    """The enumerators; ``flags`` is None unless a value was given."""

    flags: PageFlagsValue | None
    page_flags: tuple[PageFlag, ...]


def parse(text: str) -> KmemPageFlags:
    """Read ``kmem -g``."""
    table = _PageFlags()
    rest = read(text, table)
    return KmemPageFlags(
        flags=table.flags, page_flags=tuple(table.page_flags), remarks=rest.remarks, unread=rest.unread
    )


class _PageFlags:
    def __init__(self) -> None:
        self.flags: PageFlagsValue | None = None
        self.page_flags: list[PageFlag] = []

    def take(self, line: Line) -> bool:
        if found := _ROW.match(line.text):
            self.page_flags.append(
                PageFlag(**place(line), page_flag=found[1], bit=int(found[2]), value=_value(found[3]))
            )
        elif not self.flags and (found := _FLAGS.match(line.text)):
            self.flags = PageFlagsValue(**place(line), value=_value(found[1]))
        else:
            return line.text.split() == _HEADER or line.text.strip() == "(none found)"
        return True


def _value(word: str) -> str:
    return pointer(word.lstrip("0") or "0")
