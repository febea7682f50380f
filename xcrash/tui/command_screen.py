# SPDX-License-Identifier: Apache-2.0
"""The part of the session screen that sends what its user typed: commands, and answers to crash's questions."""

from __future__ import annotations

from textual import on

from xcrash.errors import XcrashError
from xcrash.session import State
from xcrash.tui.messages import CommandEntered
from xcrash.tui.start_screen import StartScreen
from xcrash.tui.views.view import View
from xcrash.tui.widgets.consent_dialog import ConsentDialog
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.prompt_line import PromptLine
from xcrash.tui.widgets.status_bar import StatusBar


class CommandScreen(StartScreen):
    """A screen with a prompt: its commands wait for each other, and some for the consent of their user."""

    @property
    def view(self) -> View | None:
        """The view that is shown; None while crash starts."""
        raise NotImplementedError

    @on(CommandEntered)
    def command_entered(self, message: CommandEntered) -> None:
        """Send a command, or the answer to a question; what does more than read is asked for first."""
        asked = self.opened.session.state is State.NEEDS_INPUT
        risks = () if asked else self.opened.questions(message.command)

        def answered(wanted: bool | None) -> None:
            if wanted:
                self.opened.guard.grant(message.command, risks)
                self._send(message.command, message.look)

        if risks:
            self.app.push_screen(ConsentDialog(message.command, risks, self.opened.guard.live), answered)
        else:
            self._send(message.command, message.look)

    def _send(self, command: str, look: bool) -> None:
        session = self.opened.session
        try:
            if session.state is State.NEEDS_INPUT:
                session.answer(command)
                self._asks_no_more()
            else:
                self.bench.waiting[session.submit(command)] = command
                self._draw_waiting()
        except XcrashError as error:
            self.notify(f"{error.message}; {error.hint}", title="Not sent", severity="warning", markup=False)
            return
        if look and not (self.view and self.view.knows(command)):
            self.action_view("console")
        self.query_one("#lines", LineView).follow()

    def _draw_waiting(self) -> None:
        self.query_one(StatusBar).waiting(len(self.bench.waiting))

    def _asks_no_more(self) -> None:
        """A question was answered, or was none: what crash printed goes on."""
        line, block = self.query_one(PromptLine), self.bench.text.blocks[-1]
        if line.question:
            line.ask("")
            if block.running:
                self.query_one(StatusBar).show(State.BUSY, block.command, block.start)

    def _ask(self, question: str) -> None:
        self.query_one(PromptLine).ask(question)
        self.query_one(StatusBar).show(State.NEEDS_INPUT, question)
        self.action_view("console")
        self.notify(f"crash asks: {question}", title="Type the answer", severity="warning", markup=False)
