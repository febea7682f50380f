# SPDX-License-Identifier: Apache-2.0
"""What every parser owes: no line is lost, damaged text harms nothing, time grows with the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

import msgspec
from hypothesis import strategies as st

from tests.unit.parse.growth import grows_linearly
from xcrash.parse.lazy import encoded
from xcrash.parse.text import plain_lines, prompt_command
from xcrash.parse.value import ParsedValue

Parse = Callable[[str], ParsedValue]

PIECES = (
    "\n",
    "\r\n",
    " ",
    "\t",
    "\x1b[1m",
    "\x00",
    "?",
    "--",
    "(",
    "[",
    "]",
    "0",
    "f" * 17,
    "9" * 25,
    "kmem: x\n",
    "é",
)


def unaccounted(value: ParsedValue, text: str) -> set[str]:
    """The lines that are neither data nor remark nor unread: headers, their numbers and rules made alike.

    A ``--`` is what ``grep -C`` puts between its finds, a ``>`` an empty line that a mail quotes; a prompt with what
    was typed at it is no output.
    """
    plain = msgspec.json.decode(msgspec.json.encode(value, enc_hook=encoded))
    unread = {line["line"] for line in plain.get("unread", ())}
    spans = sorted(_spans(plain))
    left, at, reach = set(), 0, 0
    for line in plain_lines(text):
        while at < len(spans) and spans[at][0] <= line.start:
            reach = max(reach, spans[at][1])
            at += 1
        if line.text.strip() in ("", "--", ">") or prompt_command(line.text) is not None:
            continue
        if line.number not in unread and line.end > reach:
            left.add(_alike(line.text))
    return left


def _alike(text: str) -> str:
    return re.sub(r"\d+", "0", re.sub("-{2,}", "--", " ".join(text.split())))


def _spans(plain: object) -> Iterator[tuple[int, int]]:
    if isinstance(plain, list):
        for item in plain:
            yield from _spans(item)
    elif isinstance(plain, dict):
        if isinstance(plain.get("span"), list):
            yield (plain["span"][0], plain["span"][1])
        for item in plain.values():
            yield from _spans(item)


def damaged(text: str) -> st.SearchStrategy[str]:
    """The text with a few pieces cut out and put in."""
    at = st.integers(0, len(text))
    change = st.tuples(at, st.integers(0, 40), st.sampled_from(PIECES) | st.text(max_size=4))

    def apply(changes: list[tuple[int, int, str]]) -> str:
        new = text
        for start, length, put in changes:
            new = new[:start] + put + new[start + length :]
        return new

    return st.lists(change, min_size=1, max_size=5).map(apply)


def check_damaged(parse: Parse, sample: str, text: str, known: Collection[str] = ()) -> None:
    """Only lines that are headers in the sample, or ``known`` ones, may be unaccounted for in the damaged text."""
    inside = {_alike(line) for line in sample.splitlines() if re.fullmatch(r"[^a-z0-9]+", line)}
    headers = unaccounted(parse(sample), sample) | inside | {"(empty)", "(not tracked)", "(none found)"}
    # What is left of a damaged header is one as long as it has words of it only.
    words = {word for line in headers if not re.search("[a-z]", line) for word in line.split()}
    lost = unaccounted(parse(text), text) - headers.union(known)
    assert {line for line in lost if not words.issuperset(line.split())} == set()


def check_time(parse: Parse, hostile: Callable[[int], str], size: int = 2000) -> None:
    """The time grows with the text, not with its square."""
    assert grows_linearly(parse, hostile(size), hostile(4 * size))
