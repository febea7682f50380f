# SPDX-License-Identifier: Apache-2.0
"""Which lines of the spool match, however they are cut into pieces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from xcrash.output import search
from xcrash.output.hits import Hits
from xcrash.output.pattern import Pattern
from xcrash.output.search import matching_lines
from xcrash.session import Spool

TEXT = (
    b"first\r\nsecond \x1b[31mred\x1b[0m alarm\r\nthird [bold]\r\n\xff\xfe broken\r\n"
    b"f\x1b[1mir\x1b[0mst again\r\nlast, no end, FIRST"
)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    one = Spool.create(tmp_path)
    yield one
    one.close()


def lines(spool: Spool, typed: str, start: int = 0, end: int | None = None) -> list[int]:
    found = matching_lines(spool, start, spool.size if end is None else end, Pattern(typed))
    return [number for batch in found for number in batch]


@pytest.mark.parametrize("piece", [32, 64, 1 << 20])
def test_lines_are_found_across_pieces(spool: Spool, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(search, "_PIECE", piece)
    spool.append(TEXT)
    assert lines(spool, "third [bold]") == [2]
    assert lines(spool, "alarm") == [1]
    assert lines(spool, "nothing") == []
    assert lines(spool, "re:^third") == [2]


def test_what_a_terminal_does_not_show_hides_nothing(spool: Spool) -> None:
    spool.append(TEXT)
    assert lines(spool, "first") == [0, 4, 5]
    assert lines(spool, "red alarm") == [1]
    assert lines(spool, "FIRST") == [5]
    assert lines(spool, "re:first$") == [0, 5]


def test_only_the_span_is_searched_and_numbered(spool: Spool) -> None:
    spool.append(b"match 0\nmatch 1\nmatch 2\nmatch 3\n")
    assert lines(spool, "match", 8, 24) == [0, 1]
    assert lines(spool, "match", 24, 24) == []
    assert lines(spool, "match", 24, 1000) == [0]


def test_it_stops_when_nobody_is_interested(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_PIECE", 64)
    spool.append(b"match\n" * 1000)
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    batches = list(matching_lines(spool, 0, spool.size, Pattern("match"), stop))
    assert 0 < sum(map(len, batches)) < 1000


def test_a_line_of_three_megabytes_is_one_line(spool: Spool) -> None:
    spool.append(b"x" * (3 << 20) + b"needle\nneedle\n")
    assert lines(spool, "needle") == [0, 1]


def test_hits_are_counted_and_wrap() -> None:
    hits = Hits(Pattern("x"))
    assert hits.words == "searching"
    assert not hits.step(0, 1)
    hits.add([3, 5, 9])
    assert hits.words == "3 hits so far, searching"
    assert hits.step(3, 1, here=True) and hits.place == 3
    assert hits.step(3, 1) and hits.place == 5
    assert not hits.step(9, 1)
    hits.done = True
    assert hits.step(9, 1) and hits.place == 3
    assert hits.words == "hit 1 of 3 · from the top again"
    assert hits.step(3, -1) and hits.words == "hit 3 of 3 · from the end again"
    none = Hits(Pattern("y"))
    none.done = True
    assert not none.step(0, 1) and none.words == "not found"
    none.stopped, none.done = True, False
    assert none.words == "stopped, nothing found so far"
