# SPDX-License-Identifier: Apache-2.0
"""What every page of the session screen is and does."""

from __future__ import annotations

from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from xcrash.answers import Answer, plain
from xcrash.tui.workbench import Workbench


class View(Vertical):
    """A page: it wants commands while it is looked at, and is told their answers whether it is or not.

    It sends what its user asks for as messages: CommandEntered, EvidenceWanted, ViewWanted. ``SLOT``: the view of a
    session on a kernel whose keys it has; empty: it is one itself.
    """

    NAME: ClassVar[str]
    SLOT: ClassVar[str] = ""
    TITLE: ClassVar[str]

    def __init__(self, bench: Workbench) -> None:
        super().__init__(id=self.NAME)
        self.bench = bench

    def wants(self) -> tuple[str, ...]:
        """The commands whose answers it shows now."""
        return ()

    def knows(self, command: str) -> bool:
        """Does it show the answer to this command, whoever asked for it?"""
        return plain(command) in self.wants()

    def shown(self) -> None:
        """It is looked at: ask for what is not known yet."""
        for command in self.wants():
            self.bench.answers.want(command, self.NAME)

    def hidden(self) -> None:
        """It is not looked at any more: nothing is wanted for it."""
        self.bench.answers.drop(self.NAME)

    def refresh_answers(self) -> None:
        """Ask again for what it shows."""
        for command in self.wants():
            self.bench.answers.refresh(command, self.NAME)

    def answered(self, answer: Answer) -> None:
        """An answer it knows has arrived."""

    def heard(self, view: str, answer: Answer | None) -> None:
        """Another view of the crash has an answer; None: something is different with it."""

    def reset(self) -> None:
        """crash is started again: what is shown is of the last one."""

    def focus_target(self) -> Widget:
        """What takes the focus when it is shown."""
        return self

    def back(self) -> bool:
        """Escape: close what is open in it; False when there was nothing."""
        return False

    def copied(self) -> str | None:
        """What ``y`` copies: the value under the cursor."""
        return None
