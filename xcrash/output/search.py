# SPDX-License-Identifier: Apache-2.0
"""Which lines of a span of the spool match: read in pieces, so that a gigabyte needs little memory."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator

from xcrash.output.pattern import Pattern
from xcrash.parse.text import clean
from xcrash.session import Spool

_PIECE = 1 << 20

Stop = Callable[[], bool]
"""Asked between pieces: is nobody interested any more?"""


def never() -> bool:
    """The search goes on to its end."""
    return False


def matching_lines(spool: Spool, start: int, end: int, pattern: Pattern, stop: Stop = never) -> Iterator[array[int]]:
    """The numbers (from 0) of the lines between ``start`` and ``end`` that match, in batches, one for each piece.

    What terminals would not show, escape sequences and the like, hides nothing. Of a line longer than a piece (1 MB)
    every piece is looked at for itself.
    """
    line = 0
    while start < end and not stop():
        data = spool.read(start, min(end, start + _PIECE))
        if not data:
            return
        if start + len(data) < end:
            data = data[: data.rfind(b"\n") + 1] or data
        hits = array("Q", (line + number for number in _in_piece(data, pattern, stop)))
        line += data.count(b"\n")
        start += len(data)
        yield hits


def _in_piece(data: bytes, pattern: Pattern, stop: Stop) -> Iterator[int]:
    plain = data.replace(b"\r\n", b"\n")
    # Colours, overstriking and repainted lines are undone by ``clean``, which is slow: most output has none.
    odd = any(sign in plain for sign in (b"\x1b", b"\b", b"\r"))
    if pattern.needle and not odd:
        yield from _of_needle(plain if pattern.exact else plain.lower(), pattern.needle)
        return
    for number, text in enumerate(plain.decode("utf-8", "replace").split("\n")):
        if pattern.in_line(clean(text) if odd else text):
            yield number
        if number % 256 == 0 and stop():
            return


def _of_needle(data: bytes, needle: bytes) -> Iterator[int]:
    line, at, found = 0, 0, data.find(needle)
    while found >= 0:
        line += data.count(b"\n", at, found)
        yield line
        at = data.find(b"\n", found)
        found = data.find(needle, at) if at >= 0 else -1
