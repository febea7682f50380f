# SPDX-License-Identifier: Apache-2.0
"""What the threads that read and arrange a kernel log tell its view."""

from __future__ import annotations

from array import array

from textual.message import Message

from xcrash.kernel_log import Fold, LogLines, Wanted


class LogRead(Message):
    """How far the reading of a log is: ``lines`` when it is done."""

    def __init__(self, command: str, done: int, lines: LogLines | None = None, found: tuple[Fold, ...] = ()) -> None:
        super().__init__()
        self.command, self.done, self.lines, self.found = command, done, lines, found


class LogArranged(Message):
    """What is wanted has been looked up."""

    def __init__(self, lines: LogLines, wanted: Wanted, rows: array[int]) -> None:
        super().__init__()
        self.lines, self.wanted, self.rows = lines, wanted, rows
