# SPDX-License-Identifier: Apache-2.0
"""One session on the screen: its start, its overview, the console and the tasks."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import ContentSwitcher, Footer, Input, Static

from xcrash import overview
from xcrash.completion import Completions
from xcrash.errors import XcrashError
from xcrash.open_session import OpenSession
from xcrash.parse import ps
from xcrash.sections import Section
from xcrash.session import (
    ActivityChanged,
    CommandFinished,
    CommandResult,
    CommandStarted,
    InputNeeded,
    MessageSeen,
    Notice,
    OutputGrew,
    PhaseChanged,
    SessionGone,
    SessionReady,
    State,
)
from xcrash.tui.actions import SESSION, bindings
from xcrash.tui.literal import literal
from xcrash.tui.messages import CommandEntered, SessionSpoke, TasksRead
from xcrash.tui.start_screen import StartScreen
from xcrash.tui.widgets.command_input import CommandInput
from xcrash.tui.widgets.consent_dialog import ConsentDialog
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.panel import SectionPanel
from xcrash.tui.widgets.status_bar import StatusBar
from xcrash.tui.widgets.task_table import TaskTable

VIEWS = (("overview", "1 Overview"), ("console", "2 Console"), ("tasks", "3 Tasks"))

_INTERRUPTIBLE = (State.BUSY, State.NEEDS_INPUT, State.INTERRUPTING)


class SessionScreen(StartScreen):
    """Shows an open session; every change of it arrives as a SessionSpoke message."""

    CSS_PATH = "session_screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - declared so by Textual
    BINDINGS: ClassVar[list[Binding]] = bindings(SESSION)  # type: ignore[assignment]

    def __init__(self, opened: OpenSession) -> None:
        super().__init__(opened)
        self.names: Completions | None = None
        self._command_start = 0

    def compose(self) -> ComposeResult:
        """The tab line, the views, the prompt, the status line and the keys."""
        target = self.opened.target
        yield Static(id="tabs", markup=False)
        with ContentSwitcher(initial="start"):
            with Vertical(id="start"):
                yield Static(id="start-text", markup=False)
                yield LineView(self.text, id="start-lines")
            with VerticalScroll(id="overview"):
                yield SectionPanel("panic")
                with Horizontal(classes="columns"):
                    with Vertical(classes="column"):
                        yield SectionPanel("system")
                    with Vertical(classes="column"):
                        yield SectionPanel("files")
                        yield SectionPanel("warnings")
                        yield SectionPanel("session")
                yield SectionPanel("xen")
                with Horizontal(classes="columns"):
                    with Vertical(classes="column"):
                        yield SectionPanel("plan")
                    with Vertical(classes="column"):
                        yield SectionPanel("images")
            with Vertical(id="console"):
                yield LineView(self.text, id="lines")
            with Vertical(id="tasks"):
                yield Static(id="tasks-head", markup=False)
                yield TaskTable(id="task-table")
                yield Input(placeholder="filter: words of PID, ST, COMM", compact=True, id="filter")
        with Horizontal(id="prompt-line"):
            yield Static(literal("crash> "), id="prompt-sign")
            yield CommandInput(id="prompt")
        yield StatusBar(target.name, self._recorded)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Start crash; the screen shows its phases until the first prompt."""
        self._draw_tabs("start")
        self._draw_start()
        self.query_one("#filter").display = False
        self.query_one("#prompt-line").display = False
        self._begin()

    def _recorded(self) -> str:
        if self.opened.target.recording:
            return "a recording"
        if self.opened.recording_stopped:
            return "recording stopped"
        return "recorded" if self.opened.recording else "not recorded"

    # what the session says

    @on(SessionSpoke)
    def session_spoke(self, message: SessionSpoke) -> None:
        """Route one event."""
        event = message.event
        status = self.query_one(StatusBar)
        if isinstance(event, OutputGrew):
            self.text.grow(event.size)
            status.grew(max(0, event.size - self._command_start))
            self._lines_grew()
        elif isinstance(event, PhaseChanged):
            self._phases.append((event.phase, event.seconds))
            status.show(State.STARTING, event.phase)
            self._draw_start()
        elif isinstance(event, MessageSeen):
            self._messages.append(event.message.text)
            self._draw_start()
        elif isinstance(event, ActivityChanged):
            status.activity(event.text)
        elif isinstance(event, CommandStarted):
            if not event.background:
                self._command_started(event)
        elif isinstance(event, CommandFinished):
            self._learn_names(event.result)
            if not event.result.background:
                self._command_finished(event.result)
        elif isinstance(event, SessionReady):
            self._ready()
        elif isinstance(event, InputNeeded):
            self._ask(event.text)
        elif isinstance(event, Notice):
            self.notify(event.text, severity="warning", markup=False)
        elif isinstance(event, SessionGone):
            self._gone(event)

    def _ready(self) -> None:
        session = self.opened.session
        self.names = Completions(session, self.opened.directory)
        self.names.want("command")
        self.query_one(CommandInput).suggest(self.names)
        self._started()
        self.text.startup_done(session.startup_end)
        self.banner = overview.read_banner(self.opened)
        self.query_one(StatusBar).show(State.READY)
        self._draw_overview()
        if self.query_one(ContentSwitcher).current == "start":
            self.action_view("overview")
        recording = self.opened.target.recording
        if recording is None or recording.answer_to("ps") is not None:
            self._automatic.add(session.submit("ps"))
        if self.opened.history:
            count = len(self.opened.history)
            self.notify(f"h runs the {count} commands of the session before again", timeout=30, markup=False)
        self.refresh_bindings()

    def _command_started(self, event: CommandStarted) -> None:
        self._command_start = event.start
        self._waiting.discard(event.id)
        self.query_one(StatusBar).waiting(len(self._waiting))
        self.text.begin(event.command, event.start, folded=event.id in self._automatic)
        self.query_one(StatusBar).show(State.BUSY, event.command)
        self._lines_grew()

    def _command_finished(self, result: CommandResult) -> None:
        self.text.finish(result)
        self.query_one(StatusBar).show(State.READY)
        self._lines_grew()
        if result.command.strip() == "ps" and result.exit == "ok":
            self._read_tasks(result)

    @work(thread=True, group="names", exit_on_error=False)
    def _learn_names(self, result: CommandResult) -> None:
        if self.names is not None:
            self.names.finished(result)

    @work(thread=True, exclusive=True, group="read_tasks", exit_on_error=False)
    def _read_tasks(self, result: CommandResult) -> None:
        self.post_message(TasksRead(ps.parse(self.opened.session.text(result.start, result.end))))

    @on(TasksRead)
    def tasks_read(self, message: TasksRead) -> None:
        """The task list is there: show it, and count its states in the overview."""
        self.tasks = message.tasks
        self.query_one(TaskTable).show(message.tasks.tasks)
        self._draw_overview()

    def _gone(self, event: SessionGone) -> None:
        reason = event.error.message.splitlines()[0] if event.error else "crash was ended"
        self.query_one(StatusBar).show(State.GONE, reason)
        self.query_one(StatusBar).waiting(0)
        self._started()
        self.text.grow(self.opened.session.spool.size)
        self._lines_grew()
        if not self.opened.session.was_ready:
            if event.error:
                self._find_reason(event.error)
        elif event.error:
            self.app_error = event.error
            hint = f"{event.error.message}; {event.error.hint}; R starts it again"
            self.notify(hint, title="Session ended", severity="error", timeout=30, markup=False)
        self.refresh_bindings()

    def _ask(self, question: str) -> None:
        self.query_one(StatusBar).show(State.NEEDS_INPUT, question)
        self.action_view("console")
        self.notify(f"crash asks: {question}", title="Type the answer", severity="warning", markup=False)

    # what the user wants

    @on(CommandEntered)
    def command_entered(self, message: CommandEntered) -> None:
        """Send a command, or the answer to a question; what does more than read is asked for first."""
        asked = self.opened.session.state is State.NEEDS_INPUT
        risks = () if asked else self.opened.questions(message.command)

        def answered(wanted: bool | None) -> None:
            if wanted:
                self.opened.guard.grant(message.command, risks)
                self._send(message.command)

        if risks:
            self.app.push_screen(ConsentDialog(message.command, risks, self.opened.guard.live), answered)
        else:
            self._send(message.command)

    def _send(self, command: str) -> None:
        session = self.opened.session
        try:
            if session.state is State.NEEDS_INPUT:
                session.answer(command)
            else:
                self._waiting.add(session.submit(command))
                self.query_one(StatusBar).waiting(len(self._waiting))
        except XcrashError as error:
            self.notify(f"{error.message}; {error.hint}", title="Not sent", severity="warning", markup=False)
            return
        self.action_view("console")
        self.query_one("#lines", LineView).follow()

    @on(TaskTable.Chosen)
    def stack_wanted(self, message: TaskTable.Chosen) -> None:
        """Show the stack of a task in the console."""
        task = message.task
        # Every idle task has PID 0: only its address names one. A recording answers what was asked then.
        by_pid = task.pid or task.task is None or self.opened.target.recording
        self.post_message(CommandEntered(f"bt {task.pid if by_pid else task.task}"))

    @on(TaskTable.FilterWanted)
    def filter_wanted(self) -> None:
        """Open the filter line."""
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()

    @on(Input.Changed, "#filter")
    def filter_changed(self, message: Input.Changed) -> None:
        """Filter while the user types."""
        self.query_one(TaskTable).filter(message.value)

    @on(Input.Submitted, "#filter")
    def filter_done(self) -> None:
        """Back to the table; the filter stays."""
        self.query_one(TaskTable).focus()

    @on(TaskTable.Arranged)
    def tasks_arranged(self, message: TaskTable.Arranged) -> None:
        """Say how many tasks there are and in which order."""
        shown = f"{message.shown:,} of {message.total:,}" if message.shown != message.total else f"{message.total:,}"
        unread = len(self.tasks.unread) + len(self.tasks.remarks) if self.tasks else 0
        note = f"   {unread} lines not read, see the console" if unread else ""
        self.query_one("#tasks-head", Static).update(literal(f"{shown} tasks   {message.order}   ps{note}"))

    def action_view(self, name: str) -> None:
        """Show a view and put the focus where its keys are."""
        asked = self.opened.session.state is State.NEEDS_INPUT
        if name != "start" and not (self.opened.session.was_ready or asked):
            gone = self.opened.session.gone is not None
            self.notify("crash has ended" if gone else "crash has not reached its prompt yet", markup=False)
            return
        self.query_one(ContentSwitcher).current = name
        self.query_one("#prompt-line").display = name == "console"
        focus = {"overview": "#overview", "console": "#prompt", "tasks": "#task-table", "start": "#start-lines"}[name]
        self.query_one(focus).focus()
        self._draw_tabs(name)

    def action_prompt(self) -> None:
        """Open the crash command line."""
        self.action_view("console")

    def action_leave(self) -> None:
        """Leave the prompt or the filter, so that single keys work again."""
        view = self.query_one(ContentSwitcher).current
        line = self.query_one("#filter", Input)
        if view == "console":
            self.query_one("#lines").focus()
        elif view == "tasks":
            line.value = ""
            line.display = False
            self.query_one(TaskTable).focus()

    def action_interrupt(self) -> None:
        """Interrupt crash while it is busy; never quits."""
        session = self.opened.session
        if session.gone:
            self.notify("crash has ended; Ctrl-Q quits", markup=False)
        elif session.was_ready and not session.in_background and session.state in _INTERRUPTIBLE:
            session.interrupt()
            self.query_one(StatusBar).show(State.INTERRUPTING, "Ctrl-C sent")
        elif not session.was_ready:
            self.notify("crash would end if it were interrupted while starting; Ctrl-Q ends it", markup=False)
        else:
            self.notify("crash is not busy; Ctrl-Q quits", markup=False)

    def action_help(self) -> None:
        """Show or hide the keys of what has the focus."""
        if self.query("HelpPanel"):
            self.app.action_hide_help_panel()
        else:
            self.app.action_show_help_panel()

    # drawing

    def _draw_tabs(self, current: str) -> None:
        target = self.opened.target
        tabs = [
            literal(f"›{title} " if name == current else f" {title} ", "reverse" if name == current else "")
            for name, title in VIEWS
        ]
        release = self.banner.release if self.banner else None
        about = " · ".join(part for part in (target.name, release) if part)
        line = tabs[0]
        for tab in tabs[1:]:
            line += tab
        self.query_one("#tabs", Static).update(line + literal(f"    {about}", "dim"))

    def _draw_overview(self) -> None:
        found = {one.name: one for one in overview.sections(self.opened, self.banner, self.tasks)}
        for panel in self.query(SectionPanel):
            name = panel.section.name
            panel.show(found.get(name, Section(name, "", "", ())))
