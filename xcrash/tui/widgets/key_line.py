# SPDX-License-Identifier: Apache-2.0
"""The line of keys at the bottom: as many as fit, those that are needed everywhere among them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_KEPT = ("app.quit", "help", "prompt", "leave", "keep", "close", "back")
"""The actions whose keys stay on a narrow screen: how to leave, where to read on, where to type."""

_PADDING = 3
"""Cells around the key and its description (the stylesheet of FooterKey)."""


class KeyLine(Footer):
    """The footer of every screen."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._width = 0

    def compose(self) -> ComposeResult:
        """The keys there is room for, in their order."""
        self._width = self.app.size.width
        yield from fitting(list(super().compose()), self._width)

    def on_resize(self, _: events.Resize) -> None:
        """Another number of keys fits."""
        if self._width != self.app.size.width:
            self.call_after_refresh(self.recompose)


def fitting(keys: Sequence[Widget], room: int) -> list[Widget]:
    """The keys that fit into ``room`` cells; those that are needed everywhere first, then from the left."""
    widths = {id(key): _cells(key) for key in keys}
    chosen: set[int] = set()
    for key in sorted(keys, key=lambda key: _rank(key)):
        if room >= widths[id(key)]:
            room -= widths[id(key)]
            chosen.add(id(key))
    return [key for key in keys if id(key) in chosen]


def _rank(key: Widget) -> int:
    action = key.action if isinstance(key, FooterKey) else ""
    return _KEPT.index(action) if action in _KEPT else len(_KEPT)


def _cells(key: Widget) -> int:
    return cell_len(key.key_display) + cell_len(key.description) + _PADDING if isinstance(key, FooterKey) else 0
