# SPDX-License-Identifier: Apache-2.0
"""What every parser hands out: frozen structs that msgspec writes as JSON objects with a ``kind``.

Unknown is None. Sizes are bytes, times seconds, addresses ``"0x..."`` strings, spans ``[start, end)`` in the characters
of the text that was given to the parser.
"""

from __future__ import annotations

import re

import msgspec

Span = tuple[int, int]

_HEX = re.compile(r"(?:0x)?([0-9a-f]{6,16})\b", re.IGNORECASE)


class ParsedValue(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The output of one crash command; the JSON field ``kind`` says which."""


class UnreadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line, counted from 1, that the parser did not understand, as cleaned text."""

    line: int
    text: str


def address(text: str) -> str | None:
    """The address at the start of ``text`` as a ``"0x..."`` string; None if it is masked or cut."""
    found = _HEX.match(text)
    return "0x" + found[1].lower() if found else None
