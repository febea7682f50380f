# SPDX-License-Identifier: Apache-2.0
"""The part of the session screen that starts crash: its phases, why it failed, and starting it again."""

from __future__ import annotations

import time

from textual import on, work
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Static

from xcrash.answers import Answer
from xcrash.errors import XcrashError
from xcrash.open_session import OpenSession
from xcrash.tui.around import in_words
from xcrash.tui.messages import Answered, CommandEntered, StartFailed
from xcrash.tui.start_text import failure_text, index_state, start_text
from xcrash.tui.widgets.banner import TroubleBanner
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.workbench import Workbench


class StartScreen(Screen[None]):
    """A screen with an open session, what is known of it so far, and a view named ``start``."""

    def __init__(self, opened: OpenSession) -> None:
        super().__init__()
        self.opened = opened
        self._growing = False
        self.bench = Workbench(opened, self._tell)
        self.app_error: XcrashError | None = None
        self._phases: list[tuple[str, float]] = []
        self._messages: list[str] = []
        self._began = time.monotonic()
        self._clock: Timer | None = None
        self._index = ""

    def _tell(self, answer: Answer) -> None:
        self.post_message(Answered(answer))

    def action_view(self, name: str) -> None:
        """Show a view."""
        raise NotImplementedError

    def tell_others(self, error: XcrashError | None) -> None:
        """Let the other views of the crash know why this one is not there; None: it is."""
        if self.bench.view:
            self.bench.around.problem(self.bench.view, in_words(error) if error else "")

    def reset_views(self) -> None:
        """Let every view forget what the last crash said."""
        raise NotImplementedError

    def _begin(self, started: bool = False) -> None:
        self._clock = self.set_interval(0.5, self._draw_start)
        self._began = time.monotonic()
        self._index = index_state(self.opened)
        if not started:
            self.opened.session.start()

    def _started(self) -> None:
        """crash is at its prompt, or gone: nothing moves on the start view any more."""
        if self._clock:
            self._clock.stop()

    @work(thread=True, exclusive=True, group="find_reason", exit_on_error=False)
    def _find_reason(self, error: XcrashError) -> None:
        self.post_message(StartFailed(self.opened.explain(error)))

    @on(StartFailed)
    def start_failed(self, message: StartFailed) -> None:
        """Say why crash did not start and what can be tried; or try it, where the user chose so."""
        self.bench.text.grow(self.opened.session.spool.size)
        self._lines_grew()
        if self.opened.rescues:
            self.action_rung(1)
            return
        self.app_error = message.error
        self.query_one("#start-text", Static).update(failure_text(message.error, self.opened))
        self.action_view("start")
        self.tell_others(message.error)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of a start that failed and of a crash that died are there only then."""
        session = self.opened.session
        if action == "rung":
            return self.app_error is not None and int(str(parameters[0])) <= len(self.opened.offers)
        if action == "restart":
            return session.gone is not None and session.was_ready and self.opened.plan is not None
        if action == "run_history":
            return bool(self.opened.history) and session.was_ready and session.gone is None
        return True

    def action_rung(self, number: int) -> None:
        """Start crash again on the rung of this number on the failure screen."""
        self.opened.take(self.opened.offers[number - 1])
        self._start_again()

    def action_restart(self) -> None:
        """Start a new crash in place of the one that is gone."""
        try:
            self.opened.restart()
        except XcrashError as error:
            self.notify(f"{error.message}; {error.hint}", severity="warning", markup=False)
            return
        self._start_again()

    def action_run_history(self) -> None:
        """Send the commands of the session before once more."""
        history, self.opened.history = self.opened.history, ()
        for command in history:
            self.post_message(CommandEntered(command, look=False))
        self.refresh_bindings()

    def _start_again(self, started: bool = False) -> None:
        """Forget what the last crash said of the machine; its lines stay above the new ones."""
        self.app_error = None
        self.bench.forget()
        for seen in (self._phases, self._messages):
            seen.clear()
        self.reset_views()
        self.query_one(TroubleBanner).clear()
        self.action_view("start")
        self._begin(started)
        self.refresh_bindings()

    def _draw_start(self) -> None:
        if self.app_error is None and self.query_one(ContentSwitcher).current == "start":
            text = start_text(self.opened, self._phases, time.monotonic() - self._began, self._messages, self._index)
            self.query_one("#start-text", Static).update(text)

    def _lines_grew(self) -> None:
        """Tell the lines once for all that comes before the next painting."""
        if not self._growing:
            self._growing = True
            self.call_after_refresh(self._grow_lines)

    def _grow_lines(self) -> None:
        self._growing = False
        for view in self.query(LineView):
            view.grown()
