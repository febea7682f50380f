# SPDX-License-Identifier: Apache-2.0
"""What works in every table."""

from __future__ import annotations

from xcrash.tui.actions import Action

TABLE = (
    Action("table.up", "move(-1)", "up,k", "Up", show=False, palette=False),
    Action("table.down", "move(1)", "down,j", "Down", show=False, palette=False),
    Action("table.page_up", "page(-1)", "pageup", "Page up", show=False, palette=False),
    Action("table.page_down", "page(1)", "pagedown,space", "Page down", show=False, palette=False),
    Action("table.top", "jump(0)", "home,g", "Top", show=False, palette=False),
    Action("table.bottom", "jump(-1)", "end,G", "Bottom", show=False, palette=False),
    Action("table.sort", "sort", "s", "Sort", about="Sort by the next column."),
    Action("table.reverse", "reverse", "S", "Reverse", show=False, about="Turn the order round."),
    Action("table.filter", "filter", "slash", "Filter", about="Show only the rows that have these words."),
    Action("table.choose", "choose", "enter", "Open", about="What the row leads to."),
)
