# SPDX-License-Identifier: Apache-2.0
"""Recorded text made plain: what the terminal, the mailer and the web page did to it is undone, line by line.

Every function is pure and linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, bracketed paste
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: window titles
    r"|\x1b[()][0-9A-Za-z]|\x1b[=>78cDEHMNOZ]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ODD_BLANKS = str.maketrans("\xa0\u2007\u202f\u3000", "    ", "\u200b\u2060\ufeff")

_QUOTE = re.compile(r"(?:[ \t]*>)*")
_PROMPT = re.compile(r"[\s>`*|]*(?:\(\w+\))?(?:%?crash[\w.+-]*|gdb)>(?:\s+(\S.*)|\s*)$")

_ENCODED = re.compile(r"=3D|=[C-F][0-9A-F]=[89AB][0-9A-F]|^.{60,75}(?<!=)=\r?$", re.MULTILINE)
_NOT_ENCODED = re.compile(r"=(?![0-9A-F]{2}|\r?\n|$)")
_OCTETS = re.compile(r"(?:=[0-9A-F]{2})+")
ENTITY = re.compile(
    r"&(?:(quot|amp|lt|gt|nbsp|apos)|#0{0,3}(3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6]|160)|#[xX]0{0,3}([2-7][0-9a-fA-F]|[aA]0));"
)
"""A character that HTML writes by its name, by its number, or by that in hexadecimal digits."""
_ENTITIES = {"quot": '"', "amp": "&", "lt": "<", "gt": ">", "nbsp": " ", "apos": "'"}
_BACKSLASH = re.compile(r"\\([!-/:-@\[-`{-~])")
_ESCAPED = re.compile(r"\\([!-/:-@\[\]-`{-~])")


class Line(NamedTuple):
    """One plain line, counted from 1, and the span of raw text that it came from (without the line break)."""

    number: int
    start: int
    end: int
    text: str


def clean(text: str) -> str:
    """The text as a terminal would leave it; of the control characters only ``\\n`` and tab remain."""
    return "\n".join(_terminal(line) for line in text.split("\n"))


def plain_lines(text: str) -> Iterator[Line]:
    """The lines of a recording without terminal codes, quoted-printable, HTML entities and Markdown escapes."""
    encoded = len(_ENCODED.findall(text)) > len(_NOT_ENCODED.findall(text))
    escaped = _escaped_marks(text)
    first, start, offset = 1, 0, 0
    parts: list[str] = []
    for number, raw in enumerate(text.split("\n"), 1):
        end = offset + len(raw)
        line = _terminal(raw)
        if not parts:
            first, start = number, offset
        soft = encoded and line.endswith("=")
        parts.append(line[:-1] if soft else line)
        offset = end + 1
        if not soft:
            yield Line(first, start, end, _unescape("".join(parts), encoded, escaped))
            parts = []
    if parts:
        yield Line(first, start, len(text), _unescape("".join(parts), encoded, escaped))


def quotes(line: str) -> int:
    """How many ``>`` a line begins with: the depth of mail quoting, one more in an active row of ``ps``."""
    return line.count(">", 0, _QUOTE.match(line).end())  # type: ignore[union-attr]  # the pattern matches nothing as well


def unquote(line: str, depth: int | None = None) -> str:
    """The line without its mail quoting, at most ``depth`` levels of it."""
    count = quotes(line) if depth is None else min(depth, quotes(line))
    end = 0
    for _ in range(count):
        end = line.index(">", end) + 1
    return line[end:]


def prompt_command(line: str) -> str | None:
    """The command on a prompt line (``""`` for a bare prompt), None for any other line."""
    found = _PROMPT.match(line)
    return (found[1] or "").rstrip() if found else None


def _terminal(line: str) -> str:
    if not _CONTROL.search(line):
        return line
    line = _ESCAPE.sub("", line).rstrip("\r")
    if "\r" in line:
        line = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    if "\b" in line:
        line = _overstrike(line)
    return _CONTROL.sub("", line)


def _overstrike(line: str) -> str:
    cells: list[str] = []
    column = 0
    for char in line:
        if char == "\b":
            column = max(column - 1, 0)
            continue
        cells[column : column + 1] = char
        column += 1
    return "".join(cells)


def _escaped_marks(text: str) -> frozenset[str]:
    """The marks that this text writes with a backslash more often than without; a single one is a real backslash."""
    if text.count("\\") < 2:
        return frozenset()
    marks = set(_ESCAPED.findall(text))
    return frozenset(mark for mark in marks if 2 * text.count("\\" + mark) > text.count(mark))


def _unescape(line: str, encoded: bool, escaped: frozenset[str]) -> str:
    if encoded and "=" in line:
        line = _OCTETS.sub(lambda found: bytes.fromhex(found[0].replace("=", "")).decode(errors="replace"), line)
    if "&" in line:
        line = ENTITY.sub(_character, line)
    if escaped and "\\" in line:
        line = _BACKSLASH.sub(lambda found: found[1] if found[1] in escaped else found[0], line)
    return line if line.isascii() else line.translate(_ODD_BLANKS)


def _character(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    return _ENTITIES[name] if name else chr(int(decimal) if decimal else int(hexadecimal, 16))
