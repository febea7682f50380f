# SPDX-License-Identifier: Apache-2.0
"""The prompt: a line for crash, with completion, what it is for, and the lines that were typed before."""

from __future__ import annotations

import os.path
from typing import ClassVar

from textual import on
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from xcrash.completion import LIMIT, Completion, Completions
from xcrash.errors import UsageError
from xcrash.history import History
from xcrash.purpose import command_name, purpose
from xcrash.session.command import check_command
from xcrash.tui.actions import bindings
from xcrash.tui.actions.prompt import PROMPT
from xcrash.tui.messages import CommandEntered
from xcrash.tui.widgets.history_search import HistorySearch
from xcrash.tui.widgets.name_suggester import NameSuggester
from xcrash.tui.widgets.offer_list import OfferList

_COMMAND = "a crash command: bt, log, foreach UN bt, help bt"
_ANSWER = "the answer; Enter sends it"
_GATHERING = "crash is asked for the names, which are offered as soon as it has told them"
_NOTHING = "nothing is known that could stand here"


class CommandInput(Input):
    """Takes one crash command; a line that would harm the session is refused with the reason.

    ``offers`` is where completions are shown. While crash asks a question (``asks``) the line is an answer: nothing is
    completed and nothing is kept of it.
    """

    DEFAULT_CSS = """
    CommandInput { height: 1; width: 1fr; border: none; padding: 0; background: $surface; }
    CommandInput:focus { border: none; background: $panel; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(PROMPT)  # type: ignore[assignment]

    class Left(Message):
        """The user leaves the prompt."""

    class NamesCame(Message):
        """crash told names that were asked for; from any thread."""

    def __init__(self, offers: OfferList, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(placeholder=_COMMAND, compact=True, id=id)
        self.history = History()
        self.asks = False
        self._offers = offers
        self._names: Completions | None = None
        self._found: list[Completion] = []
        self._base = ("", 0)
        self._draft: str | None = None
        self._at = 0
        self._told = False
        self._unsent = ""
        self._hoping = False

    def ask(self, asks: bool) -> None:
        """The line is an answer to a question from now on, or a command again; what was typed waits meanwhile."""
        self.asks = asks
        self._close_offers()
        self.suggester = None if asks or self._names is None else NameSuggester(self._names)
        self.placeholder = _ANSWER if asks else _COMMAND
        if asks:
            self._unsent, self.value = self.value, ""
        elif not self.value:
            self.value, self._unsent = self._unsent, ""
            self.cursor_position = len(self.value)

    def suggest(self, names: Completions) -> None:
        """Complete from these names from now on."""
        self._names = names
        self.suggester = NameSuggester(names)

    async def action_submit(self) -> None:
        """Take the completion that is marked; without one check the line and hand it on."""
        if self._offers.display and self._offers.at is not None:
            self._close_offers()
            return
        line = self.value.strip()
        if not line and not self.asks:
            return
        try:
            check_command(line)
        except UsageError as error:
            self.notify(f"{error.message}; {error.hint}", title="Not sent", severity="warning", markup=False)
            self.action_select_all()
            return
        if not self.asks:
            self._keep(line)
        self._draft, self._at = None, 0
        self.value = ""
        self._close_offers()
        self.post_message(CommandEntered(line))

    def _keep(self, line: str) -> None:
        self.history.add(line)
        if self.history.trouble and not self._told:
            self._told = True
            self.notify(f"what is typed is not kept: {self.history.trouble}", severity="warning", markup=False)

    # what was typed before

    def action_older(self) -> None:
        """The line before that begins as what was typed; in an open list the offer above."""
        if self._offers.display:
            self._mark(-1)
            return
        if self._draft is None:
            self._draft = self.value
        self._show(1)

    def action_newer(self) -> None:
        """The line after, at last what was typed."""
        if self._offers.display:
            self._mark(1)
        elif self._draft is not None:
            self._show(-1)

    def _show(self, step: int) -> None:
        draft = self._draft or ""
        lines = [draft, *(line for line in reversed(self.history.lines) if line.startswith(draft) and line != draft)]
        self._at = max(0, min(self._at + step, len(lines) - 1))
        with self.prevent(Input.Changed):
            self.value = lines[self._at]
        self.cursor_position = len(self.value)

    def action_search(self) -> None:
        """Search what was typed before."""
        if self.asks:
            return

        def taken(line: str | None) -> None:
            if line is not None:
                self.value = line
                self.cursor_position = len(line)
            self.focus()

        self.app.push_screen(HistorySearch(self.history, self.value), taken)

    def action_clear(self) -> None:
        """Clear the line."""
        self.value = ""

    def action_page(self) -> None:
        """Show crash's own help page of the command that is typed; the line stays."""
        name = command_name(self.value)
        if self.asks or not name:
            self.notify("type a command first: its help page is shown", markup=False)
            return
        self.post_message(CommandEntered(f"help {name}"))

    def action_leave(self) -> None:
        """Close the completions; without them leave the prompt."""
        if self._offers.display and self._found:
            self._close_offers()
        else:
            self._close_offers()
            self.post_message(self.Left())

    # completion

    def action_complete(self, by: int) -> None:
        """Complete as far as it is certain, then go through what could be; with an empty line the focus moves on."""
        if not self.value or self.asks or self._names is None:
            if by > 0:
                self.screen.focus_next()
            else:
                self.screen.focus_previous()
            return
        if self._found and self._offers.display:
            self._mark(by)
            return
        line, cursor = self.value, self.cursor_position
        self._names.want_for(line, cursor)
        found = self._names.complete(line, cursor)
        self._hoping = not found and self._names.gathering
        if not found:
            self._offers.show((), note=_GATHERING if self._hoping else _NOTHING)
            return
        start = found[0].start
        fitting = [one for one in found if one.start == start]
        common = os.path.commonprefix([one.text for one in fitting])  # noqa: RUF071 - of words, not of paths
        # Of more than it offers it knows a part only, and not what all have in common.
        if len(common) > cursor - start and len(found) < LIMIT:
            self._put(line, start, cursor, common + (" " if len(fitting) == 1 else ""))
        if len(fitting) > 1:
            self._found, self._base = fitting, (self.value, self.cursor_position)
            self._offers.show([(one.text, _about(one)) for one in fitting])

    @on(NamesCame)
    def names_came(self, message: NamesCame) -> None:
        """What was looked for may be known now."""
        message.stop()
        if self._hoping and self.has_focus:
            self.action_complete(1)

    def _mark(self, by: int) -> None:
        at = self._offers.move(by)
        if at is not None and self._found:
            line, cursor = self._base
            self._put(line, self._found[at].start, cursor, self._found[at].text)

    def _put(self, line: str, start: int, cursor: int, text: str) -> None:
        with self.prevent(Input.Changed):
            self.value = line[:start] + text + line[cursor:]
        self.cursor_position = start + len(text)

    def _close_offers(self) -> None:
        self._found = []
        self._offers.show(())

    @on(Input.Changed)
    def changed(self) -> None:
        """What is typed narrows the completions, and says what the command is for."""
        self._draft, self._at, self._hoping = None, 0, False
        if self._found:
            self._found = []
            if self.value:
                self.action_complete(1)
                return
        self._offers.show((), note="" if self.asks else purpose(self.value))


def _about(one: Completion) -> str:
    return one.detail if one.kind in ("symbol", "type") and one.detail else f"{one.kind} {one.detail}".strip()
