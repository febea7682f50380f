# SPDX-License-Identifier: Apache-2.0
"""How the screen is drawn on this terminal: theme, mouse, animation, plain characters where others are lost."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

import msgspec
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES

from xcrash.config import Looks

_THEMES = {"dark": "textual-dark", "light": "textual-light", "ansi": "ansi-dark", "ansi-light": "ansi-light"}
_POOR = ("linux", "vt", "ansi", "dumb", "cons", "xterm-mono", "xterm-16color", "unknown")
"""What TERM begins with on serial lines and text consoles: 16 colours at most."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("─━═╌┄╴╶╸╺▔▁", "-"),
        **dict.fromkeys("│┃║▏▕▎▌▐┊┆", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┣┫╋", "+"),
        **dict.fromkeys("█▇▆▅▄▃▂▀▉▊▋▍", "#"),
        **dict.fromkeys("░▒▓", ":"),
        **dict.fromkeys("▸›▶→»", ">"),
        **dict.fromkeys("▾▼▽", "v"),
        **dict.fromkeys("▲△", "^"),
        **dict.fromkeys("◀←«\u2039", "<"),
        **dict.fromkeys("·•●○◦", "."),
        "—": "-",
        "\u2013": "-",
        "…": "~",
        "⏎": "<",
        "↑": "^",
        "↓": "v",
        "\u00d7": "x",
        "✓": "y",
    }
)


class Appearance(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided: ``theme`` is one of Textual's; ``plain`` draws signs that every character set has."""

    theme: str
    mouse: bool
    animation: bool
    plain: bool
    problem: str = ""


def decide(looks: Looks, environ: Mapping[str, str] = os.environ, encoding: str | None = None) -> Appearance:
    """What the user wants first, then what the terminal can: TERM names serial lines and consoles."""
    poor = environ.get("TERM", "dumb").startswith(_POOR)
    wanted = looks.theme or ("ansi" if poor else "dark")
    theme = _THEMES.get(wanted, wanted)
    problem = ""
    if theme not in BUILTIN_THEMES:
        known = ", ".join(sorted({*_THEMES, *BUILTIN_THEMES}))
        theme, problem = "textual-dark", f"there is no theme {wanted!r}: {known}"
    encoding = encoding or locale.getpreferredencoding(False)
    return Appearance(
        theme=theme,
        mouse=not poor if looks.mouse is None else looks.mouse,
        animation=not poor if looks.animation is None else looks.animation,
        plain="utf" not in encoding.lower() if looks.ascii is None else looks.ascii,
        problem=problem,
    )


def for_serial(looks: Looks) -> Looks:
    """The same on a line that is known to be poor: its own 16 colours, no mouse, no animation."""
    theme = looks.theme if (looks.theme or "").startswith("ansi") else "ansi"
    return msgspec.structs.replace(looks, theme=theme, mouse=False, animation=False)


class PlainSigns(LineFilter):
    """Replaces lines, arrows and blocks by characters of ASCII, of the same width; other letters stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments with plain signs."""
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment(segment.text.translate(_PLAIN), segment.style)
            for segment in segments
        ]
