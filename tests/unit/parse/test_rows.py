# SPDX-License-Identifier: Apache-2.0
"""Cells, rows and sections."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from xcrash.parse.rows import Table, flags, hexadecimal, integer, kilobytes, pointer, read_tables, text
from xcrash.parse.sections import by_task, extent
from xcrash.parse.text import plain_lines
from xcrash.parse.value import Span


class Row(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    span: Span
    pid: int | None
    task: str | None = None
    comm: str = ""


TABLE = Table(Row, {"PID": ("pid", integer), "TASK": ("task", pointer), "COMM": ("comm", text)}, "PID COMM", optional=1)


@pytest.mark.parametrize(
    ("read", "word", "value"),
    [
        (pointer, "c7e30560", "0xc7e30560"),
        (pointer, "0xFFFF8000", "0xffff8000"),
        (pointer, "0", "0x0"),
        *((pointer, word, None) for word in ("?", "--", "(none)", "(unused)", "ffff8000********", "xxxxxxxxxxxxxxxx")),
        (integer, "-12", -12),
        (integer, "18446744073709551615", 2**64 - 1),
        (integer, "N/A(MQ)", None),
        (hexadecimal, "ff", 255),
        (hexadecimal, "--", None),
        (kilobytes, "12k", 12288),
        (kilobytes, "?", None),
        (flags, "(A|B)", ("A", "B")),
        (flags, "()", ()),
    ],
)
def test_cells(read: Callable[[str], object], word: str, value: object) -> None:
    assert read(word) == value


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (pointer, "zzz"),
        (pointer, ""),
        (pointer, "11112222333344445"),
        (integer, "1.5"),
        (integer, "18446744073709551616"),
        (integer, "\u0661"),
        (kilobytes, "12"),
        (flags, "A|B"),
    ],
)
def test_other_words_are_no_cells(read: Callable[[str], object], word: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read(word)


def test_a_table_is_read_by_the_words_of_its_header() -> None:
    lines = list(plain_lines("1  init\nTASK PID COMM\nc7e30560 2 a b \nc7e30561 x y\n  c7e30562   3\n\nc7e30563\n"))
    rows, rest = TABLE.read(lines)
    assert [(row.pid, row.task, row.comm) for row in rows] == [
        (1, None, "init"),
        (2, "0xc7e30560", "a b"),
        (3, "0xc7e30562", ""),
    ]
    assert [line.number for line in rest] == [4, 7]


@pytest.mark.parametrize("line", ["PID", "PID PID", "TASK COMM", "PID NAME", "COMMAND PID", "pid task", ""])
def test_lines_that_are_no_headers(line: str) -> None:
    assert TABLE.header(line) is None


def test_every_row_belongs_to_the_last_header_above() -> None:
    other = Table(Row, {"NR": ("pid", integer), "NAME": ("comm", text)})
    lines = plain_lines("5 lost\nPID COMM\n1 a\nNR NAME\n2 b\n3 c\nPID COMM\n4 d\n")
    (mine, others), rest = read_tables(lines, TABLE, other)
    assert ([row.pid for row in mine], [row.pid for row in others]) == ([1, 4], [2, 3])
    assert [line.text for line in rest] == ["5 lost"]


def test_sections_end_with_the_last_line_that_was_read() -> None:
    text = 'before\n\nPID: 1  TASK: c7e30560  CPU: 0  COMMAND: "a"\nread\nnot read\n'
    (none, first, body), (task, place, lines) = by_task(plain_lines(text))
    assert (none, first.line, [line.text for line in body]) == (None, 1, ["before"])
    assert task is not None
    assert task.pid == 1
    assert text[slice(*extent(place, lines, lines[1:]).span)].endswith("\nread")
    assert text[slice(*extent(place, lines, lines).span)].startswith("PID: 1")
