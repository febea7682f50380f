# SPDX-License-Identifier: Apache-2.0
"""A few lines to choose from, one of which is marked; the keys are its owner's."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from xcrash.literal import one_line
from xcrash.tui.literal import literal

ROWS = 8


class OfferList(Static):
    """Shows at most ROWS offers, each a text and what it is; nothing when there is none."""

    DEFAULT_CSS = """
    OfferList { height: auto; background: $panel; padding: 0 1; }
    """

    def __init__(self, rows: int = ROWS, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, markup=False)
        self._rows = rows
        self._offers: Sequence[tuple[str, str]] = ()
        self._shown: object = None
        self.at: int | None = None
        self.display = False

    def show(self, offers: Sequence[tuple[str, str]], at: int | None = None, note: str = "") -> None:
        """Show ``offers``, number ``at`` marked; ``note`` below them."""
        self._offers, self.at = offers, at if offers else None
        self.display = bool(offers or note)
        # A key that changes nothing here shall not have the screen laid out again.
        if self.display and self._shown != (offers, self.at, note):
            self._shown = (offers, self.at, note)
            self.update(Content("\n").join(self._lines(note)))

    def move(self, by: int) -> int | None:
        """Mark the next one or the one before; its number."""
        if self._offers:
            at = (-1 if by > 0 else 0) if self.at is None else self.at
            self.show(self._offers, (at + by) % len(self._offers))
        return self.at

    def _lines(self, note: str) -> list[Content]:
        first = max(0, min((self.at or 0) - self._rows // 2, len(self._offers) - self._rows))
        width = max((len(text) for text, _ in self._offers[first : first + self._rows]), default=0)
        lines = []
        for number, (text, detail) in enumerate(self._offers[first : first + self._rows], first):
            sign = "›" if number == self.at else " "
            cell = f"{sign}{one_line(text)[:60]:<{min(width, 60)}}"
            lines.append(
                literal(cell, "bold $accent" if number == self.at else "") + literal(f"  {one_line(detail)}", "dim")
            )
        more = len(self._offers) - first - self._rows
        if more > 0:
            lines.append(literal(f" and {more} more", "dim"))
        if note:
            lines.append(literal(f" {note}", "dim"))
        return lines
