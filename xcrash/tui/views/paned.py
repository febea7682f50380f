# SPDX-License-Identifier: Apache-2.0
"""A list with the one under its cursor beside it, or below it where the screen is narrow."""

from __future__ import annotations

from typing import Any

from textual import on

from xcrash.tui.views.view import View
from xcrash.tui.widgets.filtered_table import FilteredTable
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.widgets.subject_pane import SubjectPane


class PanedView(View):
    """``shown_list`` and ``pane``, which shows ``subject``; they are made by the view that is one."""

    SCOPED_CSS = False  # how wide the screen is, is a class of the screen
    DEFAULT_CSS = """
    PanedView > .paned-body { height: 1fr; }
    PanedView SubjectPane { display: none; dock: bottom; height: 50%; border-top: solid $panel; }
    PanedView SubjectPane.-open { display: block; }
    .-wide PanedView SubjectPane { display: block; dock: right; width: 48%; height: 100%; border: none;
        border-left: solid $panel; }
    .-wide PanedView SubjectPane.-closed { display: none; }
    """
    shown_list: FilteredTable[Any]
    pane: SubjectPane[Any]

    def subject(self) -> Any:
        """What is under the cursor; None for nothing."""
        return self.shown_list.table.current

    def shown(self) -> None:
        """Ask for the list, and for what is under the cursor."""
        super().shown()
        self.pane.show(self.subject())

    def hidden(self) -> None:
        """Nothing is wanted any more, of none of it."""
        super().hidden()
        self.bench.answers.drop(self.pane.NAME)

    def refresh_answers(self) -> None:
        """The list and the one beside it."""
        super().refresh_answers()
        self.pane.refresh_answers()

    @on(RowTable.Moved)
    def moved(self, message: RowTable.Moved) -> None:
        """The cursor is on another one."""
        if message.table is self.shown_list.table:
            self.pane.show(self.subject())

    def to_pane(self) -> None:
        """Into the pane, which is opened for that."""
        if not self.pane.display:
            self.action_pane()
        self.call_after_refresh(self.pane.table.focus)

    def action_pane(self) -> None:
        """Show the pane, or hide it."""
        closing = bool(self.pane.display)
        self.pane.set_class(not closing, "-open")
        self.pane.set_class(closing, "-closed")
        if closing:
            self.bench.answers.drop(self.pane.NAME)
            self.shown_list.table.focus()
        else:
            self.call_after_refresh(self.pane.show, self.subject())

    def action_page(self, by: int) -> None:
        """Another page of the pane."""
        self.pane.turn(by)

    def action_other(self) -> None:
        """Between the list and the pane."""
        to_pane = self.pane.display and not self.pane.has_focus_within
        (self.pane.table if to_pane else self.shown_list.table).focus()

    def copied(self) -> str | None:
        """The row, its cells with blanks between."""
        if self.pane.has_focus_within:
            return self.pane.row_text()
        table = self.shown_list.table
        row = table.current
        return None if row is None else "  ".join(column.text(row) for column in table.all_columns).strip()
