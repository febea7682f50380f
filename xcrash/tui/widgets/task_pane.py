# SPDX-License-Identifier: Apache-2.0
"""One task beside the list of all: its stack, files, memory and signals, asked when the cursor rests on it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Static

from xcrash.answers import Answer, plain
from xcrash.literal import one_line
from xcrash.parse.bt import Bt
from xcrash.parse.ps import Task
from xcrash.tasks import key_of
from xcrash.tui.literal import literal
from xcrash.tui.messages import CommandEntered, EvidenceWanted
from xcrash.tui.tables.task import STACK, TASK_PAGES, TaskPage
from xcrash.tui.widgets.choice_line import ChoiceLine
from xcrash.tui.widgets.command_choice import CommandChoice
from xcrash.tui.widgets.provenance import Provenance
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.workbench import Workbench

EVERY_STACK = "foreach bt"
_REST = 0.25
"""Seconds for which the cursor has to stay on a task before crash is asked about it."""


class TaskPane(Vertical):
    """Nothing is asked while it is not displayed; a task that is left takes its question with it."""

    NAME = "task"
    DEFAULT_CSS = """
    TaskPane > .headline { height: 1; padding: 0 1; text-style: bold; }
    TaskPane > ContentSwitcher { height: 1fr; }
    TaskPane RowTable { height: 1fr; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(id="task-pane")
        self.bench = bench
        self.task_shown: Task | None = None
        self.at = 0
        self.tables = tuple(RowTable(page.columns, id=f"task-{page.verb}") for page in TASK_PAGES)
        self.provenance = Provenance(bench, lambda: (self.command,) if self.command else ())
        self.command = ""
        self._headline = Static(markup=False, classes="headline")
        self._names = ChoiceLine([page.title for page in TASK_PAGES])
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Who it is, what can be seen of it, where that is from, the rows."""
        yield self._headline
        yield self._names
        yield self.provenance
        with ContentSwitcher(initial=self.tables[0].id):
            yield from self.tables

    @property
    def page(self) -> TaskPage:
        """What is shown of the task."""
        return TASK_PAGES[self.at]

    @property
    def table(self) -> RowTable[object]:
        """Its rows."""
        return self.tables[self.at]

    # which task

    def show(self, task: Task | None) -> None:
        """Show ``task`` as soon as the cursor has rested on it."""
        if task is None or self.task_shown is None or key_of(task) != key_of(self.task_shown):
            self.forget()
        self.task_shown = task
        self._headline.update(literal(self._who(task) if task else "no task"))
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_REST, self.look)

    def _who(self, task: Task) -> str:
        name = f"[{task.comm}]" if task.kernel_thread else f'"{task.comm}"'
        banner = self.bench.banner
        panicked = " (PANIC)" if banner is not None and banner.panic and banner.pid == task.pid and task.active else ""
        return one_line(f"PID {task.pid} {name}  {task.task or ''}  CPU {task.cpu}  {task.st}{panicked}")

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
        task = self.task_shown
        if task is None or not self.display or not self.is_on_screen:
            return
        self.bench.answers.drop(self.NAME)
        if self.page is STACK and isinstance(value := self.bench.answers.value(EVERY_STACK), Bt):
            found = self.page.of(value, task)
            if found is not None:
                self._fill(EVERY_STACK, found)
                return
        self.command = self._spelling(task)
        if self.bench.answers.latest(self.command):
            self._draw()
        else:
            self.table.show(())
            self.provenance.say("")
            self.bench.answers.want(self.command, self.NAME)

    def refresh_answers(self) -> None:
        """Ask again."""
        if self.command and self.command != EVERY_STACK:
            self.bench.answers.refresh(self.command, self.NAME)

    def answered(self, answer: Answer) -> None:
        """Something was answered, perhaps what is waited for."""
        if plain(answer.command) == self.command:
            self._draw()
        elif answer.command == EVERY_STACK and self.page is STACK:
            self.look()

    def _draw(self) -> None:
        answer, task = self.bench.answers.latest(self.command), self.task_shown
        if answer is None or task is None:
            return
        found = None if answer.value is None else self.page.of(answer.value, task)
        if found is None:
            self.table.show(())
            self.provenance.say("" if answer.value is None else "nothing of this task in it")
        else:
            self._fill(self.command, found)

    def _fill(self, command: str, found: object) -> None:
        self.command = command
        rows = self.page.rows(found)
        self.table.show(rows)
        self.provenance.say(f"{len(rows):,} {self.page.noun}", self.page.about(found))

    def _spelling(self, task: Task) -> str:
        """The command for the task; a recording may have it in another spelling.

        Every idle task has PID 0: only its address names one.
        """
        names = [str(task.pid)] if task.pid else []
        if task.task:
            names += [task.task, task.task.removeprefix("0x")]
        if task.pid is not None:
            names.append(str(task.pid))
        spellings = [f"{self.page.verb} {name}" for name in names]
        if self.bench.banner is not None and self.bench.banner.pid == task.pid and task.active:
            spellings.append(self.page.verb)
        recording = self.bench.opened.target.recording
        known = (one for one in spellings if recording is None or recording.answer_to(one) is not None)
        return next(known, spellings[0] if spellings else self.page.verb)

    # its rows

    def turn(self, by: int) -> None:
        """Another page."""
        self.choose((self.at + by) % len(TASK_PAGES))

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
        """Offer what the row leads to."""
        message.stop()
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
        """The list is not told of the rows of one task."""
        message.stop()

    @on(RowTable.FilterWanted)
    def filter_wanted(self, message: RowTable.FilterWanted) -> None:
        """The rows of one task are few."""
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
