# SPDX-License-Identifier: Apache-2.0
"""Names on a line, one of which is chosen; as many as fit, the chosen one among them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.widgets import Static

from xcrash.tui.literal import literal


class ChoiceLine(Static):
    """A click chooses; the keys are its owner's."""

    DEFAULT_CSS = """
    ChoiceLine { height: 1; padding: 0 1; }
    """

    class Chosen(Message):
        """The user wants the choice of this number."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(markup=False)
        self._names = names
        self._chosen = 0
        self._places: list[tuple[int, int]] = []

    def on_mount(self) -> None:
        """Show it."""
        self.choose(0)

    def on_resize(self) -> None:
        """Another number of names fits."""
        self.choose(self._chosen)

    def choose(self, number: int) -> None:
        """Mark a name."""
        self._chosen = number
        first = 0
        while first < number and self._end(first, number) > self.content_size.width:
            first += 1
        line, at = literal("< " if first else "", "dim"), 2 if first else 0
        self._places = []
        for one in range(first, len(self._names)):
            title = f"›{self._names[one]} " if one == number else f" {self._names[one]} "
            line += literal(title, "bold $accent" if one == number else "")
            self._places.append((at + cell_len(title), one))
            at += cell_len(title)
        self.update(line)

    def _end(self, first: int, number: int) -> int:
        return 2 + sum(cell_len(name) + 2 for name in self._names[first : number + 1])

    def on_click(self, event: events.Click) -> None:
        """Ask for the name that was clicked."""
        x = event.x - self.styles.padding.left
        found = next((number for end, number in self._places if x < end), None)
        if found is not None:
            self.post_message(self.Chosen(found))
