# SPDX-License-Identifier: Apache-2.0
"""Finding in a LineView: the search runs on a thread, its hits arrive in batches, the view goes to one of them."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from textual.message import Message
from textual.worker import get_current_worker

from xcrash.errors import UsageError
from xcrash.output.hits import Hits
from xcrash.output.pattern import Pattern
from xcrash.tui.widgets.line_source import LineSource, matches

_PAUSE = 0.1
"""Seconds between two batches of hits."""


class FindState(NamedTuple):
    """How far a search is, in words; ``wrong`` when the pattern is no pattern."""

    words: str = ""
    wrong: bool = False


class HitsCame(Message):
    """A search found more, or has ended."""

    def __init__(self, hits: Hits, places: array[int], done: bool) -> None:
        super().__init__()
        self.hits, self.places, self.done = hits, places, done


class LineFinder:
    """The search of one view. ``send`` posts to the view from any thread, ``run`` starts work on a thread of its own,
    ``show`` goes to a place, ``tell`` says how far it is; all but ``send`` are called by the view's own thread."""

    def __init__(
        self,
        source: Callable[[], LineSource],
        send: Callable[[Message], object],
        run: Callable[[Callable[[], None]], object],
        show: Callable[[int], None],
        tell: Callable[[FindState], None],
    ) -> None:
        self._source, self._send, self._run, self._show, self._tell = source, send, run, show, tell
        self.hits: Hits | None = None
        self._typed: tuple[str, bool] = ("", False)
        self._origin = 0
        self._going: tuple[int, int, bool] | None = None
        self._stale = False

    @property
    def searching(self) -> bool:
        """Is a search on its way?"""
        return self.hits is not None and not (self.hits.done or self.hits.stopped)

    def begin(self, place: int) -> None:
        """What is typed from now on is looked for from ``place`` on."""
        self._origin = place

    def find(self, text: str, regex: bool) -> None:
        """Look for ``text`` from where it was begun; the empty text ends it."""
        if (text, regex) == self._typed and not self._stale:
            return
        self._typed, self._going, self.hits = (text, regex), None, None
        if not text.removeprefix("re:"):
            self._tell(FindState())
            return
        self._search((self._origin, 1, True))

    def clear(self) -> None:
        """Nothing is looked for any more."""
        self._typed, self.hits, self._going = ("", False), None, None
        self._tell(FindState())

    def stop(self) -> bool:
        """End a search that is on its way and keep what it has; False when there is none."""
        if self.hits is None or not self.searching:
            return False
        self.hits.stopped, self._going = True, None
        self._tell(FindState(self.hits.words))
        return True

    def next(self, place: int, step: int) -> None:
        """Go to the hit behind (1) or before (-1) ``place``."""
        if self.hits is None:
            self._tell(FindState("nothing is looked for" if not self._typed[0] else "no pattern"))
        elif self._stale and not self.searching:
            self._search((place, step, False))
        else:
            self._go(place, step, False)

    def grown(self) -> None:
        """There are more lines, or others: what was found may not be all."""
        self._stale = True

    def came(self, message: HitsCame) -> None:
        """Take what was found; go where it was wanted, once that is known."""
        hits = message.hits
        if hits is not self.hits or hits.stopped:
            return
        hits.add(message.places)
        hits.done = message.done
        if self._going:
            self._go(*self._going)
        else:
            self._tell(FindState(hits.words))

    def _go(self, place: int, step: int, here: bool) -> None:
        hits = self.hits
        if hits is None:
            return
        self._going = None
        # Backwards, the nearest one is known at the end only.
        if step < 0 and self.searching:
            self._going = (place, step, here)
        elif hits.step(place, step, here) and hits.place is not None:
            self._show(hits.place)
        elif self.searching:
            self._going = (place, step, here)
        self._tell(FindState(hits.words))

    def _search(self, going: tuple[int, int, bool]) -> None:
        text, regex = self._typed
        try:
            hits = Hits(Pattern(text, regex))
        except UsageError as error:
            self.hits = None
            self._tell(FindState(f"{error.message}; {error.hint}", wrong=True))
            return
        self.hits, self._going, self._stale = hits, going, False
        self._run(partial(self._look, hits, self._source()))
        self._tell(FindState(hits.words))

    def _look(self, hits: Hits, source: LineSource) -> None:
        worker = get_current_worker()

        def unwanted() -> bool:
            return worker.is_cancelled or hits is not self.hits or hits.stopped

        found, sent = array("Q"), 0.0
        try:
            for batch in matches(source, hits.pattern, unwanted):
                found.extend(batch)
                if found and time.monotonic() - sent > _PAUSE:
                    self._send(HitsCame(hits, found, done=False))
                    found, sent = array("Q"), time.monotonic()
        finally:
            # Whatever ended it, nobody waits for more.
            if not unwanted():
                self._send(HitsCame(hits, found, done=True))
