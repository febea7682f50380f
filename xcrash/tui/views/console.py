# SPDX-License-Identifier: Apache-2.0
"""Every command with what crash answered, as crash printed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Static

from xcrash.links import offers
from xcrash.literal import one_line
from xcrash.output.save import file_name, save_output
from xcrash.overview.words import size
from xcrash.purpose import command_name
from xcrash.session import CommandResult
from xcrash.tui.actions import bindings
from xcrash.tui.actions.console import CONSOLE
from xcrash.tui.literal import literal
from xcrash.tui.messages import CommandEntered
from xcrash.tui.views.view import View
from xcrash.tui.widgets.command_choice import WHOLE_LINE, CommandChoice
from xcrash.tui.widgets.console_filter import ConsoleFilter, Narrowed
from xcrash.tui.widgets.console_lines import ConsoleLines
from xcrash.tui.widgets.filter_bar import FilterBar
from xcrash.tui.widgets.find_bar import FindBar
from xcrash.tui.widgets.line_detail import LONGEST, LineDetail
from xcrash.tui.widgets.line_view import LineView
from xcrash.tui.widgets.save_dialog import SaveDialog
from xcrash.tui.widgets.session_text import BlockLines
from xcrash.tui.workbench import Workbench

_MOST_COPIED = 1 << 18
_TICK = 0.5
_MOST_NAMED = 40
_MOST_WAITING = 60
_EMPTY = "no command yet: type one below, : does that from anywhere"


class ConsoleView(View):
    """The lines of the session; its prompt is the screen's."""

    NAME = "console"
    TITLE = "Console"
    BINDINGS: ClassVar[list[Binding]] = bindings(CONSOLE)  # type: ignore[assignment]
    DEFAULT_CSS = """
    ConsoleView > #console-title { height: 1; padding: 0 1; color: $text-muted; }
    ConsoleView > #pinned { height: auto; max-height: 40%; display: none; padding: 0 0 0 1; }
    ConsoleView > #pinned { border-bottom: solid $panel; border-subtitle-color: $foreground-muted; }
    ConsoleView > #lines { height: 1fr; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.text = bench.text
        self.lines = ConsoleLines(self.text, id="lines")
        self.find_bar = FindBar(self.lines)
        self.filter_bar = FilterBar(self.lines)
        self.pinned: int | None = None
        self._filter = ConsoleFilter(self.text, self._run_filter, self.post_message)
        self._title = Static(id="console-title", markup=False)
        self._pin = LineView(BlockLines(self.text, 0), id="pinned")

    def compose(self) -> ComposeResult:
        """What there is, a pinned answer, the lines, what they are searched for."""
        yield self._title
        yield self._pin
        yield self.lines
        yield self.filter_bar
        yield self.find_bar

    def on_mount(self) -> None:
        """The title of a running command moves."""
        self.set_interval(_TICK, self._tick)
        self._draw()

    def knows(self, command: str) -> bool:
        """It shows text, whatever it is, and needs no values."""
        return False

    def focus_target(self) -> Widget:
        """The prompt of the screen."""
        return self.screen.query_one("#prompt")

    def back(self) -> bool:
        """Escape ends the search, the filter, the pin; before that what is typed into."""
        bars = (self.find_bar, self.filter_bar)
        typed_into = next((bar for bar in bars if bar.input.has_focus), None)
        if (typed_into and typed_into.back()) or any(bar.back() for bar in bars):
            return True
        if self.pinned is None or not self.lines.has_focus:
            return False
        self._show_pin(None)
        return True

    def copied(self) -> str | None:
        """The line under the cursor."""
        return self._whole(self.lines.cursor) if self.text.line_count() else None

    def _run_filter(self, work: Callable[[], None]) -> None:
        self.run_worker(work, thread=True, exclusive=True, group="filter", exit_on_error=False)

    # what is said about the lines

    def _tick(self) -> None:
        if self.text.blocks[-1].running and self.lines.is_on_screen:
            self.lines.refresh()
            self._pin.refresh()
            self._draw()

    @on(LineView.Moved, "#lines")
    def moved(self) -> None:
        """There is more, or the user looks elsewhere."""
        self._filter.grown()
        self._draw()

    def ended(self, result: CommandResult) -> None:
        """A command ended: a help page is read from its beginning, anything else by its end."""
        if command_name(result.command) == "help" and self.lines.following and not self.text.was_played(result.id):
            self.lines.go_to(self.text.line_of(result.id, 0) - 1)

    def _draw(self) -> None:
        line = literal(self._about())
        if self.bench.waiting:
            line += literal(f"   waiting: {one_line(', '.join(self.bench.waiting.values()))[:_MOST_WAITING]}", "bold")
        if self.lines.below and not self.lines.following:
            line += literal(f"   ▼ {self.lines.below:,} below, G follows the end", "bold")
        self._title.update(line, layout=False)

    def _about(self) -> str:
        """The command whose answer fills the screen, or how much there is."""
        blocks = [block for block in self.text.blocks if block.command]
        if not blocks:
            return _EMPTY
        if self.text.line_count():
            at, inside = self.text.locate(self.lines.cursor)
            block = self.text.blocks[at]
            if block.command and inside is not None and self.text.begin_of(at) < self.lines.scroll_offset.y:
                return f"in {one_line(block.command)[:_MOST_NAMED]}   {self.text.title(at).right}"
        count, hidden = sum(block.count for block in blocks), sum(block.folded for block in blocks)
        words = f"{len(blocks):,} {'command' if len(blocks) == 1 else 'commands'}  {count:,} lines"
        return f"{words}  {hidden:,} folded" if hidden else words

    # one command

    @property
    def _at(self) -> int:
        """The block under the cursor."""
        return self.text.locate(self.lines.cursor)[0]

    def _answer(self) -> int | None:
        """The block under the cursor, if it is a command's."""
        at = self._at
        if self.text.blocks[at].command:
            return at
        self.notify("the cursor is on no command", markup=False)
        return None

    def action_fold(self) -> None:
        """Fold or unfold the answer under the cursor."""
        at = self._answer()
        if at is not None:
            self.lines.hold()
            self.text.fold(at, not self.text.blocks[at].folded)
            self.lines.grown()

    def action_fold_all(self) -> None:
        """Unfold all answers, or fold them all."""
        self.lines.hold()
        self.text.fold_all()
        self.lines.grown()

    def action_command(self, step: int) -> None:
        """To the title of the next command or of the one before; from inside an answer first to its own."""
        at, inside = self.text.locate(self.lines.cursor)
        if step > 0 or inside is None:
            at += step
        while 0 <= at < len(self.text.blocks) and not self.text.blocks[at].command:
            at += step
        if 0 <= at < len(self.text.blocks):
            self.lines.show_at_top(self.text.begin_of(at))

    def action_again(self) -> None:
        """Send the command under the cursor again."""
        at = self._answer()
        if at is not None:
            self.post_message(CommandEntered(self.text.blocks[at].command, look=False))

    def action_copy_answer(self) -> None:
        """Copy the answer under the cursor, as much of it as a clipboard takes."""
        block = self.text.blocks[self._at]
        end = self.text.end_of(block)
        copied = self.bench.opened.session.text(block.start, end, _MOST_COPIED)
        cut = f", the first {_MOST_COPIED >> 10} KB of it" if end - block.start > _MOST_COPIED else ""
        self.app.copy_to_clipboard(copied)
        self.notify(f"copied: the answer to {block.command or 'the start'}{cut}", markup=False)

    def action_save(self) -> None:
        """Write the answer under the cursor into a file."""
        block = self.text.blocks[self._at]
        start, end = block.start, self.text.end_of(block)

        def write(typed: str, replace: bool) -> str:
            path = save_output(self.text.spool, start, end, typed, replace)
            return f"{path}: {size(path.stat().st_size)}"

        title = f"Save what crash printed for {block.command or 'its start'}"
        self.app.push_screen(SaveDialog(title, file_name(block.command), write), self._saved)

    def _saved(self, words: str | None) -> None:
        if words:
            self.notify(words, title="Written", markup=False)

    def action_pin(self) -> None:
        """Keep the answer under the cursor in sight at the top; once more lets it go."""
        self._show_pin(None if self.pinned == self._at else self._at)

    def _show_pin(self, at: int | None) -> None:
        self.pinned, self._pin.display = at, at is not None
        if at is not None:
            self._pin.border_subtitle = literal("pinned, Esc lets it go")
            self._pin.show(BlockLines(self.text, at))

    # where a line leads

    @on(LineView.Chosen, "#lines")
    def chosen(self, message: LineView.Chosen) -> None:
        """A title folds, a link offers its commands, anything else is shown in full."""
        if self.text.locate(message.line)[1] is None:
            self.action_fold()
            return
        if message.column is not None:
            link = self.lines.link_at(message.line, message.column)
            if link:
                self._offer(message.line, link.commands)
            return
        commands, wide = offers(self.lines.links(message.line)), self.lines.cut(message.line)
        if commands:
            self._offer(message.line, commands, wide)
        elif wide:
            self._detail(message.line)
        else:
            self.notify("nothing in this line leads further", markup=False)

    def _offer(self, line: int, commands: tuple[str, ...], whole: bool = False) -> None:
        def answered(command: str | None) -> None:
            if command == WHOLE_LINE:
                self._detail(line)
            elif command:
                self.post_message(CommandEntered(command))

        self.app.push_screen(CommandChoice(self.text.line(line).text.strip(), commands, whole), answered)

    def _detail(self, line: int) -> None:
        text = self._whole(line)
        cut = f"the first {LONGEST >> 10} KB of the line; w in the console saves all of it"
        whole = f"the whole line, {len(text):,} characters"
        self.app.push_screen(LineDetail(text, cut if len(text) >= LONGEST else whole))

    def _whole(self, line: int) -> str:
        at, inside = self.text.locate(line)
        return self.text.blocks[at].command if inside is None else self.text.text(at, inside, LONGEST)

    # finding and filtering

    @on(LineView.FindWanted, "#lines")
    def find_wanted(self) -> None:
        """Type what is to be found."""
        self.find_bar.open()

    def action_narrow(self) -> None:
        """Type which lines of the answer under the cursor are to be seen."""
        self._filter.begin(self._at)
        self.filter_bar.open()

    @on(FilterBar.Wanted)
    def filter_wanted(self, message: FilterBar.Wanted) -> None:
        """Filter on a thread."""
        message.stop()
        self.filter_bar.say(self._filter.look_for(message.text, message.regex, message.everywhere))
        self.lines.grown()

    @on(Narrowed)
    def narrowed(self, message: Narrowed) -> None:
        """A filter knows its lines."""
        message.stop()
        state = self._filter.narrowed(message)
        if state:
            self.lines.hold()
            self.filter_bar.say(state)
            self.lines.grown()
