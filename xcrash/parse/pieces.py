# SPDX-License-Identifier: Apache-2.0
"""A long text in pieces: rows that one pattern finds in the text as it stands, and the lines between them.

It makes no line of what can stay text (``xcrash.parse.lazy``): the way to read tens of megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from xcrash.parse.answer import Answer, answer
from xcrash.parse.text import ENTITY

_OCTET = re.compile(r"=(?:[0-9A-F]{2}|\r?$)", re.MULTILINE)
_ESCAPED = re.compile(r"\\([!-/:-@\[\]-`{-~])")


class Piece(NamedTuple):
    """A span without its last line break; ``line`` is the number of its first line, ``row`` whether it is a row."""

    line: int
    start: int
    end: int
    row: bool


def pieces(text: str, row: re.Pattern[str]) -> Iterator[Piece]:
    """The text as rows and what is between them, in order; blank pieces are left out.

    ``row`` begins at the start of a line and ends before a line break. A text that mail or a web page rewrote is one
    piece, whose lines are not those of the text.
    """
    if is_rewritten(text):
        yield Piece(1, 0, len(text), False)
        return
    at, number = 0, 1
    for found in row.finditer(text):
        start, end = found.span()
        if start > at:
            if not text[at:start].isspace():
                yield Piece(number, at, start - 1, False)
            number += text.count("\n", at, start)
        yield Piece(number, start, end, True)
        number += text.count("\n", start, end)
        at = end
    if not text[at:].isspace() and at < len(text):
        yield Piece(number, at, len(text), False)


def part(text: str, piece: Piece, command: str) -> Answer:
    """The lines and remarks of a piece, numbered and placed as in the whole text."""
    found = answer(text[piece.start : piece.end], command)
    number, start = piece.line - 1, piece.start
    return Answer(
        tuple(
            line._replace(number=line.number + number, start=line.start + start, end=line.end + start)
            for line in found.lines
        ),
        tuple(
            msgspec.structs.replace(
                remark, line=remark.line + number, span=(remark.span[0] + start, remark.span[1] + start)
            )
            for remark in found.remarks
        ),
    )


def is_rewritten(text: str) -> bool:
    """Whether ``plain_lines`` would undo quoted-printable, HTML entities or Markdown escapes somewhere in the text."""
    if 2 * len(_OCTET.findall(text)) > text.count("="):
        return True
    if "&" in text and ENTITY.search(text):
        return True
    escaped = set(_ESCAPED.findall(text)) if text.count("\\") > 1 else ()
    return any(2 * text.count("\\" + mark) > text.count(mark) for mark in escaped)
