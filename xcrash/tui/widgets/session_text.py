# SPDX-License-Identifier: Apache-2.0
"""A session as lines: what crash said at its start, then each command with its answer."""

from __future__ import annotations

from bisect import bisect_right

from xcrash.literal import visible
from xcrash.parse.text import clean
from xcrash.session import CommandResult, Spool
from xcrash.tui.widgets.line_view import ShownLine

_CUT = 1 << 14


class _Block:
    """A span of the spool under the line of the command it answers; no command means the start-up text."""

    __slots__ = ("command", "end", "folded", "result", "start")

    def __init__(self, command: str, start: int, folded: bool) -> None:
        self.command, self.start, self.folded = command, start, folded
        self.end: int | None = None
        self.result: CommandResult | None = None


class SessionText:
    """The lines of the console over a spool; it holds offsets, never the output."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._blocks = [_Block("", 0, False)]
        self._begins = [0]
        self._shown_end = 0

    def grow(self, size: int) -> None:
        """The spool holds ``size`` bytes worth showing."""
        self._shown_end = size

    def startup_done(self, end: int) -> None:
        """The start-up text ends here."""
        self._blocks[-1].end = end

    def begin(self, command: str, start: int, folded: bool) -> None:
        """A command was sent, or crash is started again (no command); ``folded`` hides the answer behind its line."""
        block = self._blocks[-1]
        if block.end is None:
            block.end = start
        self._begins.append(self._begins[-1] + self._height(block))
        self._blocks.append(_Block(command, start, folded))
        self._shown_end = start

    def finish(self, result: CommandResult) -> None:
        """The running command ended."""
        block = self._blocks[-1]
        block.end, block.result = result.end, result

    def toggle_folds(self) -> None:
        """Open everything that is folded, or fold the answers read into panels again."""
        hidden = any(block.folded for block in self._blocks)
        for block in self._blocks:
            if hidden:
                block.folded = False
            elif block.result and block.result.background:
                block.folded = True
        self._measure()

    def line_of(self, number: int, inside: int) -> int:
        """Where line ``inside`` of the answer to the command of this number stands; it is unfolded."""
        at = next(at for at, one in enumerate(self._blocks) if one.result and one.result.id == number)
        self._blocks[at].folded = False
        self._measure()
        return self._begins[at] + 1 + inside

    def _measure(self) -> None:
        self._begins = [0]
        for block in self._blocks[:-1]:
            self._begins.append(self._begins[-1] + self._height(block))

    def line_count(self) -> int:
        """Lines of all blocks."""
        return self._begins[-1] + self._height(self._blocks[-1])

    def line(self, number: int) -> ShownLine:
        """The command line of a block or a line of its answer."""
        at = bisect_right(self._begins, number) - 1
        block, inside = self._blocks[at], number - self._begins[at]
        if block.command:
            if inside == 0:
                return self._title(block)
            inside -= 1
        return ShownLine(self._text(block, inside), self._look(block))

    def _end(self, block: _Block) -> int:
        return max(block.start, self._shown_end) if block.end is None else block.end

    def _height(self, block: _Block) -> int:
        lines = 0 if block.folded else self._spool.lines_in(block.start, self._end(block))
        return lines + 1 if block.command else lines

    def _text(self, block: _Block, inside: int) -> str:
        data = self._spool.line_in(block.start, self._end(block), inside, _CUT)
        return visible(clean(data.decode("utf-8", "replace")).expandtabs()).replace("\n", " ")

    @staticmethod
    def _look(block: _Block) -> str:
        return "" if block.command else "note"

    @staticmethod
    def _title(block: _Block) -> ShownLine:
        text = f"crash> {visible(block.command)}"
        if block.result:
            result = block.result
            fold = "  (folded, o opens)" if block.folded else ""
            text += f"    {result.seconds:.2f} s  {result.bytes:,} bytes  {result.exit}{fold}"
            return ShownLine(text, "command" if result.exit == "ok" else "bad")
        return ShownLine(text, "command")
