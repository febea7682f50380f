# SPDX-License-Identifier: Apache-2.0
"""The views of one crash as each of them sees the others: what they were asked, what they answered, why one is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xcrash.answers import Answer
from xcrash.errors import XcrashError
from xcrash.literal import one_line

if TYPE_CHECKING:  # a workbench stands in an Around, and has one
    from xcrash.tui.workbench import Workbench

TITLES = {"dom0": "Dom0", "xen": "Xen", "domU": "DomU"}
"""What the views of a crash are called, by their names."""


class Around:
    """``benches`` are those of the views that there are, by name, in the order in which they are offered.

    ``problems`` says of a view why it is not there, or is gone: what happened, and what to do about it.
    """

    def __init__(self) -> None:
        self.benches: dict[str, Workbench] = {}
        self.problems: dict[str, str] = {}
        self._hear: dict[str, Callable[[str, Answer | None], None]] = {}

    def add(self, name: str, bench: Workbench, hear: Callable[[str, Answer | None], None]) -> None:
        """One more view; ``hear`` is told the name of another one and its answer, None when its standing changed."""
        bench.view, bench.around = name, self
        self.benches[name], self._hear[name] = bench, hear

    @property
    def names(self) -> tuple[str, ...]:
        """The views that there are, and those that should be."""
        return (*self.benches, *(name for name in self.problems if name not in self.benches))

    def after(self, name: str) -> str | None:
        """The view behind this one, round and round; None where it is the only one."""
        known = list(self.benches)
        return known[(known.index(name) + 1) % len(known)] if len(known) > 1 and name in known else None

    def other(self, name: str, than: str) -> Workbench | None:
        """The view of this name, unless it is the one that asks."""
        return self.benches.get(name) if name != than else None

    def tell(self, name: str, answer: Answer | None = None) -> None:
        """Let all others know of an answer of the view, or that something is different with it."""
        for other, hear in list(self._hear.items()):
            if other != name:
                hear(name, answer)

    def problem(self, name: str, text: str) -> None:
        """The view is not there, or gone; empty: it is there again."""
        if text:
            self.problems[name] = text
        else:
            self.problems.pop(name, None)
        self.tell(name)


def in_words(error: XcrashError) -> str:
    """What keeps a view from being there, and what to do about it."""
    message = one_line(error.message.splitlines()[0] if error.message else error.code)
    return f"{message}; try: {one_line(error.hint)}" if error.hint else message
