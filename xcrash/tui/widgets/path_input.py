# SPDX-License-Identifier: Apache-2.0
"""A line for the name of a file: Tab completes it as a shell does, what would come is suggested."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from xcrash.openable.file_names import complete_path, longest_beginning
from xcrash.tui.actions import bindings
from xcrash.tui.actions.opening import PATH


class _Files(Suggester):
    """Suggests the one name that is left, or the first of several."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first name that goes on; a name with ~ cannot be shown behind what was typed."""
        if not value or value.startswith("~"):
            return None
        found = await asyncio.to_thread(complete_path, value)
        return next((path for path in found if path.startswith(value) and path != value), None)


class PathInput(Input):
    """Posts Left when the user leaves it; Submitted with the name when one was chosen.

    ``optional``: a line without a name is an answer, too, and Tab does not fill it.
    """

    DEFAULT_CSS = """
    PathInput { height: 1; border: none; background: $surface; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings(PATH)  # type: ignore[assignment]

    class Left(Message):
        """The user does not want to name a file."""

        def __init__(self, line: PathInput) -> None:
            super().__init__()
            self.line = line

        @property
        def control(self) -> PathInput:
            """The line, for selectors of handlers."""
            return self.line

    class Completed(Message):
        """Tab was pressed: ``choices`` are the names that are possible; ``gained``: the line has become longer."""

        def __init__(self, line: PathInput, choices: tuple[str, ...], gained: bool) -> None:
            super().__init__()
            self.line, self.choices, self.gained = line, choices, gained

    def __init__(self, placeholder: str = "", optional: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(placeholder=placeholder, suggester=_Files(), compact=True, id=id)
        self._optional = optional

    def action_leave(self) -> None:
        """Back to where it was asked for."""
        self.post_message(self.Left(self))

    @work(exclusive=True, group="complete", exit_on_error=False)
    async def action_complete(self) -> None:
        """Put in what all possible names begin with."""
        typed = self.value
        found = () if self._optional and not typed else await asyncio.to_thread(complete_path, typed)
        if found and self.value == typed:
            self.value = max(longest_beginning(found), typed, key=len)
            self.cursor_position = len(self.value)
        self.post_message(self.Completed(self, found, self.value != typed))
