# SPDX-License-Identifier: Apache-2.0
"""One session on the screen: what it says goes to the views, what its user wants goes to crash."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import ContentSwitcher, Static

from xcrash import overview
from xcrash.answers import Answer
from xcrash.completion import Completions
from xcrash.errors import XcrashError
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
    StartedAgain,
    State,
)
from xcrash.session.activity import NO_SIGN
from xcrash.tui.actions import bindings
from xcrash.tui.actions.session import SESSION
from xcrash.tui.around import TITLES
from xcrash.tui.messages import (
    Answered,
    CrashViewWanted,
    SessionSpoke,
)
from xcrash.tui.views.console import ConsoleView
from xcrash.tui.views_screen import ViewsScreen
from xcrash.tui.widgets.banner import TroubleBanner
from xcrash.tui.widgets.command_input import CommandInput
from xcrash.tui.widgets.key_line import KeyLine
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.offer_list import OfferList
from xcrash.tui.widgets.prompt_line import PromptLine
from xcrash.tui.widgets.status_bar import StatusBar
from xcrash.tui.widgets.tab_line import TabLine

_INTERRUPTIBLE = (State.BUSY, State.NEEDS_INPUT, State.INTERRUPTING)


class SessionScreen(ViewsScreen):
    """Shows an open session; every change of it arrives as a SessionSpoke message."""

    CSS_PATH = "session_screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - declared so by Textual
    BINDINGS: ClassVar[list[Binding]] = bindings(SESSION)  # type: ignore[assignment]
    _gave_way = False

    _back = "overview"
    """The view to show when crash is ready."""

    def compose(self) -> ComposeResult:
        """The tab line, the views, the prompt, the status line and the keys."""
        target = self.opened.target
        yield TabLine([(view.NAME, view.TITLE) for view in self.views], id="tabs")
        yield TroubleBanner()
        with ContentSwitcher(initial="start"), Vertical(id="start"):
            yield Static(id="start-text", markup=False)
            yield LineView(self.bench.text, id="start-lines")
        offers = OfferList(id="prompt-offers")
        yield offers
        yield PromptLine(CommandInput(offers, id="prompt"), id="prompt-line")
        yield StatusBar(target.name, self._recorded, self._age)
        yield KeyLine()

    def on_mount(self) -> None:
        """The screen shows the phases of the start until the first prompt."""
        self.draw_tabs()
        self._draw_start()
        self.query_one("#prompt-line").display = False
        # Hundreds of widgets that are not seen yet would keep the first screen from being painted.
        self.call_after_refresh(self._add_views)

    async def _add_views(self) -> None:
        """Add the views, hidden, and start crash: what it says reaches all of them."""
        for view in self.views:
            view.display = False
        await self.query_one(ContentSwitcher).mount(*self.views)
        self._begin()

    def on_unmount(self) -> None:
        """The reader of answers has nothing to do any more."""
        self.bench.answers.close()

    def _recorded(self) -> str:
        if self.opened.target.recording:
            return "a recording"
        if self.opened.recording_stopped:
            return "recording stopped"
        return "recorded" if self.opened.recording else "not recorded"

    def _age(self) -> float | None:
        """Seconds since the oldest answer in the view was given; a dump does not grow old."""
        view = self.view
        if not self.bench.live or view is None:
            return None
        answers = (self.bench.answers.latest(command) for command in view.wants())
        return max((answer.age for answer in answers if answer and answer.number), default=None)

    # what the session says

    @on(SessionSpoke)
    def session_spoke(self, message: SessionSpoke) -> None:
        """Route one event."""
        event = message.event
        status = self.query_one(StatusBar)
        if isinstance(event, OutputGrew):
            self.bench.text.grow(event.size)
            status.grew(event.size)
            self._lines_grew()
            if self.opened.session.state is not State.NEEDS_INPUT:
                self._asks_no_more()
        elif isinstance(event, PhaseChanged):
            self._phases.append((event.phase, event.seconds))
            status.show(State.STARTING, event.phase)
            self._draw_start()
        elif isinstance(event, MessageSeen):
            self._messages.append(event.message.text)
            self._draw_start()
        elif isinstance(event, ActivityChanged):
            status.activity(event.text)
            self._show_activity(event.text)
        elif isinstance(event, CommandStarted):
            self._command_started(event)
        elif isinstance(event, CommandFinished):
            self._command_finished(event.result)
        elif isinstance(event, SessionReady):
            self._ready()
        elif isinstance(event, InputNeeded):
            self._ask(event.text)
        elif isinstance(event, Notice):
            self.notify(event.text, severity="warning", markup=False)
        elif isinstance(event, SessionGone):
            self._gone(event)
        elif isinstance(event, StartedAgain):
            self._back = self.view.NAME if self.view else "overview"
            self._start_again(started=True)

    def _show_activity(self, text: str) -> None:
        """A crash that gives no sign of life is told of as long as that lasts."""
        trouble = self.query_one(TroubleBanner)
        if text.startswith(NO_SIGN):
            trouble.hangs(f"{text}: {self.query_one(StatusBar).doing}", self.opened.session.was_ready)
        else:
            trouble.moves()

    def _ready(self) -> None:
        session = self.opened.session
        self.bench.names = Completions(session, self.opened.directory)
        self.bench.names.want("command")
        self.query_one(CommandInput).suggest(self.bench.names)
        self._started()
        self.bench.text.startup_done(session.startup_end)
        self.bench.banner = overview.read_banner(self.opened)
        self.query_one(StatusBar).show(State.READY)
        if self.query_one(ContentSwitcher).current == "start":
            self.action_view(self._back)
            self._back = "overview"
        self.bench.ready()
        if self.opened.history:
            count = len(self.opened.history)
            self.notify(f"h runs the {count} commands of the session before again", timeout=30, markup=False)
        self.tell_others(None)
        self.refresh_bindings()

    def _command_started(self, event: CommandStarted) -> None:
        self.bench.answers.started(event)
        if event.background and not self.bench.answers.asked(event.id):
            return
        self.bench.waiting.pop(event.id, None)
        self._draw_waiting()
        self.bench.text.begin(event.command, event.start, event.background, event.id)
        if event.background:
            self.query_one(StatusBar).behind(event.command)
        else:
            self.query_one(StatusBar).show(State.BUSY, event.command, event.start)
        self._lines_grew()

    def _command_finished(self, result: CommandResult) -> None:
        mine = self.bench.answers.asked(result.id)
        shown = (mine or not result.background) and self.bench.text.finish(result)
        self._learn_names(result)
        wanted = any(view.knows(result.command) for view in self.views)
        self.bench.finished(result, wanted, shown)
        if self.bench.waiting.pop(result.id, None) is not None:
            self._draw_waiting()
        if shown:
            self._asks_no_more()
            self.query_one(StatusBar).show(State.READY)
            self._lines_grew()
            self.query_one(ConsoleView).ended(result)

    @work(thread=True, group="names", exit_on_error=False)
    def _learn_names(self, result: CommandResult) -> None:
        if self.bench.names is not None and self.bench.names.finished(result):
            self.query_one(CommandInput).post_message(CommandInput.NamesCame())

    @on(Answered)
    def answered(self, message: Answered) -> None:
        """An answer was read: every view that shows it is told."""
        for view in self.views:
            if view.knows(message.answer.command):
                view.answered(message.answer)
        self.bench.around.tell(self.bench.view, message.answer)

    def heard(self, name: str, answer: Answer | None) -> None:
        """Another view of the crash has an answer, or something is different with it."""
        if answer is None and self.is_mounted:
            self.draw_tabs()
            self._give_way()
        for view in self.views:
            if view.is_mounted:
                view.heard(name, answer)

    def tell_others(self, error: XcrashError | None) -> None:
        """Also show another view in place of one that did not start."""
        super().tell_others(error)
        self.draw_tabs()
        self._give_way()

    def _give_way(self) -> None:
        """A view whose crash did not start leaves the screen to one whose crash did, once."""
        around, own = self.bench.around, self.bench.view
        if self._gave_way or self.app_error is None or self.opened.session.was_ready or not self.is_current:
            return
        other = next((name for name in around.benches if name != own and name not in around.problems), None)
        if other is not None and around.benches[other].opened.session.was_ready:
            self._gave_way = True
            text = f"crash did not start on {TITLES.get(own, own)}; its view (X) says why, and what can be tried"
            self.app.notify(text, timeout=30, severity="warning", markup=False)
            self.post_message(CrashViewWanted(other))

    def _gone(self, event: SessionGone) -> None:
        reason = event.error.message.splitlines()[0] if event.error else "crash was ended"
        self._asks_no_more()
        self.query_one(StatusBar).show(State.GONE, reason)
        self.bench.waiting.clear()
        self._draw_waiting()
        self._started()
        self.bench.text.grow(self.opened.session.spool.size)
        self._lines_grew()
        if not self.opened.session.was_ready:
            if event.error:
                self._find_reason(event.error)
        elif event.error:
            self.app_error = event.error
            kept = None if self.opened.target.recording else self.opened.recording
            again = self.opened.plan is not None
            self.query_one(TroubleBanner).died(event.error.message, event.error.hint, again, kept)
            self.tell_others(event.error)
        self.refresh_bindings()

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
