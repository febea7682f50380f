# SPDX-License-Identifier: Apache-2.0
"""What the command of a line is for."""

from __future__ import annotations

import pytest

from xcrash.purpose import PURPOSES, command_name, purpose
from xcrash.session.command_line import COMMANDS


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("bt", "bt"),
        ("  bt -a 3", "bt"),
        ("px jiffies", "p"),
        ("dmesg -T", "log"),
        ("*task_struct ffff", "*"),
        ("last", "ps"),
        ("", ""),
        ("   ", ""),
        ("nonsense 1", ""),
        ("[bold] bt", ""),
        ("\x1b[31m", ""),
    ],
)
def test_the_command_of_a_line(line: str, name: str) -> None:
    assert command_name(line) == name
    assert purpose(line) == PURPOSES.get(name, "")


def test_every_command_that_crash_has_is_explained_in_one_short_line() -> None:
    assert set(PURPOSES) >= COMMANDS - {"map", "test"}
    for text in PURPOSES.values():
        assert text.isprintable() and 5 < len(text) <= 77


def test_writing_is_told() -> None:
    assert purpose("wr jiffies 0").startswith("WRITES")
