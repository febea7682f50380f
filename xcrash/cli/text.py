# SPDX-License-Identifier: Apache-2.0
"""Sections as text for people: aligned, wrapped to the terminal, coloured only on one."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable

from xcrash.literal import visible
from xcrash.sections import Row, Section, Tone

WIDEST_LABEL = 22
NARROWEST = 40
_SIGNS: dict[Tone, str] = {"doubt": "! ", "bad": "!! "}
_CODES: dict[str, str] = {"title": "1;36", "label": "2", "dim": "2", "good": "32", "doubt": "33", "bad": "1;31"}


class Paper:
    """What is written on: its width in columns (None: lines are never wrapped) and whether it takes colours."""

    def __init__(self, color: str) -> None:
        terminal = sys.stdout.isatty()
        self.width = max(NARROWEST, shutil.get_terminal_size().columns) if terminal else None
        self._colored = color == "always" or (color == "auto" and terminal and _colors_wanted())

    def paint(self, text: str, kind: str) -> str:
        """``text`` in the colour of ``kind``."""
        code = _CODES.get(kind)
        return f"\x1b[{code}m{text}\x1b[0m" if self._colored and code and text else text


def _colors_wanted() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def render(sections: Iterable[Section], paper: Paper) -> str:
    """Sections one below the other; every text from outside is made visible first."""
    shown = [section for section in sections if section.rows]
    return "\n".join("\n".join(_section(section, paper)) + "\n" for section in shown)


def _section(section: Section, paper: Paper) -> list[str]:
    title = paper.paint(visible(section.title), "title")
    lines = [title + (f"  {paper.paint(visible(section.command), 'dim')}" if section.command else "")]
    label_width = min(WIDEST_LABEL, max(len(row.label) for row in section.rows))
    for row in section.rows:
        lines += _row(row, label_width, paper)
    return lines


def _row(row: Row, label_width: int, paper: Paper) -> list[str]:
    label = visible(row.label)
    indent = " " * (label_width + 4)
    first = f"  {label:<{label_width}}  "
    values = _wrapped(_SIGNS.get(row.tone, "") + visible(row.value), len(indent), paper)
    details = [line for part in row.detail.split("\n") if part for line in _wrapped(visible(part), len(indent), paper)]
    lines = []
    if len(label) > label_width:
        lines.append("  " + paper.paint(label, "label"))
        first = indent
    head = first.replace(label, paper.paint(label, "label"), 1) if first != indent else indent
    lines.append(head + paper.paint(values[0], row.tone))
    lines += [indent + paper.paint(value, row.tone) for value in values[1:]]
    return lines + [indent + paper.paint(detail, "dim") for detail in details]


def _wrapped(text: str, indent: int, paper: Paper) -> list[str]:
    lines = text.split("\n")
    if paper.width is None:
        return lines
    room = max(NARROWEST // 2, paper.width - indent - 1)
    wrap = textwrap.TextWrapper(room, break_on_hyphens=False, break_long_words=False)
    return [part for line in lines for part in (wrap.wrap(line) or [""])]
