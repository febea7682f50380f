# SPDX-License-Identifier: Apache-2.0
"""One of a list beside it, as a task: what crash says of it, asked when the cursor rests on it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Static

from xcrash.answers import Answer, plain
from xcrash.literal import one_line
from xcrash.tui.literal import literal
from xcrash.tui.messages import CommandEntered, EvidenceWanted
from xcrash.tui.tables.page import SubjectPage
from xcrash.tui.widgets.choice_line import ChoiceLine
from xcrash.tui.widgets.command_choice import CommandChoice
from xcrash.tui.widgets.provenance import Provenance
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.workbench import Workbench

_REST = 0.25
"""Seconds for which the cursor has to stay on one before crash is asked about it."""


S = TypeVar("S")


class SubjectPane(Vertical, Generic[S]):
    """Nothing is asked while it is not displayed; a subject that is left takes its question with it."""

    NAME: ClassVar[str]
    PAGES: ClassVar[tuple[SubjectPage, ...]]
    DEFAULT_CSS = """
    SubjectPane > .headline { height: 1; padding: 0 1; text-style: bold; }
    SubjectPane > ContentSwitcher { height: 1fr; }
    SubjectPane RowTable { height: 1fr; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(id=f"{self.NAME}-pane")
        self.bench = bench
        self.subject: S | None = None
        self.at = 0
        self.tables = tuple(RowTable(page.columns, id=f"{self.NAME}-{page.verb}") for page in self.PAGES)
        self.provenance = Provenance(bench, lambda: (self.command,) if self.command else ())
        self.command = ""
        self._headline = Static(markup=False, classes="headline")
        self._names = ChoiceLine([page.title for page in self.PAGES])
        self._timer: Timer | None = None

    def who(self, subject: S) -> str:
        """The subject, named in the headline."""
        raise NotImplementedError

    def key(self, subject: S) -> Hashable:
        """What tells one subject from another."""
        raise NotImplementedError

    def spellings(self, subject: S) -> list[str]:
        """What it can be called behind the verb of a page, best first."""
        raise NotImplementedError

    def elsewhere(self, subject: S) -> tuple[str, object] | None:
        """An answer to another command that tells what the page shows, and what it tells; None: there is none."""
        return None

    def compose(self) -> ComposeResult:
        """Who it is, what can be seen of it, where that is from, the rows."""
        yield self._headline
        yield self._names
        yield self.provenance
        with ContentSwitcher(initial=self.tables[0].id):
            yield from self.tables

    @property
    def page(self) -> SubjectPage:
        """What is shown of it."""
        return self.PAGES[self.at]

    @property
    def table(self) -> RowTable[object]:
        """Its rows."""
        return self.tables[self.at]

    # which one

    def show(self, subject: S | None) -> None:
        """Show ``subject`` as soon as the cursor has rested on it."""
        if subject is None or self.subject is None or self.key(subject) != self.key(self.subject):
            self.forget()
        self.subject = subject
        self._headline.update(literal(one_line(self.who(subject)) if subject is not None else f"no {self.NAME}"))
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_REST, self.look)

    def forget(self) -> None:
        """What was asked about the last task is not wanted any more."""
        self.bench.answers.drop(self.NAME)
        self.command = ""
        for table in self.tables:
            table.show(())
        self.provenance.say("")

    # its answers

    def look(self) -> None:
        """Show the page: of an answer that is there, or ask for one."""
        subject = self.subject
        if subject is None or not self.display or not self.is_on_screen:
            return
        self.bench.answers.drop(self.NAME)
        if told := self.elsewhere(subject):
            self._fill(*told)
            return
        self.command = self._spelling(subject)
        if self.bench.answers.latest(self.command):
            self._draw()
        else:
            self.table.show(())
            self.provenance.say("")
            self.bench.answers.want(self.command, self.NAME)

    def refresh_answers(self) -> None:
        """Ask again."""
        if self.command:
            self.bench.answers.refresh(self.command, self.NAME)

    def answered(self, answer: Answer) -> None:
        """Something was answered, perhaps what is waited for."""
        if plain(answer.command) == self.command:
            self._draw()

    def _draw(self) -> None:
        answer, subject = self.bench.answers.latest(self.command), self.subject
        if answer is None or subject is None:
            return
        found = None if answer.value is None else self.page.of(answer.value, subject)
        if found is None:
            self.table.show(())
            self.provenance.say("" if answer.value is None else f"nothing of this {self.NAME} in it")
        else:
            self._fill(self.command, found)

    def _fill(self, command: str, found: object) -> None:
        self.command = command
        rows = self.page.rows(found)
        self.table.show(rows)
        self.provenance.say(f"{len(rows):,} {self.page.noun}", self.page.about(found))

    def _spelling(self, subject: S) -> str:
        """The command for it; a recording may have it in another spelling."""
        spellings = [f"{self.page.verb} {name}".rstrip() for name in self.spellings(subject)]
        recording = self.bench.opened.target.recording
        known = (one for one in spellings if recording is None or recording.answer_to(one) is not None)
        return next(known, spellings[0] if spellings else self.page.verb)

    # its rows

    def turn(self, by: int) -> None:
        """Another page."""
        self.choose((self.at + by) % len(self.PAGES))

    @on(ChoiceLine.Chosen)
    def chosen(self, message: ChoiceLine.Chosen) -> None:
        """A name was clicked."""
        message.stop()
        self.choose(message.number)

    def choose(self, number: int) -> None:
        """Show the page of this number; the focus stays on the side where it is."""
        focused = self.table.has_focus
        self.at = number
        self._names.choose(number)
        self.query_one(ContentSwitcher).current = self.table.id
        if focused:
            self.table.focus()
        self.look()

    @on(RowTable.Chosen)
    def row_chosen(self, message: RowTable.Chosen) -> None:
        """Offer what the row leads to, unless another page is shown by now."""
        message.stop()
        if message.table is not self.table:
            return
        commands = self.page.leads(message.row)
        if not commands:
            self.evidence()
            return

        def answered(command: str | None) -> None:
            if command:
                self.post_message(CommandEntered(command))

        self.app.push_screen(CommandChoice(self.row_text(), commands), answered)

    @on(RowTable.Moved)
    @on(RowTable.Arranged)
    def moved(self, message: RowTable.Event) -> None:
        """The list is not told of the rows of one of it."""
        message.stop()

    @on(RowTable.FilterWanted)
    def filter_wanted(self, message: RowTable.FilterWanted) -> None:
        """They are few enough."""
        message.stop()

    def evidence(self) -> None:
        """What crash printed, at the line of the row."""
        line = getattr(self.table.current, "line", 1) or 1
        if self.command:
            self.post_message(EvidenceWanted(self.command, line - 1))

    def row_text(self) -> str:
        """The row under the cursor, as text."""
        row = self.table.current
        if row is None:
            return ""
        return one_line("  ".join(column.text(row) for column in self.table.all_columns)).strip()
