# SPDX-License-Identifier: Apache-2.0
"""A session as lines: what crash said at its start, then each command with its answer."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

from xcrash.literal import visible
from xcrash.output.pattern import Pattern
from xcrash.output.search import Stop, matching_lines
from xcrash.parse.text import clean
from xcrash.session import CommandResult, Spool
from xcrash.tui.widgets.line_source import ShownLine
from xcrash.tui.widgets.session_block import Block

FOLDED_OVER = 100
"""Lines of an answer in a recording that is played; a longer one is folded when the next command comes."""

_CUT = 1 << 14
_LINE_BITS = 40
_CACHED = 4096


class SessionText:
    """The lines of the console over a spool; it holds offsets, never the output.

    A place is the number of a block and of a line of its answer (from 1; 0 is its title): folding does not change it.
    """

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.blocks = [Block("", 0, False)]
        self.version = 0
        self._begins = [0]
        self._shown_end = 0
        self._played: set[int] = set()
        self._refold: set[int] = set()
        self._texts: dict[tuple[int, int], str] = {}

    # what the session says

    def grow(self, size: int) -> None:
        """The spool holds ``size`` bytes worth showing."""
        self._shown_end = size
        self._recount(self.blocks[-1])

    def startup_done(self, end: int) -> None:
        """The start-up text ends here."""
        self.blocks[-1].end = end
        self._recount(self.blocks[-1])

    def begin(self, command: str, start: int, folded: bool, number: int = 0) -> None:
        """A command was sent, or crash is started again (no command); ``folded``: the answer goes to a view."""
        block = self.blocks[-1]
        if block.end is None:
            block.end = start
        self._recount(block)
        if block.result and block.result.id in self._played and block.count > FOLDED_OVER:
            block.folded = True
            self.version += 1
        self._begins.append(self._begins[-1] + block.height)
        self.blocks.append(Block(command, start, folded, number))
        self._shown_end = start

    def finish(self, result: CommandResult) -> bool:
        """The running command ended; False of one that was taken back before it was sent: it has no block."""
        block = self.blocks[-1]
        if block.id != result.id:
            return False
        block.end, block.result = result.end, result
        self._recount(block)
        return True

    def played(self, number: int) -> None:
        """The command of this number is sent by the play of a recording, not by its user."""
        self._played.add(number)

    def was_played(self, number: int) -> bool:
        """Was it?"""
        return number in self._played

    # folding and filtering

    def fold(self, at: int, folded: bool) -> None:
        """Hide the answer of a block behind its title, or show it."""
        if self.blocks[at].command and self.blocks[at].folded != folded:
            self.blocks[at].folded = folded
            self._measure(at)

    def fold_all(self) -> bool:
        """Open everything when something is folded, else fold everything; says whether it is folded now."""
        folded = not any(block.folded for block in self.blocks)
        for block in self.blocks:
            block.folded = folded and bool(block.command)
        self._measure(0)
        return folded

    def keep(self, at: int, numbers: array[int] | None, bare: bool = False) -> None:
        """Show only these lines of a block, or all of them again; one that was folded is folded again then.

        With ``bare`` a block without such lines is not shown at all.
        """
        block = self.blocks[at]
        block.bare = bare
        if numbers is not None and block.folded:
            block.folded = False
            self._refold.add(at)
        elif numbers is None and at in self._refold:
            block.folded = True
            self._refold.discard(at)
        block.kept = numbers
        self._measure(at)

    def kept_by(self, at: int, pattern: Pattern, stop: Stop) -> array[int]:
        """The numbers of the lines of a block that match; to be called on a thread."""
        block, numbers = self.blocks[at], array("Q")
        for batch in matching_lines(self.spool, block.start, self.end_of(block), pattern, stop):
            numbers.extend(batch)
        return numbers

    def line_of(self, number: int, inside: int) -> int:
        """Where line ``inside`` of the answer to the command of this number stands; it is shown whole."""
        at = next(at for at, one in enumerate(self.blocks) if one.result and one.result.id == number)
        self.blocks[at].folded, self.blocks[at].kept = False, None
        self._measure(at)
        return self._begins[at] + 1 + inside

    def startup_line(self, inside: int) -> int:
        """Where line ``inside`` of what crash said at its latest start stands."""
        return self._begins[max(at for at, one in enumerate(self.blocks) if not one.command)] + inside

    def _measure(self, at: int) -> None:
        """Blocks from this one on have moved."""
        self.version += 1
        del self._begins[at + 1 :]
        for block in self.blocks[at:-1]:
            self._begins.append(self._begins[-1] + block.height)

    def _recount(self, block: Block) -> None:
        block.count = self.spool.lines_in(block.start, self.end_of(block))

    # lines

    def line_count(self) -> int:
        """Lines of all blocks."""
        return self._begins[-1] + self.blocks[-1].height

    def locate(self, line: int) -> tuple[int, int | None]:
        """The block of a line, and which line of its answer it is; None for its title."""
        at = max(0, bisect_right(self._begins, line) - 1)
        block = self.blocks[at]
        row = line - self._begins[at] - block.titled
        if row < 0:
            return at, None
        return at, block.number(min(row, block.shown - 1)) if block.shown else 0

    def begin_of(self, at: int) -> int:
        """Where the title of a block is shown."""
        return self._begins[at]

    def line(self, number: int) -> ShownLine:
        """The command line of a block or a line of its answer."""
        at, inside = self.locate(number)
        if inside is None:
            return self.title(at)
        return ShownLine(self.text(at, inside), "" if self.blocks[at].command else "note")

    def title(self, at: int) -> ShownLine:
        """The line of a command."""
        block = self.blocks[at]
        return block.title(self.end_of(block) - block.start)

    def text(self, at: int, inside: int, cut: int = _CUT) -> str:
        """A line of an answer, at most ``cut`` bytes of it."""
        block = self.blocks[at]
        known = self._texts.get((at, inside)) if cut == _CUT else None
        if known is not None:
            return known
        data = self.spool.line_in(block.start, self.end_of(block), inside, cut)
        text = visible(clean(data.decode("utf-8", "replace")).expandtabs()).replace("\n", " ")
        # The last line of a command that runs may still grow.
        if cut == _CUT and (block.end is not None or inside < block.count - 1):
            if len(self._texts) >= _CACHED:
                self._texts.clear()
            self._texts[at, inside] = text
        return text

    def end_of(self, block: Block) -> int:
        """Where the answer of a block ends in the spool, so far."""
        return max(block.start, self._shown_end) if block.end is None else block.end

    # places

    def place_of(self, line: int) -> int:
        """The place of a line that is shown now."""
        at, inside = self.locate(line)
        return at << _LINE_BITS | (0 if inside is None else inside + 1)

    def line_at(self, place: int, reveal: bool) -> int:
        """Where the line of this place is now, or the nearest one; with ``reveal`` it is unhidden."""
        at, inside = place >> _LINE_BITS, (place & (1 << _LINE_BITS) - 1) - 1
        block = self.blocks[at]
        if reveal and inside >= 0 and (block.folded or block.hides(inside)):
            block.folded = False
            block.kept = None if block.hides(inside) else block.kept
            self._measure(at)
        begin = self._begins[at]
        if inside < 0 or not block.shown:
            return begin
        return begin + block.titled + block.row(inside)

    def matches(self, pattern: Pattern, stop: Stop) -> Iterator[array[int]]:
        """The places that match, folded ones too, but not what a filter took away; to be called on a thread."""
        for at, block in enumerate(list(self.blocks)):
            first = at << _LINE_BITS
            if block.titled and pattern.in_line(f"crash> {visible(block.command)}"):
                yield array("Q", (first,))
            for batch in matching_lines(self.spool, block.start, self.end_of(block), pattern, stop):
                if block.kept is not None:
                    batch = array("Q", (one for one in batch if not block.hides(one)))
                yield array("Q", (first + 1 + one for one in batch))
            if stop():
                return


class BlockLines:
    """The lines of one block of a session, whatever is folded: what a pin shows."""

    def __init__(self, text: SessionText, at: int) -> None:
        self._text, self._at = text, at

    def line_count(self) -> int:
        """The title and the answer."""
        block = self._text.blocks[self._at]
        return block.count + bool(block.command)

    def line(self, number: int) -> ShownLine:
        """The title or a line of the answer."""
        block = self._text.blocks[self._at]
        if block.command and number == 0:
            return self._text.title(self._at)
        return ShownLine(self._text.text(self._at, number - bool(block.command)), "" if block.command else "note")
