# SPDX-License-Identifier: Apache-2.0
"""Rows of the mem_map table, which ends ``vtop`` and makes up ``files -p``: what the kernel knows of a physical page.

Source of the format: memory.c:dump_mem_map; kernels before 2.4 have INODE and OFFSET for MAPPING and INDEX.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from xcrash.parse.rows import Table, hexadecimal, integer, pointer
from xcrash.parse.value import Span

_FLAGS = re.compile(r"(?:([0-9a-f]{1,16})(?:\s+|$))?([a-z_0-9]+(?:,[a-z_0-9]+)*)?")


class PageFlags(msgspec.Struct, frozen=True, kw_only=True):
    """``page.flags`` as a number in hexadecimal and by the names of the bits, either of which may be missing."""

    value: str | None
    names: tuple[str, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page: its struct, physical address, mapping and index in it, users, flags."""

    line: int
    span: Span
    page: str | None
    physical: str | None
    mapping: str | None = None
    index: int | None = None
    inode: str | None = None
    offset: str | None = None
    cnt: int | None = None
    flags: PageFlags | None = None


def _flags(word: str) -> PageFlags:
    found = _FLAGS.fullmatch(word.rstrip())
    if not found:
        raise ValueError(word)
    return PageFlags(value=f"0x{found[1]}" if found[1] else None, names=tuple(found[2].split(",")) if found[2] else ())


PAGES: Final = Table(
    Page,
    {
        "PAGE": ("page", pointer),
        "PHYSICAL": ("physical", pointer),
        "MAPPING": ("mapping", pointer),
        "INDEX": ("index", hexadecimal),
        "INODE": ("inode", pointer),
        "OFFSET": ("offset", pointer),
        "CNT": ("cnt", integer),
        "FLAGS": ("flags", _flags),
    },
    optional=1,
)
"""The table with its header."""
