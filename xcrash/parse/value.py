# SPDX-License-Identifier: Apache-2.0
"""What every parser hands out: frozen structs that msgspec writes as JSON objects with a ``kind``.

Unknown is None. Sizes are bytes, times seconds, addresses ``"0x..."`` strings, spans ``[start, end)`` in the characters
of the text that was given to the parser.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Span = tuple[int, int]

_HEX = re.compile(r"(?:0x)?([0-9a-f]{6,16})\b", re.IGNORECASE)


class ParsedValue(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The output of one crash command; the JSON field ``kind`` says which."""


class UnreadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line, counted from 1, that the parser did not understand, as cleaned text."""

    line: int
    text: str


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """A line that crash said beside the data, counted from 1: an error, a warning, a note or the usage of a command."""

    line: int
    span: Span
    severity: Literal["error", "warning", "note", "usage"]
    text: str


class CommandOutput(ParsedValue, frozen=True, kw_only=True):
    """The output of a command that prints data: ``remarks`` is what is not data, ``unread`` what nothing understood.

    Every line that is not blank and not a header is in exactly one of the data, ``remarks`` and ``unread``.
    """

    remarks: tuple[Remark, ...] = ()
    unread: tuple[UnreadLine, ...] = ()


def address(text: str) -> str | None:
    """The address at the start of ``text`` as a ``"0x..."`` string; None if it is masked or cut."""
    found = _HEX.match(text)
    return "0x" + found[1].lower() if found else None
