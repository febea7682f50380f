# SPDX-License-Identifier: Apache-2.0
"""``kmem -c`` and ``-C``: the hash table of the page cache in kernels before 2.6.

Source of the format: memory.c:dump_page_hash_table.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.kmem.tables import Row, place, pointer, read
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput

_BUCKET = re.compile(r"\s*page_hash_table\[(\d{1,9})\]\s*$")
_PAGE = re.compile(r"\s*([0-9a-f]{6,16})\s*$")
_TOTAL = re.compile(r"\s*page[_ ]cache[_ ]size: (-?\d{1,19})\s*(?:\((?:(verified)|found (\d{1,19}))\))?\s*$")


class Bucket(Row, frozen=True, kw_only=True):
    """One element of page_hash_table[] and the page structures in it."""

    index: int
    pages: tuple[str, ...]


class PageCacheTotal(Row, frozen=True, kw_only=True):
    """The size that the kernel knows, in pages, and what crash ``found``; None where it did not count."""

    page_cache_size: int
    found: int | None


class KmemPageCache(CommandOutput, frozen=True, kw_only=True, tag="kmem-c"):
    """The elements of the hash table (``-C``, or that of a page), and the ``total``, None for a page."""

    total: PageCacheTotal | None
    buckets: tuple[Bucket, ...]


def parse(text: str) -> KmemPageCache:
    """Read ``kmem -c`` or ``-C``."""
    table = PageCacheTable()
    rest = read(text, table)
    table.close()
    return KmemPageCache(
        total=table.total,
        buckets=tuple(table.buckets),
        remarks=rest.remarks,
        unread=rest.unread,
    )


class PageCacheTable:
    """Collects ``buckets`` and the ``total``; ``close`` completes the last bucket."""

    def __init__(self) -> None:
        self.total: PageCacheTotal | None = None
        self.buckets: list[Bucket] = []
        self._pages: list[str] = []
        self._end = 0

    def take(self, line: Line) -> bool:
        """Read a bucket, one of its pages, or the total."""
        if self.buckets and (found := _PAGE.match(line.text)):
            self._pages.append(pointer(found[1]))
            self._end = line.end
        elif found := _BUCKET.match(line.text):
            self.close()
            self.buckets.append(Bucket(**place(line), index=int(found[1]), pages=()))
        elif not self.total and (found := _TOTAL.match(line.text)):
            size = int(found[1])
            counted = size if found[2] else int(found[3]) if found[3] else None
            self.total = PageCacheTotal(**place(line), page_cache_size=size, found=counted)
        else:
            return False
        return True

    def close(self) -> None:
        """Complete the last bucket."""
        if self._pages:
            bucket = self.buckets[-1]
            self.buckets[-1] = msgspec.structs.replace(
                bucket, span=(bucket.span[0], self._end), pages=tuple(self._pages)
            )
        self._pages = []
