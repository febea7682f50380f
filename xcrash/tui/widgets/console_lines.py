# SPDX-License-Identifier: Apache-2.0
"""The lines of a session: what leads somewhere is underlined in the line under the cursor or the mouse."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from xcrash.links import Link, links_in
from xcrash.tui.widgets.line_view import LineView, ShownLine
from xcrash.tui.widgets.session_text import SessionText


class ConsoleLines(LineView):
    """Shows a SessionText."""

    def __init__(self, text: SessionText, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(text, cursor=True, id=id)
        self.text = text

    def links(self, number: int) -> tuple[Link, ...]:
        """What a line leads to; a title leads nowhere."""
        at, inside = self.text.locate(number)
        if inside is None:
            return ()
        return links_in(self.text.text(at, inside), self.text.blocks[at].command)

    def cut(self, number: int) -> bool:
        """Is there more of a line than the screen is wide?"""
        return cell_len(self.text.line(number).text) > self.room

    def link_at(self, number: int, cell: int) -> Link | None:
        """The link in this cell of a line."""
        text = self.text.line(number).text
        for link in self.links(number):
            if cell_len(text[: link.start]) <= cell < cell_len(text[: link.end]):
                return link
        return None

    def marks(self, number: int, shown: ShownLine) -> Iterator[tuple[int, int, str]]:
        """Links, and what was found above them."""
        if number == self.hovered or (number == self.cursor and self.has_focus):
            for link in self.links(number):
                yield link.start, link.end, "link"
        yield from super().marks(number, shown)
