# SPDX-License-Identifier: Apache-2.0
"""A prompt counts only at the end of everything, and only behind the answer of the handshake."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xcrash.session.prompt import TAIL_BYTES, PromptMatcher, strip_escapes


def token(challenge: bytes) -> bytes:
    assert challenge.startswith(b"echo ")
    assert challenge.endswith(b"\n")
    return challenge[5:-1]


def learned(prompt: bytes = b"crash> ") -> PromptMatcher:
    matcher = PromptMatcher()
    assert matcher.answered(prompt + token(matcher.challenge()) + b"\r\n" + prompt)
    return matcher


@pytest.mark.parametrize(
    "tail",
    [
        b"crash> ",
        b"x\r\ncrash> ",
        b"x\ncrash-9.0.2> ",
        b"\rcrash32> ",
        b"%crash> ",
        b"(ins)crash> ",
        b"\r\n\x1b[?2004hcrash> ",
        b"\r\n\x1b[?2004h(ins)crash> ",
    ],
)
def test_forms_of_the_prompt_at_the_end(tail: bytes) -> None:
    matcher = PromptMatcher()
    assert matcher.at_end(tail)
    assert matcher.at_line_start(tail)


@pytest.mark.parametrize(
    "tail", [b"", b"crash>", b"crash> \r\n", b"crash> ps", b"> ", b"\r\n> ", b"Reply (y or n) ", b"a crash> ", b"(a)> "]
)
def test_what_is_no_prompt_before_one_was_learned(tail: bytes) -> None:
    assert not PromptMatcher().at_end(tail)


def test_a_learned_prompt_is_found_behind_output_without_a_newline() -> None:
    matcher = learned()
    assert matcher.at_end(b"glued crash> ")
    assert not matcher.at_line_start(b"glued crash> ")
    assert matcher.at_line_start(b"\r\ncrash> ")
    assert not matcher.at_end(b"\r\nother> ")


def test_only_the_answer_of_the_last_challenge_counts() -> None:
    matcher = PromptMatcher()
    first = token(matcher.challenge())
    second = token(matcher.challenge())
    assert not matcher.answered(b"crash> " + first + b"\r\ncrash> ")
    assert matcher.answered(b"crash> " + first + b"\r\ncrash> " + second + b"\r\ncrash> ")


def test_nothing_answers_before_the_first_challenge() -> None:
    assert not PromptMatcher().answered(b"crash> ")


def test_answers_of_two_matchers_differ() -> None:
    ours, theirs = PromptMatcher(), PromptMatcher()
    ours.challenge()
    assert not ours.answered(b"crash> " + token(theirs.challenge()) + b"\r\ncrash> ")


def test_an_echoed_challenge_is_no_answer() -> None:
    matcher = PromptMatcher()
    challenge = matcher.challenge()
    assert not matcher.answered(b"crash> " + challenge)
    assert not matcher.answered(b"crash> " + challenge + b"crash> xy")


@pytest.mark.parametrize(
    "output", [b"", b"a\r\n", b"glued", b"value (y)", b"crash> ", b"crash> ps\r\nx\r\ncrash> \r\n"]
)
@pytest.mark.parametrize("prompt", [b"crash> ", b"\x1b[?2004hcrash> "])
def test_the_output_ends_in_front_of_the_prompt_of_the_first_answer(output: bytes, prompt: bytes) -> None:
    matcher = PromptMatcher()
    first, second = token(matcher.challenge()), token(matcher.challenge())
    off = b"\x1b[?2004l\r" if prompt.startswith(b"\x1b") else b""
    window = output + prompt + off + first + b"\r\n" + prompt + off + second + b"\r\n" + prompt
    assert matcher.answered(window)
    assert window[: matcher.output_end(window)] == output
    assert matcher.without_answers(window) == output + prompt


def test_a_ctrl_c_at_the_prompt_between_two_answers_is_no_output() -> None:
    matcher = PromptMatcher()
    first, second = token(matcher.challenge()), token(matcher.challenge())
    window = b"x\r\ncrash> " + first + b"\r\ncrash> ^C\r\ncrash> " + second + b"\r\ncrash> "
    assert matcher.answered(window)
    assert matcher.output_end(window) == 3


def test_a_mode_in_front_of_the_prompt_is_told_from_output() -> None:
    plain, shown = learned(), learned(b"(ins)crash> ")
    for matcher, prompt, output in ((plain, b"crash> ", b"x (ins)"), (shown, b"(ins)crash> ", b"x ")):
        window = output + prompt + token(matcher.challenge()) + b"\r\n" + prompt
        assert matcher.answered(window)
        assert window[: matcher.output_end(window)] == output


def test_a_long_run_of_answers_is_cut_whole() -> None:
    matcher = learned()
    window = (
        b"output\r\n" + b"".join(b"crash> " + token(matcher.challenge()) + b"\r\n" for _ in range(300)) + b"crash> "
    )
    assert matcher.answered(window)
    assert matcher.output_end(window) == 8
    assert matcher.without_answers(window) == b"output\r\ncrash> "


def test_escapes_are_stripped() -> None:
    assert strip_escapes(b"\x1b[?2004h\x1b[1;31mred\x1b[0m\x1b=\x1b>") == b"red"


noise = st.sampled_from(
    [b"crash> ", b"\r\ncrash> ", b"x\r\n", b"crash", b"> ", b"\x1b[?2004h", b"echo ", b"xcrash-", b"\n"]
)


@settings(deadline=None, max_examples=200)
@given(parts=st.lists(noise | st.binary(max_size=6), max_size=40), sizes=st.lists(st.integers(1, 9), min_size=1))
def test_no_stream_without_the_token_ever_answers(parts: list[bytes], sizes: list[int]) -> None:
    matcher = learned()
    matcher.challenge()
    stream, tail, at, number = b"".join(parts), b"", 0, 0
    while at < len(stream):
        size = sizes[number % len(sizes)]
        tail = (tail + stream[at : at + size])[-TAIL_BYTES:]
        assert not matcher.answered(tail)
        at, number = at + size, number + 1


@settings(deadline=None, max_examples=150)
@given(parts=st.lists(noise | st.binary(max_size=6), max_size=40), sizes=st.lists(st.integers(1, 9), min_size=1))
def test_a_stream_with_the_answer_is_answered_at_its_very_end_only(parts: list[bytes], sizes: list[int]) -> None:
    matcher = learned()
    stream = b"".join(parts) + b"\r\ncrash> " + token(matcher.challenge()) + b"\r\ncrash> "
    tail, at, number = b"", 0, 0
    while at < len(stream):
        assert not matcher.answered(tail)
        size = sizes[number % len(sizes)]
        tail = (tail + stream[at : at + size])[-TAIL_BYTES:]
        at, number = at + size, number + 1
    assert matcher.answered(tail)
    assert stream[: matcher.output_end(stream)] == b"".join(parts) + b"\r\n"
