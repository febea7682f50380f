# SPDX-License-Identifier: Apache-2.0
"""The log of a kernel, and among its lines the console of the hypervisor under it, where that view is open."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import Binding

from xcrash.answers import Answer, plain
from xcrash.kernel_log import OFFSETS, Clock, LogLine, read_merged
from xcrash.parse.log.records import Log
from xcrash.parse.p import Print
from xcrash.tui.actions import bindings
from xcrash.tui.actions.log import MERGED_LOG
from xcrash.tui.views.log import Elsewhere, LogView, Reader
from xcrash.tui.workbench import Workbench

_CONSOLE = "log"
"""The command of the hypervisor's view that prints its console."""
_BESIDE = "log of another view"


class MergedLogView(LogView):
    """``with_xen``: the console is wanted, too; then it is asked how far Xen's clock is ahead."""

    BINDINGS: ClassVar[list[Binding]] = bindings(MERGED_LOG)

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.with_xen = False

    def wants(self) -> tuple[str, ...]:
        """The log, and what tells the times of the console."""
        return (*super().wants(), *(OFFSETS if self.with_xen else ()))

    def knows(self, command: str) -> bool:
        """Also what tells those times."""
        return super().knows(command) or plain(command) in OFFSETS

    def shown(self) -> None:
        """Ask, the hypervisor's view too where its console is wanted."""
        super().shown()
        if self.with_xen and (xen := self.bench.xen):
            xen.answers.want(_CONSOLE, _BESIDE)

    def hidden(self) -> None:
        """Nothing is wanted any more, of the hypervisor's view neither."""
        super().hidden()
        if xen := self.bench.xen:
            xen.answers.drop(_BESIDE)

    def heard(self, view: str, answer: Answer | None) -> None:
        """The console may be known now."""
        if self.with_xen and view == "xen" and answer is not None and answer.command == _CONSOLE:
            self.read_again()

    def answered(self, answer: Answer) -> None:
        """The log, or what tells the times of the console."""
        if plain(answer.command) not in OFFSETS:
            super().answered(answer)
        elif self.with_xen:
            self.read_again()

    def reader(self, log: Log, clock: Clock) -> Reader | None:
        """Of both, once both offsets were answered, whatever the answers are."""
        answers, xen = self.bench.answers, self.bench.xen if self.with_xen else None
        console = xen.answers.value(_CONSOLE) if xen else None
        if not isinstance(console, Log):
            return super().reader(log, clock)
        if any(answers.latest(command) is None for command in OFFSETS):
            return None
        beside = (console.records, [_printed(answers.value(command)) for command in OFFSETS])
        return partial(read_merged, log, clock, beside)

    def elsewhere(self, line: LogLine) -> Elsewhere | None:
        """Xen's lines are of its own view."""
        return Elsewhere("xen", _CONSOLE, "Xen's console") if line.xen else None

    def action_merge(self) -> None:
        """Xen's console among the lines of the log, or the log alone again."""
        xen = self.bench.xen
        if xen is None:
            why = self.bench.around.problems.get("xen", "there is no view of the hypervisor beside this one")
            self.notify(f"no console of Xen: {why}", markup=False)
            return
        self.with_xen = not self.with_xen
        if self.with_xen:
            self.shown()
            failed = xen.answers.latest(_CONSOLE)
            if failed is not None and failed.value is None:
                self.notify(f"no console of Xen: {failed.why}", markup=False)
        self.read_again()


def _printed(value: object) -> object:
    """The value that ``p`` printed."""
    return value.results[0].value if isinstance(value, Print) and value.results else None
