# SPDX-License-Identifier: Apache-2.0
"""The output of ``ps``: the table of tasks, and what its options print instead of it.

Source of the formats: task.c:cmd_ps, task.c:show_ps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xcrash.parse.ps.details import parse_arguments, parse_limits, parse_times
from xcrash.parse.ps.families import parse_children, parse_parents, parse_threads
from xcrash.parse.ps.last_run import parse_elapsed, parse_last_run
from xcrash.parse.ps.states import parse_states
from xcrash.parse.ps.table import Active, Ps, Task, parse
from xcrash.parse.value import CommandOutput

__all__ = ["Active", "Ps", "Task", "parse", "parser"]

_SHAPES: dict[str, Callable[[str], CommandOutput]] = {
    "l": parse_last_run,
    "m": parse_elapsed,
    "t": parse_times,
    "a": parse_arguments,
    "r": parse_limits,
    "p": parse_parents,
    "c": parse_children,
    "g": parse_threads,
    "S": parse_states,
}
_WITH_VALUE = "Cy"


def parser(arguments: Sequence[str]) -> Callable[[str], CommandOutput]:
    """The parser for ``ps ARGUMENTS``: the table's, unless an option is known to print something else."""
    options = (letter for word in arguments if word.startswith("-") for letter in _letters(word[1:]))
    return next((_SHAPES[letter] for letter in options if letter in _SHAPES), parse)


def _letters(word: str) -> str:
    """The options in a word: what follows one with a value, as in ``-C0,1``, is the value."""
    at = next((at for at, letter in enumerate(word) if letter in _WITH_VALUE), len(word))
    return word[: at + 1]
