# SPDX-License-Identifier: Apache-2.0
"""The kernel's log: what happened and when, with what repeats or is a long stack folded."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import partial
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from xcrash.answers import Answer, plain
from xcrash.kernel_log import (
    Clock,
    Fold,
    LogLine,
    LogLines,
    Wanted,
    arrange,
    best_command,
    clock_of,
    folds,
    is_log,
    rank,
    read_lines,
)
from xcrash.output.search import Stop
from xcrash.parse.log.records import Log
from xcrash.tui.actions import bindings
from xcrash.tui.actions.log import LOG
from xcrash.tui.literal import literal
from xcrash.tui.messages import EvidenceWanted
from xcrash.tui.views.view import View
from xcrash.tui.widgets.find_bar import FindBar
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.log_incidents import IncidentTable
from xcrash.tui.widgets.log_messages import LogArranged, LogRead
from xcrash.tui.widgets.log_source import CLOCK, TIMES, LogSource
from xcrash.tui.widgets.log_text import LogFilterBar, LogText
from xcrash.tui.widgets.log_words import LEVELS, line_words, shown_words
from xcrash.tui.widgets.provenance import Provenance
from xcrash.tui.widgets.row_table import RowTable
from xcrash.tui.workbench import Workbench

Tell = Callable[[int], None]
Reader = Callable[[Stop, Tell], LogLines | None]
_PAUSE = 0.1
"""Seconds between two words about how far the reading is."""


class Elsewhere(NamedTuple):
    """A command of another view of the crash; ``named``: what it prints, in words."""

    view: str
    command: str
    named: str = ""


class LogView(View):
    """The answer to ``log -m``; in a recording, to the form of ``log`` that tells most of those it has."""

    NAME = "log"
    TITLE = "Log"
    SCOPED_CSS = False  # how wide the screen is, is a class of the screen
    BINDINGS: ClassVar[list[Binding]] = bindings(LOG)  # type: ignore[assignment]
    DEFAULT_CSS = """
    LogView #log-body { height: 1fr; }
    LogView #log-text { height: 1fr; }
    LogView #log-where { height: 1; padding: 0 1; color: $text-muted; }
    LogView #log-incidents { display: none; dock: top; height: 8; border-bottom: solid $panel;
        overflow-x: hidden; }
    LogView #log-incidents.-open { display: block; }
    .-wide LogView #log-incidents.-some { display: block; dock: right; width: 46; height: 100%; border: none;
        border-left: solid $panel; }
    .-wide LogView #log-incidents.-closed { display: none; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.asked = self.command = self.best()
        self.source = LogSource()
        self.text = LogText(self.source, id="log-text")
        self.table = IncidentTable("log-incidents")
        self.find_bar = FindBar(self.text)
        self.filter_bar = LogFilterBar(self.text)
        self.provenance = Provenance(bench, lambda: (self.command,))
        self.where = Static(id="log-where", markup=False)
        self._level = 0
        self._log: tuple[Log, Clock] | None = None

    def best(self) -> str:
        """The form of ``log`` that tells most."""
        recording = self.bench.opened.target.recording
        return best_command(one.command for one in recording.exchanges) if recording else best_command(None)

    def compose(self) -> ComposeResult:
        """Where it is from, the incidents, the lines, the patterns, the time of the line under the cursor."""
        yield self.provenance
        with Container(id="log-body"):
            yield self.table
            yield self.text
        yield self.find_bar
        yield self.filter_bar
        yield self.where

    # answers

    def wants(self) -> tuple[str, ...]:
        """The form of ``log`` that tells most; what is shown may be another one, which somebody else asked for."""
        return (plain(self.asked),)

    def knows(self, command: str) -> bool:
        """Every form of ``log`` that prints the messages."""
        return is_log(command)

    def answered(self, answer: Answer) -> None:
        """Read it, unless it tells less than what is shown."""
        if not isinstance(answer.value, Log):
            self._draw()
            return
        other = answer.command != self.command and self.bench.answers.value(self.command) is not None
        if other and rank(answer.command) <= rank(self.command):
            return
        self.command = answer.command
        banner = self.bench.banner
        clock = clock_of(banner.date, banner.uptime_seconds) if banner else Clock(why="there is no banner")
        self._log = (answer.value, clock)
        self.read_again()

    def read_again(self) -> None:
        """Read what is wanted, when all that it takes is known."""
        if self._log is not None and (reader := self.reader(*self._log)) is not None:
            self._read(self.command, reader)

    def reader(self, log: Log, clock: Clock) -> Reader | None:
        """What reads its lines, on a thread; None while something is not known yet."""
        return partial(read_lines, log, clock)

    @work(thread=True, exclusive=True, group="log-read", exit_on_error=False, description="read the log")
    def _read(self, command: str, reader: Reader) -> None:
        worker = get_current_worker()
        said = time.monotonic()

        def tell(done: int) -> None:
            nonlocal said
            if time.monotonic() - said > _PAUSE:
                said = time.monotonic()
                self.post_message(LogRead(command, done))

        lines = reader(lambda: worker.is_cancelled, tell)
        if lines is not None and not worker.is_cancelled:
            self.post_message(LogRead(command, len(lines), lines, folds(lines)))

    @on(LogRead)
    def _was_read(self, message: LogRead) -> None:
        message.stop()
        if message.command != self.command:
            return
        if message.lines is None:
            self.provenance.say(f"reading, {message.done:,} lines so far")
            return
        lines, found, first = message.lines, message.found, self.source.lines is None
        opened = frozenset(number for number, fold in enumerate(found) if fold.opened)
        self.table.show(lines.incidents)
        self.table.set_class(bool(lines.incidents), "-some")
        kept = None if first or self.text.following else self._same_place(lines)
        wanted = Wanted(self.source.wanted.level, None, opened)
        self.source.show(lines, found, wanted, arrange(lines, found, wanted))
        self.text.grown()
        if first:
            # Of a running machine the newest is wanted; p goes to the last oops there, too.
            self._land(None if self.bench.live else lines.landing)
        elif kept is not None:
            self.text.go(self.source.line_at(min(kept, len(lines) - 1)))
        if self.filter_bar.display:
            self.filter_bar.look_for(self.filter_bar.input.value, self.filter_bar.regex)
        self._draw()

    def _same_place(self, lines: LogLines) -> int | None:
        """Where the line under the cursor is in ``lines``; of one that is not there, the last one before it that is."""
        old, place = self.source.lines, self._place()
        while old is not None and place is not None and place >= 0:
            one = old.line(place)
            if (found := lines.place_of(one.number, one.xen)) is not None:
                return found
            place -= 1
        return 0

    def _place(self) -> int | None:
        return self.source.place_of(self.text.cursor) if len(self.source.rows) else None

    def _land(self, place: int | None) -> None:
        if place is None:
            self.text.follow()
        else:
            self.text.land(self.source.line_at(place))

    def reset(self) -> None:
        """Nothing is known."""
        self.workers.cancel_group(self, "log-read")
        self._log = None
        self.source.show(None, (), Wanted(self.source.wanted.level), array("q"))
        self.table.show(())
        self.table.set_class(False, "-some")
        self.text.grown()
        self._draw()

    # what is shown of it

    def _arrange(self, **changes: object) -> None:
        """Show other lines of it, looked up on a thread."""
        lines, now = self.source.lines, self.source.wanted
        if lines is not None:
            wanted = Wanted(
                level=LEVELS[self._level][0],
                pattern=changes.get("pattern", now.pattern),  # type: ignore[arg-type]
                opened=now.opened,
            )
            self._look_up(lines, self.source.folds, wanted)

    @work(thread=True, exclusive=True, group="log-arrange", exit_on_error=False, description="arrange the log")
    def _look_up(self, lines: LogLines, found: tuple[Fold, ...], wanted: Wanted) -> None:
        worker = get_current_worker()
        rows = arrange(lines, found, wanted, lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(LogArranged(lines, wanted, rows))

    @on(LogArranged)
    def _was_arranged(self, message: LogArranged) -> None:
        message.stop()
        if message.lines is self.source.lines:
            self._changed(lambda: self.source.show(message.lines, self.source.folds, message.wanted, message.rows))

    def _changed(self, change: Callable[[], None]) -> None:
        """Change what is shown, the cursor on the same line of the log."""
        place = self._place()
        change()
        self.text.grown()
        if place is not None and len(self.source.rows):
            self.text.go(self.source.line_at(place))
        self._draw()

    @on(LineView.Moved)
    def _moved(self) -> None:
        self._draw_where()

    @on(LogFilterBar.Typed)
    def filter_typed(self, message: LogFilterBar.Typed) -> None:
        """Only lines with this are wanted."""
        self._arrange(pattern=message.pattern)

    @on(LineView.FindWanted)
    @on(RowTable.FilterWanted)
    def find_wanted(self, message: Message) -> None:
        """Type what is to be found."""
        message.stop()
        self.find_bar.open()

    def _draw(self) -> None:
        lines = self.source.lines
        if lines is None:
            self.provenance.say("")
            self.where.update(literal(""))
            return
        self.provenance.say(shown_words(self.source, lines), lines.note)
        self._draw_where()

    def _draw_where(self) -> None:
        """The time of the line under the cursor, every way."""
        lines, place = self.source.lines, self._place()
        if lines is None or place is None:
            self.where.update(literal("no line has it" if lines is not None and len(lines) else ""))
            return
        one = lines.line(place)
        other = self.elsewhere(one)
        where = f"line {one.number:,} of {other.named}" if other else f"line {place + 1:,}"
        self.where.update(literal(line_words(lines, one, where, self.source.crash_seconds)))

    # what the user does

    def action_time(self) -> None:
        """Show times in the next way; the clock only when it is known."""
        lines = self.source.lines
        if lines is None:
            return
        self.source.time = (self.source.time + 1) % len(TIMES)
        if self.source.time == CLOCK and lines.clock.boot is None:
            self.notify(f"no time of day: {lines.clock.why}", markup=False)
            self.source.time = 0
        self.text.refresh()
        self._draw()

    def action_level(self) -> None:
        """Leave out more, or show all again."""
        self._level = (self._level + 1) % len(LEVELS)
        self._arrange()

    def action_filter(self) -> None:
        """Type what the lines must have."""
        self.filter_bar.open()

    def action_panic(self) -> None:
        """To where the last panic or oops begins."""
        lines = self.source.lines
        if lines is not None and lines.landing is not None:
            self.text.reveal(lines.landing)
        else:
            self.notify("no panic, oops or lockup in this log", markup=False)

    def action_event(self, step: int) -> None:
        """The incident after the cursor, or the one before."""
        lines, place = self.source.lines, self._place()
        if lines is None or place is None:
            return
        firsts = [one.first for one in lines.incidents]
        at = bisect_right(firsts, place) if step > 0 else bisect_left(firsts, place) - 1
        if 0 <= at < len(firsts):
            self.text.reveal(firsts[at])
            self.table.go(at)
        else:
            self.notify(f"no incident {'below' if step > 0 else 'above'}", markup=False)

    def action_incidents(self) -> None:
        """Go to the list of incidents; from it, close it."""
        if not self.table.rows:
            self.notify("no incidents in this log", markup=False)
        elif self.table.has_focus:
            self._close_incidents()
        else:
            self.table.set_classes("-open -some")
            self.table.focus()

    def _close_incidents(self) -> None:
        self.table.set_classes("-some -closed")
        self.text.focus()

    @on(RowTable.Chosen)
    def incident_chosen(self, message: RowTable.Chosen) -> None:
        """Go to the incident."""
        message.stop()
        self.text.reveal(message.row.first)
        self.text.focus()

    @on(RowTable.Moved)
    @on(RowTable.Arranged)
    def _table_moved(self, message: Message) -> None:
        message.stop()

    def action_fold(self) -> None:
        """Open what is folded at the cursor, or fold it."""
        number = self.source.fold_at(self.text.cursor)
        if number is None:
            self.notify("nothing to fold here", markup=False)
        else:
            self._changed(lambda: self.source.toggle(number))

    def action_folds(self) -> None:
        """Open every fold; when all are open, close them."""
        every = frozenset(range(len(self.source.folds)))
        opened = frozenset() if self.source.wanted.opened == every else every
        self._changed(lambda: self.source.open_folds(opened))

    @on(LineView.Chosen)
    def line_chosen(self, message: LineView.Chosen) -> None:
        """Enter opens a fold; on a line it shows what crash printed. A click only moves."""
        message.stop()
        if message.line < len(self.source.rows) and self.source.rows[message.line] < 0:
            self.action_fold()
        elif message.column is None:
            self.action_evidence()

    def action_evidence(self) -> None:
        """Show the line in what crash printed."""
        lines, place = self.source.lines, self._place()
        if lines is not None and place is not None:
            one = lines.line(place)
            where = self.elsewhere(one) or Elsewhere("", self.command)
            self.post_message(EvidenceWanted(where.command, max(0, one.number - 1), where.view))

    def elsewhere(self, line: LogLine) -> Elsewhere | None:
        """What printed the line, if it is of another view of the crash."""
        return None

    def focus_target(self) -> Widget:
        """The lines."""
        return self.text

    def back(self) -> bool:
        """Escape closes what is typed into, or the list of incidents."""
        if self.find_bar.back() or self.filter_bar.back():
            return True
        if self.table.has_focus:
            self._close_incidents()
            return True
        return False

    def copied(self) -> str | None:
        """The line under the cursor, as the kernel wrote it; of a fold, all its lines."""
        lines = self.source.lines
        if lines is None or not len(self.source.rows):
            return None
        row = self.source.rows[self.text.cursor]
        if row >= 0:
            one = lines.line(row)
            return one.text if one.seconds is None else f"[{one.seconds:.6f}] {one.text}"
        fold = self.source.folds[-1 - row]
        return "\n".join(lines.text_of(at) for at in range(fold.first, min(fold.last, fold.first + 10_000) + 1))
