# SPDX-License-Identifier: Apache-2.0
"""Rows of the tables that crash prints of a hypervisor: marks in front, then one word for each column.

Source of the format: xen_hyper_command.c; ``>`` marks what runs on a physical CPU, ``*`` what crashed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from xcrash.parse.table import columns
from xcrash.parse.text import Line

_MARKS = re.compile(r"[\s>*]*(?=[0-9])")
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,16}")


class Row(NamedTuple):
    """A row: its cells by the name of the column."""

    line: Line
    active: bool
    crashing: bool
    cells: dict[str, str]

    def address(self, column: str) -> str | None:
        """A cell as an address; None if the table has no such column, or only dashes in it."""
        cell = self.cells.get(column, "")
        return "0x" + cell if _HEXADECIMAL.fullmatch(cell) else None

    def number(self, column: str, base: int = 10) -> int | None:
        """A cell as a number; None as of an address."""
        cell = self.cells.get(column, "")
        shape = cell.isdigit() if base == 10 else _HEXADECIMAL.fullmatch(cell)
        return int(cell, base) if shape and len(cell) <= 16 else None


def rows(lines: Iterable[Line], names: tuple[str, ...]) -> tuple[list[Row | Line], list[Line]]:
    """The rows below headers made of these names, in order with the other lines; and the headers."""
    found: list[Row | Line] = []
    heads: list[Line] = []
    header: tuple[str, ...] | None = None
    for line in lines:
        named = columns(line.text, names)
        if named and len(named) > 2:
            header = named
            heads.append(line)
            continue
        row = _row(line, header) if header else None
        found.append(row or line)
    return found, heads


def _row(line: Line, header: tuple[str, ...]) -> Row | None:
    front = _MARKS.match(line.text)
    marks = "".join(front[0].split()) if front else ""
    words = line.text[front.end() :].split(None, len(header)) if front else []
    if marks not in ("", ">", "*", ">*") or len(words) != len(header):
        return None
    if not all(_cell(name, word) for name, word in zip(header, words, strict=True)):
        return None
    return Row(line, ">" in marks, "*" in marks, dict(zip(header, words, strict=True)))


def _cell(name: str, word: str) -> bool:
    """Whether a word can stand in a column: states and types are letters, everything else numbers or unknown."""
    if name in ("ST", "T"):
        return len(word) <= 2 and (word.isalnum() or word.strip("?") == "")
    return bool(_HEXADECIMAL.fullmatch(word)) or word.strip("-") == "" or word.strip("?") == ""
