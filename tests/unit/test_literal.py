# SPDX-License-Identifier: Apache-2.0
"""Text from a dump is safe to show, whatever is in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.literal import one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a\tb\nc", "a\tb\nc"),
        ("größe — ✓", "größe — ✓"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x00\x07\x08\r\x1f\x7f", "␀␇␈␍␟␡"),
        ("\x80\x9b31m\x9f", "�" + "�31m�"),
        ("a\u202eb\u2066c\u2069\u200e\u200f\u061c", "a�b�c����"),
        ("\u2028\u2029\u202a\u202d", "����"),
        ("\ud800x\udfff", "?x?"),
    ],
)
def test_controls_become_signs(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_is_one_line() -> None:
    assert one_line("a\tb\nc\rd") == "a b c␍d"


@settings(deadline=None, max_examples=300)
@given(st.text() | st.text(st.characters(max_codepoint=0xFF)))
def test_nothing_that_controls_a_terminal_gets_through(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n" for char in shown)
    assert not any(
        unicodedata.bidirectional(char) in ("RLE", "LRE", "RLO", "LRO", "PDF", "RLI", "LRI") for char in shown
    )
    assert visible(shown) == shown
    assert not set(one_line(text)) & {"\n", "\t"}
