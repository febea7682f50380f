# SPDX-License-Identifier: Apache-2.0
"""The line in which one types what is to be found in a LineView, with how far the search is."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from xcrash.tui.actions import bindings
from xcrash.tui.actions.lines import FIND
from xcrash.tui.literal import literal
from xcrash.tui.widgets.line_view import FindState, LineView


class PatternInput(Input):
    """Where the pattern is typed; its keys are those of the bar."""

    DEFAULT_CSS = """
    PatternInput { width: 1fr; border: none; padding: 0 1; background: $surface; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(FIND)  # type: ignore[assignment]

    def action_regex(self) -> None:
        """Take what is typed for a regular expression, or for text again."""
        self.query_ancestor(PatternBar).toggle_regex()

    def action_hit(self, step: int) -> None:
        """The next hit while one types."""
        self.query_ancestor(PatternBar).lines.find_next(step)


class PatternBar(Horizontal):
    """A line for a pattern under ``lines``, closed at first: what is typed counts at once, Enter goes to the lines."""

    SIGN: ClassVar[str]
    HINT: ClassVar[str]
    DEFAULT_CSS = """
    PatternBar { height: 1; background: $surface; display: none; }
    PatternBar > .sign { width: auto; color: $accent; padding: 0 0 0 1; }
    PatternBar > .state { width: auto; max-width: 70%; padding: 0 1; color: $foreground-muted; }
    PatternBar > .wrong { color: $text-warning; }
    """

    def __init__(self, lines: LineView, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.lines = lines
        self.regex = False
        self.input = PatternInput(placeholder=self.HINT, compact=True)
        self._sign = Static(literal(self.SIGN), classes="sign", markup=False)
        self._state = Static(classes="state", markup=False)

    def compose(self) -> ComposeResult:
        """A sign, the pattern, how far it is."""
        yield self._sign
        yield self.input
        yield self._state

    def look_for(self, text: str, regex: bool) -> None:
        """What is typed has changed."""
        raise NotImplementedError

    def taken_away(self) -> None:
        """The bar was closed."""
        raise NotImplementedError

    def say(self, state: FindState) -> None:
        """Show how far it is."""
        self._state.set_class(state.wrong, "wrong")
        self._state.update(literal(f"{'not so: ' if state.wrong else ''}{state.words}"))

    def open(self) -> None:
        """Type a pattern, or change the one there is."""
        self.display = True
        self.input.focus()
        self.input.action_select_all()

    def back(self) -> bool:
        """Escape: close it and forget the pattern; False when it was not open."""
        if not self.display:
            return False
        had_focus = self.input.has_focus
        self.display = False
        self.input.value = ""
        self.taken_away()
        if had_focus:
            self.lines.focus()
        return True

    @on(Input.Changed)
    def changed(self, message: Input.Changed) -> None:
        """Look while the user types."""
        message.stop()
        if self.display:
            self.look_for(message.value, self.regex)

    @on(Input.Submitted)
    def done(self, message: Input.Submitted) -> None:
        """Back to the lines; the pattern stays."""
        message.stop()
        if not message.value:
            self.back()
        self.lines.focus()

    def toggle_regex(self) -> None:
        """Take what is typed for a regular expression, or for text again."""
        self.regex = not self.regex
        self._sign.update(literal(f"{self.SIGN}re " if self.regex else self.SIGN))
        self.look_for(self.input.value, self.regex)


class FindBar(PatternBar):
    """Finds in ``lines``: yield it below them, open it when they post FindWanted, give it Escape with ``back``."""

    SIGN = "/"
    HINT = "text, or re:PATTERN; Enter, then n and N"

    def on_mount(self) -> None:
        """Say how far the search is."""
        self.watch(self.lines, "find_state", self.say)

    def open(self) -> None:
        """A search begins at the cursor."""
        self.lines.begin_find()
        super().open()

    def back(self) -> bool:
        """Escape ends a search that is on its way and keeps what it has; then it closes the bar."""
        return self.lines.finder.stop() or super().back()

    def look_for(self, text: str, regex: bool) -> None:
        """Search, on a thread."""
        self.lines.find(text, regex)

    def taken_away(self) -> None:
        """Nothing is marked any more."""
        self.lines.finder.clear()
