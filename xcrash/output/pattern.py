# SPDX-License-Identifier: Apache-2.0
"""What a user looks for: plain words, or a regular expression that is certain to end soon."""

from __future__ import annotations

import importlib
import math
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from xcrash.errors import UsageError

REGEX_SIGN = "re:"
"""What a pattern begins with to be a regular expression."""

_FEW = 8
"""Repeats of at most so many are counted as so many copies; longer ones as endless."""
_LINE = (1 << 14, 1 << 12, 512, 256)
"""Characters of a line that are looked at, by the number of endless repeats: their product bounds the steps."""
_WAYS = 1000
"""In how many ways a pattern may match at one place besides its endless repeats."""


class Pattern:
    """A compiled pattern; ``needle`` is what can be found in bytes, of small letters unless ``exact``.

    Small letters alone match large ones, too. Raises UsageError ``pattern`` with the reason for a regular expression
    that is wrong, or could take for ever: Python can neither limit nor interrupt one that runs.
    """

    def __init__(self, typed: str, regex: bool = False) -> None:
        if typed.startswith(REGEX_SIGN):
            typed, regex = typed.removeprefix(REGEX_SIGN), True
        self.text, self.plain = typed, not regex
        self.longest = _LINE[0] if self.plain else _LINE[_endless(typed)]
        self.exact = _has_capital(typed, regex)
        source = typed if regex else re.escape(typed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.line = re.compile(source, 0 if self.exact else re.IGNORECASE)
        # Bytes know the case of ASCII letters only: text that has others is looked for line by line.
        self.needle = typed.encode() if self.plain and typed.isascii() else b""

    def in_line(self, text: str) -> bool:
        """Does a line match?"""
        return self.line.search(text, 0, self.longest) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches in a line."""
        for match in self.line.finditer(text, 0, self.longest):
            if match.end() > match.start():
                yield match.span()


def _has_capital(typed: str, regex: bool) -> bool:
    # \S and \W are no letters.
    return any(one.isupper() for one in (re.sub(r"\\.", "", typed) if regex else typed))


def _wrong(message: str, hint: str) -> UsageError:
    return UsageError("pattern", message, hint)


def _endless(typed: str) -> int:
    """How many endless repeats follow each other; raises UsageError for what could multiply beyond all bounds."""
    parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            endless, ways = _cost(parser.parse(typed))
    except (re.error, RecursionError, OverflowError) as error:
        message = f"not a regular expression: {error}"
        raise _wrong(message, "put a backslash before a sign that is meant as it is") from error
    if endless >= len(_LINE):
        raise _wrong(f"{endless} repeats without an end in one pattern are too slow", "use fewer of * and +")
    if ways > _WAYS:
        raise _wrong("the pattern can match in too many ways to be quick", "use fewer choices and repeats")
    return endless


def _cost(tree: Any) -> tuple[int, int]:
    """Endless repeats that follow each other in a parsed expression, and the ways in which the rest can match."""
    endless, ways = 0, 1
    for operation, argument in tree:
        name = str(operation)
        if name.endswith("REPEAT"):
            more, other = _repeat(*argument)
        elif name == "BRANCH":
            costs = [_cost(one) for one in argument[1]]
            more, other = max(one for one, _ in costs), sum(one for _, one in costs)
        elif name.startswith("GROUPREF"):
            raise _wrong("a pattern that refers back to itself could take for ever", "write it out")
        else:
            costs = [_cost(part) for part in _parts(argument)]
            more, other = sum(one for one, _ in costs), math.prod(one for _, one in costs)
        endless, ways = endless + more, min(ways * other, _WAYS + 1)
    return endless, ways


def _repeat(least: int, most: Any, body: Any) -> tuple[int, int]:
    endless, ways = _cost(body)
    if endless == 0 and ways == 1 and least == most:
        return 0, 1
    if most <= _FEW:
        return endless * int(most), min(sum(ways**times for times in range(least, int(most) + 1)), _WAYS + 1)
    if endless or ways > 1:
        raise _wrong("a repeat of what can match in several ways could take for ever", "leave the outer * or + away")
    return 1, 1


def _parts(argument: Any) -> Iterator[Any]:
    """The expressions inside the argument of an operation."""
    if hasattr(argument, "getwidth"):
        yield argument
    elif isinstance(argument, tuple):
        for one in argument:
            yield from _parts(one)
