# SPDX-License-Identifier: Apache-2.0
"""The p2m turned round: every frame of the domain is found by its machine frame, nothing else is."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.lens.dom0 import FOREIGN, IDENTITY, INVALID
from xcrash.errors import LensError
from xcrash.lens import extents
from xcrash.lens.extents import Extents, build_extents
from xcrash.lens.p2m import NOT_MEMORY


def chunks(words: list[int], size: int) -> Iterator[tuple[int, array[int]]]:
    for at in range(0, len(words), size):
        yield at, array("Q", words[at : at + size])


def frame_of(found: Extents, machine_frame: int) -> int | None:
    extent = found.find(machine_frame)
    return machine_frame + extent.shift if extent else None


STRETCHES = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from(("memory", "invalid", "foreign", "identity", "zero", "scattered"))),
    max_size=30,
)


def p2m_of(stretches: list[tuple[int, str]]) -> list[int]:
    words: list[int] = []
    for number, (length, kind) in enumerate(stretches):
        start = 0x100000 + (number * 7919 % 64) * 0x10000 + number
        words += {
            "memory": list(range(start, start + length)),
            "invalid": [INVALID] * length,
            "foreign": [FOREIGN | start] * length,
            "identity": [IDENTITY | len(words) + one for one in range(length)],
            "zero": [0] * length,
            "scattered": [start + 3 * (length - one) for one in range(length)],
        }[kind]
    return words


@given(stretches=STRETCHES, size=st.sampled_from((1, 7, 512, 100000)))
def test_every_frame_is_found_by_its_machine_frame(stretches: list[tuple[int, str]], size: int) -> None:
    words = p2m_of(stretches)
    found = build_extents(chunks(words, size))
    memory = {word: frame for frame, word in enumerate(words) if word and not word & NOT_MEMORY}
    assert found.frames == len([word for word in words if word and not word & NOT_MEMORY])
    for machine_frame in memory:
        frame = frame_of(found, machine_frame)
        assert frame is not None and words[frame] == machine_frame
    for machine_frame in (*(word - 1 for word in memory), *(word + 1 for word in memory), 0, 1, INVALID):
        assert (frame_of(found, machine_frame) is not None) == (machine_frame in memory)


@given(words=st.lists(st.integers(0, INVALID) | st.integers(0, 40), max_size=200))
def test_any_words_give_extents(words: list[int]) -> None:
    found = build_extents(chunks(words, 64))
    for word in words:
        frame = frame_of(found, word)
        assert frame is None or words[frame] == word


def test_one_stretch_over_many_chunks_is_one_extent() -> None:
    found = build_extents(chunks(list(range(5000, 15000)), 333))
    assert (len(found), found.frames, found.memory) == (1, 10000, 24)


def test_memory_in_too_many_pieces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extents, "MOST_EXTENTS", 10)
    assert len(build_extents(chunks(list(range(2, 22, 2)), 4))) == 10
    with pytest.raises(LensError) as refused:
        build_extents(chunks(list(range(2, 24, 2)), 4))
    assert refused.value.code == "lens-fragmented" and "--lens off" in refused.value.hint
