# SPDX-License-Identifier: Apache-2.0
"""Every fuzzing target takes its own seeds, and a few mutations of them; ``make fuzz`` gives them far more."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import main
from tests.fuzz.given import Machine, is_printable, machine_of
from tests.fuzz.targets import TARGETS

SLOW = {"machine", "identify-dump"}
"""Targets that look at everything: a call of them takes as long as ten of another."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds(name: str) -> None:
    target = TARGETS[name]
    assert target.seeds
    for data in (*target.seeds, *target.words, b""):
        target.call(data)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A seed of some target with bytes and words put over it, and perhaps cut."""
    name = draw(st.sampled_from(sorted(set(TARGETS) - SLOW)))
    target = TARGETS[name]
    data = bytearray(draw(st.sampled_from(target.seeds)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, min(len(data), 600)))
        piece = draw(st.binary(min_size=1, max_size=8) | st.sampled_from([b"\xff" * 8, *target.words]))
        data[at : at + draw(st.sampled_from([0, len(piece)]))] = piece
    return name, bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@settings(max_examples=150, deadline=None)
@given(case=mutated())
def test_a_target_takes_mutated_seeds(case: tuple[str, bytes]) -> None:
    name, data = case
    TARGETS[name].call(data)


def test_the_machine_of_a_seed_holds_its_files_and_answers() -> None:
    root = Machine(b"s" + machine_of({"/etc/a": "one", "/etc/b/c": "two"}, {"xl info": "three"}))
    assert (root.kind, root.text("/etc/a"), root.command("xl", "info")) == ("sosreport", "one", "three")
    assert [entry.kind for entry in root.list("/etc")] == ["file", "directory"]
    assert (root.kind_of("/etc/b"), root.kind_of("/etc/b/c"), root.kind_of("/x")) == ("directory", "file", None)


def test_text_that_is_not_safe_to_print_is_a_finding() -> None:
    is_printable({"a": ["b", ("c", None, 1)]})
    with pytest.raises(AssertionError, match="not safe to print"):
        is_printable({"a": ["\x1b[2J"]})


def test_an_input_is_replayed_without_atheris(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["fuzz", "vmcoreinfo", "--replay", os.devnull])
    assert main() == 0
    assert "atheris" not in sys.modules


def test_without_atheris_a_run_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    modules: dict[str, Any] = sys.modules
    monkeypatch.setitem(modules, "atheris", None)
    monkeypatch.setattr(sys, "argv", ["fuzz", "vmcoreinfo"])
    assert main() == 2
    assert "atheris is not installed: `make fuzz` does it" in capsys.readouterr().err
