# SPDX-License-Identifier: Apache-2.0
"""A view of several tables, one of which is shown: only its command is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from xcrash.answers import Answer, plain
from xcrash.literal import one_line
from xcrash.tui.actions import bindings
from xcrash.tui.actions.pages import PAGES
from xcrash.tui.messages import CommandEntered, EvidenceWanted
from xcrash.tui.tables.page import Page
from xcrash.tui.views.view import View
from xcrash.tui.widgets.choice_line import ChoiceLine
from xcrash.tui.widgets.filtered_table import FilteredTable
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.workbench import Workbench


class PagedView(View):
    """Tables declared as Pages; the position in each is kept."""

    TABLES: ClassVar[tuple[Page[Any], ...]]
    BINDINGS: ClassVar[list[Binding]] = bindings(PAGES)  # type: ignore[assignment]
    DEFAULT_CSS = """
    PagedView > ContentSwitcher { height: 1fr; }
    PagedView > ContentSwitcher > FilteredTable { height: 1fr; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.at = 0
        self.tables = tuple(self._table(number) for number in range(len(self.TABLES)))

    def _table(self, number: int) -> FilteredTable[Any]:
        page = self.TABLES[number]
        table: RowTable[Any] = RowTable(page.columns, look=page.look, id=f"{self.NAME}-rows-{number}")
        return FilteredTable(self.bench, table, page.noun, lambda: (page.command,), id=f"{self.NAME}-{number}")

    def compose(self) -> ComposeResult:
        """The names of the tables, and the tables."""
        yield ChoiceLine([page.title for page in self.TABLES])
        with ContentSwitcher(initial=self.tables[0].id):
            yield from self.tables

    @property
    def page(self) -> Page[Any]:
        """The table that is shown."""
        return self.TABLES[self.at]

    @property
    def table(self) -> RowTable[Any]:
        """Its rows."""
        return self.tables[self.at].table

    def wants(self) -> tuple[str, ...]:
        """The command of the table that is shown."""
        return (self.page.command,)

    def knows(self, command: str) -> bool:
        """Every table takes the answer to its command, whoever asked."""
        return any(page.command == plain(command) for page in self.TABLES)

    def answered(self, answer: Answer) -> None:
        """Show it in its tables."""
        for number, page in self._pages_of(answer.command):
            rows = None if answer.value is None else page.rows(answer.value)
            table = self.tables[number]
            if rows is None:
                table.provenance.draw()
                continue
            table.note = "   ".join(filter(None, (page.about, one_line(page.told(answer.value)))))
            if page.sort and not table.table.rows:
                table.table.show(rows)
                table.table.sort_by(page.sort, page.reverse)
            else:
                table.table.show(rows)

    def _pages_of(self, command: str) -> Iterator[tuple[int, Page[Any]]]:
        return ((number, page) for number, page in enumerate(self.TABLES) if page.command == plain(command))

    def reset(self) -> None:
        """Nothing is known."""
        for table in self.tables:
            table.table.show(())

    def action_page(self, by: int) -> None:
        """The next table, or the one before."""
        self.choose((self.at + by) % len(self.TABLES))

    def choose(self, number: int) -> None:
        """Show a table; what the one before waited for is not wanted any more."""
        self.bench.answers.drop(self.NAME)
        self.at = number
        self.query_one(ContentSwitcher).current = self.tables[number].id
        self.query_one(ChoiceLine).choose(number)
        self.shown()
        self.table.focus()

    @on(ChoiceLine.Chosen)
    def chosen(self, message: ChoiceLine.Chosen) -> None:
        """A name was clicked."""
        self.choose(message.number)

    @on(RowTable.Chosen)
    def row_chosen(self, message: RowTable.Chosen) -> None:
        """What the row leads to, or its evidence when it leads nowhere; another table may be shown by now."""
        page = next(page for page, one in zip(self.TABLES, self.tables, strict=True) if one.table is message.table)
        command = page.lead(message.row) if page.lead else None
        if command:
            self.post_message(CommandEntered(command))
        else:
            self._show_evidence(page, message.row)

    def action_evidence(self) -> None:
        """What crash printed, at the line of this row."""
        self._show_evidence(self.page, self.table.current)

    def _show_evidence(self, page: Page[Any], row: object) -> None:
        line = getattr(row, "line", 1) or 1
        self.post_message(EvidenceWanted(page.command, line - 1))

    def focus_target(self) -> Widget:
        """The rows."""
        return self.table

    def back(self) -> bool:
        """Escape takes the filter away."""
        return self.tables[self.at].back()

    def copied(self) -> str | None:
        """The row, its cells with blanks between."""
        row = self.table.current
        return None if row is None else "  ".join(column.text(row) for column in self.page.columns).strip()
