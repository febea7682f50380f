# SPDX-License-Identifier: Apache-2.0
"""Memory as ``rd`` shows it: 16 bytes a line as numbers or symbols, mostly with their characters; ``-a``: text.

Source of the format: memory.c:display_memory. Words have the width of their type and are parted by one blank; the
characters follow after three, below each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.missing import without_missing
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_ROW = re.compile(r"\s*([0-9a-f]{1,16}): {1,2}(\S.*|  .*)$")
_WORD = re.compile(r" ?([0-9a-f]{16}|[0-9a-f]{8}|[0-9a-f]{4}|[0-9a-f]{2})(?= |$)")
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_CELL = re.compile(r"\[[^\]]{0,80}\]|\S+")
_SYMBOLIC = re.compile(
    r"[0-9a-f]{8}(?:[0-9a-f]{8})?|\[[^\[\]]+\]|[A-Za-z_.][\w.$]*(?:[+-](?:0x)?[0-9a-f]+)?(?: \[\w+\])?"
)
_BYTES = 16


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of memory from ``address`` on.

    ``words`` are hexadecimal (``0x...``) as wide as they were read; with ``rd -s`` also symbols (``vfs_read+159``) and
    slab caches (``[filp]``, ``[ffff...:filp]``). ``numbers`` are the values of ``rd -d`` and ``-D``. ``ascii`` is what
    the bytes look like, ``.`` for all that is not printable.
    """

    line: int
    span: Span
    address: str
    words: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    ascii: str | None = None


class Memory(CommandOutput, frozen=True, kw_only=True, tag="rd"):
    """The lines of memory, in order."""

    rows: tuple[Row, ...]


class TextRow(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a string and where it begins."""

    line: int
    span: Span
    address: str
    text: str


class MemoryText(CommandOutput, frozen=True, kw_only=True, tag="rd-a"):
    """The string at an address: ``text`` is all of it, ``rows`` its pieces of 60 characters or less."""

    text: str
    rows: tuple[TextRow, ...]


def parser(arguments: Sequence[str]) -> Callable[[str], Memory | MemoryText] | None:
    """The parser for ``rd ARGUMENTS``."""
    options = {letter for word in arguments if re.fullmatch(r"-[A-Za-z]+", word) for letter in word[1:]}
    sized = any(word in ("-8", "-16", "-32", "-64") for word in arguments)
    if "a" in options and not sized:
        return parse_text
    return partial(parse, decimal=bool(options & {"d", "D"}))


def parse(text: str, decimal: bool = False) -> Memory:
    """The rows of memory in the text; with ``decimal`` its words are decimal numbers."""
    said = answer(text, "rd")
    lines, missing = without_missing(said.lines)
    rows: list[Row] = []
    left: list[Line] = []
    for line in lines:
        found = row(line, decimal)
        if found:
            rows.append(found)
        else:
            left.append(line)
    return Memory(rows=tuple(rows), remarks=(*said.remarks, *missing), unread=tuple(unread(left)))


def parse_text(text: str) -> MemoryText:
    """The string in the text."""
    said = answer(text, "rd")
    lines, missing = without_missing(said.lines)
    rows: list[TextRow] = []
    left: list[Line] = []
    for line in lines:
        found = _TEXT_ROW.match(line.text)
        if found:
            rows.append(
                TextRow(line=line.number, span=(line.start, line.end), address="0x" + found[1].lower(), text=found[2])
            )
        else:
            left.append(line)
    return MemoryText(
        text="".join(row.text for row in rows),
        rows=tuple(rows),
        remarks=(*said.remarks, *missing),
        unread=tuple(unread(left)),
    )


_TEXT_ROW = re.compile(r"\s*([0-9a-f]{1,16}): {1,2}(.*)$")


def row(line: Line, decimal: bool = False) -> Row | None:
    """The memory on one line; None for other lines."""
    found = _ROW.match(line.text)
    if not found:
        return None
    cells = found[2]
    span, address = (line.start, line.end), "0x" + found[1].lower()
    if decimal:
        words = cells.split()
        if not all(_NUMBER.fullmatch(word) for word in words):
            return None
        return Row(line=line.number, span=span, address=address, numbers=tuple(map(int, words)))
    words, rest = _words(cells)
    if words:
        if not rest.strip():
            return Row(line=line.number, span=span, address=address, words=tuple("0x" + word for word in words))
        if rest.startswith("  ") or len(words) * len(words[0]) == 2 * _BYTES:
            return Row(
                line=line.number,
                span=span,
                address=address,
                words=tuple("0x" + word for word in words),
                ascii=_characters(rest, words),
            )
    symbols = _CELL.findall(cells)
    if len(symbols) <= 4 and all(_SYMBOLIC.fullmatch(symbol) for symbol in symbols):
        return Row(line=line.number, span=span, address=address, words=tuple(map(_symbol, symbols)))
    return None


def _symbol(word: str) -> str:
    return "0x" + word if len(word) in (8, 16) and all(digit in "0123456789abcdef" for digit in word) else word


def _words(cells: str) -> tuple[list[str], str]:
    """The words of equal width at the start, 16 bytes of them at most, and what follows them."""
    words: list[str] = []
    at = 0
    while found := _WORD.match(cells, at):
        if words and len(found[1]) != len(words[0]):
            break
        words.append(found[1])
        at = found.end()
        if len(words) * len(words[0]) >= 2 * _BYTES:
            break
    return words, cells[at:]


def _characters(rest: str, words: list[str]) -> str:
    """The characters behind the words, one for each byte; blanks at the start count, those at the end do not."""
    width, count = len(words[0]), len(words) * len(words[0]) // 2
    gap = (2 * _BYTES // width - len(words)) * (width + 1) + 3
    if rest[:gap].strip():
        rest, gap = rest.lstrip(), 0
    return rest[gap : gap + count].rstrip()
