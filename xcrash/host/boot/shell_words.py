# SPDX-License-Identifier: Apache-2.0
"""Split shell-like text, GRUB's script or /etc/default/grub, into simple commands. Nothing is ever run.

Quotes, backslashes, comments and continued lines are as in GRUB's lexer (grub-core/script/yylex.l), which has them
from POSIX sh. Every alternative of the pattern is linear, so is the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

Expand = Callable[[str], "str | None"]

MOST_EXPANDED = 1 << 14
"""Characters that variables may add to one text: a value built by doubling would have no end."""

_PART = re.compile(
    r"""(?P<blank>[^\S\n]+|\\\r?\n)
    |(?P<newline>\n)
    |(?P<separator>[;|&<>])
    |(?P<brace>[{}])
    |(?P<single>'[^']*(?:'|\Z))
    |(?P<double>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))
    |(?P<variable>\$\{[^}${\n]*\}|\$\w+)
    |(?P<substitution>`[^`\n]*`|\$\([^)$\n]*\))
    |(?P<escape>\\.)
    |(?P<plain>[^\s;|&<>{}'"$`\\]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_IN_QUOTES = re.compile(r'\\([$`"\\\n])|\$(?:\{(\w+)\}|(\w+))')


class Command(NamedTuple):
    """``run``: a simple command; ``open``: the words before a ``{``; ``close``: a ``}``. ``line`` counts from 1."""

    kind: Literal["run", "open", "close"]
    words: list[str]
    line: int


def commands(text: str, expand: Expand | None = None) -> Iterator[Command]:
    """The simple commands of ``text``, one after the other, quotes removed.

    Variables stay as they are written unless ``expand`` has a value for the name; command substitution always stays.
    """
    expanded = _bounded(expand)
    words: list[str] = []
    parts: list[str] = []
    line, start, at, counted = 1, 1, 0, 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:  # cannot be: the last alternative takes any character
            return
        kind, part, at = match.lastgroup, match.group(), match.end()
        if kind == "plain" and not parts and part[0] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        if kind in ("blank", "newline", "separator", "brace"):
            if parts:
                words.append("".join(parts))
                parts = []
            if kind != "blank":
                if part == "{":
                    yield Command("open", words, start)
                elif words:
                    yield Command("run", words, start)
                if part == "}":
                    yield Command("close", [], line)
                words = []
        else:
            if not parts and not words:
                line, counted = line + text.count("\n", counted, match.start()), match.start()
                start = line
            parts.append(_value(kind, part, expanded))
    if parts:
        words.append("".join(parts))
    if words:
        yield Command("run", words, start)


def _value(kind: str | None, part: str, expand: Expand) -> str:
    if kind == "single":
        return part[1:].removesuffix("'")
    if kind == "double":
        body = part[1:-1] if len(part) > 1 and part.endswith('"') else part[1:]
        return _IN_QUOTES.sub(lambda match: _quoted(match, expand), body)
    if kind == "variable":
        value = expand(part.strip("${}"))
        return part if value is None else value
    return part[1:] if kind == "escape" else part


def _quoted(match: re.Match[str], expand: Expand) -> str:
    if match[1] is not None:
        return "" if match[1] == "\n" else match[1]
    value = expand(match[2] or match[3])
    return match[0] if value is None else value


def _bounded(expand: Expand | None) -> Expand:
    left = MOST_EXPANDED

    def bounded(name: str) -> str | None:
        nonlocal left
        value = expand(name) if expand is not None and left > 0 else None
        if value is None or len(value) > left:
            return None
        left -= len(value)
        return value

    return bounded


def expanded(text: str, expand: Expand) -> str:
    """``text``, which knows no quotes, with its variables filled in as far as ``expand`` has a value for them."""
    bounded = _bounded(expand)
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda match: _value("variable", match[0], bounded), text)
