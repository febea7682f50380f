# SPDX-License-Identifier: Apache-2.0
"""What works in a text of many lines."""

from __future__ import annotations

from xcrash.tui.actions import Action

LINES = (
    Action("lines.up", "scroll_up", "up,k", "Up", show=False, palette=False),
    Action("lines.down", "scroll_down", "down,j", "Down", show=False, palette=False),
    Action("lines.page_up", "page_up", "pageup", "Page up", show=False, palette=False),
    Action("lines.page_down", "page_down", "pagedown,space", "Page down", show=False, palette=False),
    Action("lines.top", "scroll_home", "home,g", "Top", show=False, palette=False),
    Action("lines.bottom", "scroll_end", "end,G", "Bottom", show=False, palette=False),
    Action("lines.unfold", "unfold", "o", "Fold"),
)
