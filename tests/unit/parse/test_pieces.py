# SPDX-License-Identifier: Apache-2.0
"""Long texts in pieces: rows as they stand, lines between them placed as in the whole text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.parse.pieces import Piece, is_rewritten, part, pieces
from xcrash.parse.text import plain_lines

ROW = re.compile(r"^row .*", re.MULTILINE)


def test_rows_and_what_is_between_them() -> None:
    text = "HEAD\nrow 1\n\nrow 2\nlog: no\n\nother\nrow 3"
    found = list(pieces(text, ROW))
    assert [(one.line, one.row, text[one.start : one.end].strip()) for one in found] == [
        (1, False, "HEAD"),
        (2, True, "row 1"),
        (4, True, "row 2"),
        (4, False, "log: no\n\nother"),
        (8, True, "row 3"),
    ]
    answer = part(text, found[3], "log")
    assert [(line.number, text[line.start : line.end]) for line in answer.lines if line.text] == [(7, "other")]
    assert [(one.line, text[slice(*one.span)]) for one in answer.remarks] == [(5, "log: no")]


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("plain x=1 y=2", False),
        ("ACPI: \\_SB_.LNKB and \\_SB_.LNKC", False),
        ("a & b &amp", False),
        ("&lt;TASK&gt;", True),
        ("p &#x27;a&#x27;", True),
        ("a =3D b =\nc", True),
        ("root=UUID ends with =\nquiet=1 x=y", False),
        ("task\\_struct vm\\_area", True),
        ("one \\_ only", False),
    ],
)
def test_text_that_mail_or_a_web_page_rewrote(text: str, rewritten: bool) -> None:
    assert is_rewritten(text) is rewritten
    assert (list(pieces(text, ROW)) == [Piece(1, 0, len(text), False)]) or not rewritten


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["=", "3D", "x", "&lt;", "&", "\\_", "_", "\\", "\n", "=\n", "=C3=A9", "y" * 61])))
def test_what_is_not_rewritten_stands_in_the_text_as_it_is(parts: list[str]) -> None:
    text = "".join(parts)
    if not is_rewritten(text):
        assert [line.text for line in plain_lines(text)] == text.split("\n")
