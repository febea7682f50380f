# SPDX-License-Identifier: Apache-2.0
"""One line of a LineView as what the screen takes: cut, with its marks, and what stands at its right edge."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

WIDEST = 2000
"""Characters of a line that are drawn; crash prints lines of hundreds of thousands for a large mask."""

_LEAST_LEFT = 12
"""Cells that the line keeps beside what stands at its right edge."""


def drawn(text: str, style: Style, marks: Sequence[tuple[int, int, Style]], console: Console) -> Strip:
    """The line, its marks (first and last character, style) over each other in their order."""
    text = text if len(text) <= WIDEST else f"{text[:WIDEST]}…"
    if not marks:
        return Strip([Segment(text, style)])
    marked = Text(text, style, end="", no_wrap=True)
    for start, end, look in marks:
        marked.stylize(look, start, end)
    return Strip(marked.render(console))


def with_right(strip: Strip, right: str, look: Style, base: Style, room: int) -> Strip:
    """The line with ``right`` at the end of ``room`` cells; the line is cut where they meet."""
    right = set_cell_size(right, min(cell_len(right), max(0, room - _LEAST_LEFT)))
    left = max(0, room - cell_len(right) - (2 if right else 0))
    if strip.cell_length > left:
        strip = Strip([*strip.crop(0, max(0, left - 1)), Segment("…", base)])
    return Strip([*strip.crop_extend(0, room - cell_len(right), base), Segment(right, look)])
