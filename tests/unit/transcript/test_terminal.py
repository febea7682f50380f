# SPDX-License-Identifier: Apache-2.0
"""What a terminal showed, read from what it was told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.transcript.asciicast import Event
from xcrash.transcript.terminal import Line, has_control, shown_lines

LESS = "\x1b[7m -- MORE -- \x1b[27m\x1b[K"


def shown(text: str, width: int = 80, height: int = 24) -> list[str]:
    return [line.text for line in shown_lines([Event(0.0, "o", text)], width, height)]


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        ("", []),
        ("a\r\nb", ["a", "b"]),
        ("\x1b[31ma\x1b[0m\r\n", ["a"]),
        ("\x1b[?2004hcrash> ps\r\n\x1b[?2004l\rPID\r\n", ["crash> ps", "PID"]),
        ("crash> pz\b\x1b[Ks -m\r\n", ["crash> ps -m"]),
        ("crash> bt foo\r\x1b[Kcrash> bt -a\r\n", ["crash> bt -a"]),
        ("crash> log\x1b[3Dps\x1b[K\r\n", ["crash> ps"]),
        ("crash> ab\x1b[D\x1b[1@x\r\n", ["crash> axb"]),
        ("crash> abc\x1b[2D\x1b[1P\r\n", ["crash> ac"]),
        ("please wait... (x)\r                   \r      KERNEL: v\r\n", ["      KERNEL: v"]),
        ("x\ty\b\bz\r\n", ["x      zy"]),
        ("\x1b]0;title\x07a\x1b(Bb\x0e\x07\b\bc\r\n", ["cb"]),
        ("日本\b\bx\r\n", ["日x"]),
        ("e\u0301\b\bz\r\n", ["z"]),
        ("a\nb\b\nc", ["a", "b", "c"]),
    ],
)
def test_sequences_do_what_they_do_on_a_terminal(told: str, lines: list[str]) -> None:
    assert shown(told) == lines


def test_a_long_line_is_one_line() -> None:
    command = "crash> struct " + "x" * 200
    assert shown(f"{command}y\b\x1b[K\r\n{'o' * 300}\r\n") == [command, "o" * 300]


def test_readline_wraps_with_a_blank_and_a_return() -> None:
    assert shown("crash> 1234567890123 \r4567\b8\r\nx\r\n", width=20) == ["crash> 12345678901234568", "x"]


def test_a_pager_leaves_its_lines_and_nothing_of_itself() -> None:
    pages = [f"line {number}\r\n" for number in range(1, 7)]
    told = f"\x1b[?1h\x1b={''.join(pages[:3])}{LESS}\r\x1b[K{''.join(pages[3:])}{LESS}\r\x1b[K\x1b[?1l\x1b>crash> \r\n"
    assert shown(told, height=4) == [*(f"line {number}" for number in range(1, 7)), "crash>"]


def test_going_back_in_a_pager_repeats_nothing() -> None:
    pages = [f"line {number}\r\n" for number in range(1, 10)]
    back = f"\r\x1b[K\x1b[H\x1bM{pages[2]}\x1b[H\x1bM{pages[1]}\x1b[4;1H{LESS}"
    told = f"{''.join(pages[:3])}{LESS}\r\x1b[K{''.join(pages[3:6])}{LESS}{back}\r\x1b[K{''.join(pages[4:9])}"
    assert shown(told, height=4) == [f"line {number}" for number in range(1, 10)]


def test_a_cleared_screen_is_kept_but_for_the_line_that_is_typed() -> None:
    assert shown("one\r\ntwo\r\ncrash> p\x1b[H\x1b[2Jcrash> ps\r\nPID\r\n") == ["one", "two", "crash> ps", "PID"]


def test_a_full_screen_program_comes_in_between() -> None:
    told = "before\r\n\x1b[?1049h\x1b[H\x1b[2Jfile\r\n~\x1b[?1049l\r\nafter\r\n"
    found = shown(told)
    assert [line for line in found if line] == ["before", "file", "~", "after"]


def test_lines_without_control_are_not_emulated_for_long() -> None:
    plain = [f"line {number}" for number in range(500)]
    told = "a\bb\r\n" + "".join(f"{line}\r\n" for line in plain) + "c\bd\r\n"
    assert shown(told) == ["b", *plain, "d"]


def test_a_line_knows_when_it_was_written() -> None:
    events = [
        Event(1.0, "o", "crash> "),
        Event(2.0, "o", "pz"),
        Event(2.5, "o", "\b\x1b[Ks\r\n"),
        Event(3.0, "o", "PID\r\nx\r\n"),
    ]
    assert shown_lines(events, 80, 24) == [
        Line("crash> ps", 1.0, 2.5),
        Line("PID", 3.0, 3.0),
        Line("x", 3.0, 3.0),
    ]


def test_a_window_of_another_size_wraps_elsewhere() -> None:
    events = [
        Event(0.0, "o", "a\b\r\n" + "x" * 60 + "\b\r\n"),
        Event(1.0, "r", "40x10"),
        Event(2.0, "o", "y" * 60 + "\b\r\n"),
    ]
    assert [line.text for line in shown_lines(events, 80, 24)] == ["a", "x" * 60, "y" * 60]


@pytest.mark.parametrize(
    ("text", "control"),
    [("a\nb", False), ("a\r\nb", False), ("\x1b[31ma\x1b[0m\r\n", False), ("\x1b[?2004ha\r\n\x1b[?2004l", False),
     ("a\bb", True), ("a\x1b[K", True), ("a\rb\n", True), ("\x1b]0;t\x07a", False)],
)  # fmt: skip
def test_control_is_more_than_colours(text: str, control: bool) -> None:
    assert has_control(text) is control


SEQUENCES = (
    *("\x1b[", "\x1b[9999999999999999999999A", "\x1b[3;3;3H", "\x1b[?7J", "\x1b[?6h\x1b[5d", "\x1b[2;3r", "\x1b[?3h"),
    *("\x1b[99L", "\x1b[99M", "\x1b[99@", "\x1b[99P", "\x1bM", "\x1bD", "\x1bc", "\x1b#8", "\x1b7\x1b8", "\x1b[4h"),
    *("\x1b[?1049h", "\x1b[?1049l", "\x9b1m", "\x9d", "\x1b]0;", "\x1bP", "\b" * 50, "\r", "\n" * 30, "\t", "\x1b[²A"),
)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(SEQUENCES) | st.text(max_size=20), max_size=30), st.integers(-5, 200), st.integers(-5, 60)
)
def test_nothing_that_a_terminal_is_told_breaks_it(parts: list[str], width: int, height: int) -> None:
    lines = shown("".join(parts), width, height)
    assert not any(char in "\x1b\b\r\n" for line in lines for char in line)


@pytest.mark.parametrize("piece", ["x\b", "\x1b[H\x1b[2J", "\x1b]0;", "\x1b[9L", "\x1bM", "é\b", "\x1b[", "a\x1b[999C"])
def test_a_long_line_of_anything_is_read_in_linear_time(piece: str) -> None:
    assert len("".join(shown(piece * 20_000))) <= 20_000 * 1100
