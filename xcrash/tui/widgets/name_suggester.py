# SPDX-License-Identifier: Apache-2.0
"""What could come next in the command line, shown behind the cursor."""

from __future__ import annotations

from textual.suggester import Suggester

from xcrash.completion import Completions


class NameSuggester(Suggester):
    """Suggests the first completion that is longer than what was typed; gathering goes on behind it."""

    def __init__(self, names: Completions) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with the name completed, or None."""
        self._names.want_for(value, len(value))
        for found in self._names.complete(value, len(value)):
            line = value[: found.start] + found.text
            if len(line) > len(value):
                return line
        return None
