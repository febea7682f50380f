# SPDX-License-Identifier: Apache-2.0
"""What works in the view Overview only."""

from __future__ import annotations

from xcrash.tui.actions import Action

OVERVIEW: tuple[Action, ...] = (
    Action("overview.raw", "raw", "enter", "Raw", about="Show the very lines of crash behind the marked value."),
    Action(
        "overview.evidence",
        "evidence",
        "e",
        "Evidence",
        show=False,
        about="The lines of crash; Enter on a vcpu of Dom0 leads to the task on it.",
    ),
    Action("overview.down", "step(1)", "down,j", "Next value", show=False, palette=False),
    Action("overview.up", "step(-1)", "up,k", "Value before", show=False, palette=False),
    Action("overview.page_down", "page(1)", "pagedown,space", "Page down", show=False, palette=False),
    Action("overview.page_up", "page(-1)", "pageup", "Page up", show=False, palette=False),
    Action("overview.top", "ends(0)", "home,g", "Top", show=False, palette=False),
    Action("overview.bottom", "ends(-1)", "end,G", "Bottom", show=False, palette=False),
    Action("overview.next", "app.focus_next", "tab", "Next panel", show=False, palette=False),
    Action("overview.before", "app.focus_previous", "shift+tab", "Panel before", show=False, palette=False),
)
