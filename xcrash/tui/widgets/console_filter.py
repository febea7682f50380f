# SPDX-License-Identifier: Apache-2.0
"""Filtering the answers of a session: which lines match is found on a thread, and again when an answer has grown."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import partial

from textual.message import Message
from textual.worker import get_current_worker

from xcrash.errors import UsageError
from xcrash.output.pattern import Pattern
from xcrash.tui.widgets.line_finder import FindState
from xcrash.tui.widgets.session_text import SessionText


class Narrowed(Message):
    """A filter knows which lines of a block it leaves."""

    def __init__(self, pattern: Pattern, at: int, numbers: array[int], total: int) -> None:
        super().__init__()
        self.pattern, self.at, self.numbers, self.total = pattern, at, numbers, total


class ConsoleFilter:
    """The filter of a session's text; ``run`` does work on a thread, in place of what it did before."""

    def __init__(
        self,
        text: SessionText,
        run: Callable[[Callable[[], None]], object],
        send: Callable[[Message], object],
    ) -> None:
        self._text, self._run, self._send = text, run, send
        self._pattern: Pattern | None = None
        self._begun = 0
        self._looked_at: dict[int, int] = {}

    def begin(self, at: int) -> None:
        """What is typed from now on is about this block."""
        self._begun = at

    def look_for(self, typed: str, regex: bool, everywhere: bool) -> FindState:
        """Filter by what was typed; says what is to be said about it now."""
        try:
            pattern = Pattern(typed, regex) if typed.removeprefix("re:") else None
        except UsageError as error:
            return FindState(f"{error.message}; {error.hint}", wrong=True)
        blocks = range(len(self._text.blocks)) if everywhere else (self._begun,)
        for at in self._looked_at:
            if pattern is None or at not in blocks:
                self._text.keep(at, None)
        self._pattern, self._looked_at = pattern, dict.fromkeys(blocks if pattern else (), 0)
        self._start()
        return FindState("all answers" if everywhere else "") if pattern else FindState()

    def grown(self) -> None:
        """An answer that is filtered may have ended, with more lines than were looked at."""
        blocks = self._text.blocks
        if any(count and not blocks[at].running and blocks[at].count != count for at, count in self._looked_at.items()):
            self._start()

    def narrowed(self, message: Narrowed) -> FindState | None:
        """Show what a thread has found; None when nobody wants it any more."""
        if message.pattern is not self._pattern or message.at not in self._looked_at:
            return None
        self._looked_at[message.at] = message.total
        self._text.keep(message.at, message.numbers, bare=len(self._looked_at) > 1)
        blocks = [self._text.blocks[at] for at in self._looked_at]
        kept, total = sum(len(one.kept or ()) for one in blocks), sum(one.count for one in blocks)
        where = " of all answers" if len(blocks) > 1 else ""
        return FindState(f"{kept:,} of {total:,} lines{where}")

    def _start(self) -> None:
        if self._pattern is not None:
            self._run(partial(self._look, self._pattern, tuple(self._looked_at)))

    def _look(self, pattern: Pattern, blocks: tuple[int, ...]) -> None:
        worker = get_current_worker()

        def unwanted() -> bool:
            return worker.is_cancelled or pattern is not self._pattern

        for at in blocks:
            total = self._text.blocks[at].count
            numbers = self._text.kept_by(at, pattern, unwanted)
            if unwanted():
                return
            self._send(Narrowed(pattern, at, numbers, total))
