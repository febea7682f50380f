# SPDX-License-Identifier: Apache-2.0
"""What a user looks for: words and regular expressions, none of which may take for ever."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xcrash.errors import UsageError
from xcrash.output.pattern import Pattern


@pytest.mark.parametrize(
    ("typed", "text", "matches"),
    [
        ("panic", "Kernel PANIC - not syncing", True),
        ("Panic", "Kernel panic", False),
        ("Panic", "Kernel Panic", True),
        ("a.c", "abc", False),
        ("[kworker", "[kworker/0:1]", True),
        ("re:pid: [0-9]+", "PID: 398", True),
        ("re:^PID", "  PID: 1", False),
        (r"re:\Sx", "ax", True),
        ("grün", "GRÜN", True),
        ("宽", "a宽b", True),
    ],
)
def test_what_matches(typed: str, text: str, matches: bool) -> None:
    assert Pattern(typed).in_line(text) is matches


def test_words_may_be_a_regular_expression_when_that_is_asked_for() -> None:
    assert Pattern("a.c", regex=True).in_line("abc")
    assert list(Pattern("a+", regex=True).spans("baaca")) == [(1, 3), (4, 5)]
    assert list(Pattern("x*", regex=True).spans("bab")) == []


@pytest.mark.parametrize(
    "typed", ["(", "[a", "*", "(a+)+b", "(a|a)*c", r"(a)\1", "a*b*c*d*", "(ab|cd|ef){8}", "(?P<x>", "a{2", "(" * 3000]
)
def test_what_is_wrong_or_slow_is_refused_with_the_reason(typed: str) -> None:
    try:
        Pattern(typed, regex=True)
    except UsageError as error:
        assert error.code == "pattern"
        assert error.message and error.hint
    else:
        assert typed == "a{2"


@given(st.text(alphabet="ab(|)*+?{}[]^.$,019\\", max_size=14))
def test_any_expression_that_is_taken_ends_soon(typed: str) -> None:
    try:
        pattern = Pattern(typed, regex=True)
    except UsageError:
        return
    began = time.process_time()
    pattern.in_line("a" * 20_000 + "!")
    assert time.process_time() - began < 2.0


def test_a_plain_pattern_is_what_re_says() -> None:
    for typed in ("a+b", "x.y", "(", "\\", "re"):
        assert Pattern(typed).line.pattern == re.escape(typed)
