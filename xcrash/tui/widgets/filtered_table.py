# SPDX-License-Identifier: Apache-2.0
"""A table with what belongs to it: the line that says where it is from, and the line its filter is typed into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from xcrash.tui.widgets.provenance import Provenance
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.workbench import Workbench

R = TypeVar("R")


class FilteredTable(Vertical, Generic[R]):
    """``table`` under its provenance; ``/`` opens the filter, Enter keeps it, Escape takes it away.

    ``noun`` is what the rows are, in the plural; ``commands`` says where they are from.
    """

    DEFAULT_CSS = """
    FilteredTable { height: 1fr; }
    FilteredTable > RowTable { height: 1fr; }
    FilteredTable > Input { height: 1; border: none; background: $surface; padding: 0 1; }
    """

    def __init__(
        self,
        bench: Workbench,
        table: RowTable[R],
        noun: str,
        commands: Callable[[], Sequence[str]],
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.table = table
        self.provenance = Provenance(bench, commands)
        self.note = ""
        self._noun = noun
        self._line = Input(placeholder="words, or COLUMN:VALUE,VALUE", compact=True)

    def compose(self) -> ComposeResult:
        """Where it is from, the rows, the filter."""
        yield self.provenance
        yield self.table
        yield self._line

    def on_mount(self) -> None:
        """The filter is there when it is wanted."""
        self._line.display = False

    @property
    def filter_line(self) -> Input:
        """Where the filter is typed."""
        return self._line

    @on(RowTable.FilterWanted)
    def filter_wanted(self) -> None:
        """Open the filter line."""
        self._line.display = True
        self._line.focus()

    @on(Input.Changed)
    def filter_changed(self, message: Input.Changed) -> None:
        """Filter while the user types."""
        message.stop()
        self.table.filter(message.value)

    @on(Input.Submitted)
    def filter_done(self, message: Input.Submitted) -> None:
        """Back to the table; the filter stays."""
        message.stop()
        self.table.focus()

    @on(RowTable.Arranged)
    def arranged(self, message: RowTable.Arranged) -> None:
        """Say how many rows there are and in which order."""
        shown = f"{message.shown:,} of {message.total:,}" if message.shown != message.total else f"{message.total:,}"
        self.provenance.say(f"{shown} {self._noun}   {message.order}", self.note)

    def back(self) -> bool:
        """Take the filter away; False when there is none."""
        if not self._line.display:
            return False
        self._line.value = ""
        self._line.display = False
        self.table.focus()
        return True
