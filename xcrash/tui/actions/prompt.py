# SPDX-License-Identifier: Apache-2.0
"""What works in the crash prompt, and in the list of what was typed before."""

from __future__ import annotations

from xcrash.tui.actions import Action

PROMPT = (
    Action("prompt.leave", "leave", "escape", "Leave", palette=False, about="Leave the prompt; the line stays."),
    Action("prompt.older", "older", "up", "Older", show=False, palette=False, about="The line before, as it begins."),
    Action("prompt.newer", "newer", "down", "Newer", show=False, palette=False, about="The line after."),
    Action("prompt.search", "search", "ctrl+r", "History", about="Search what was typed before."),
    Action(
        "prompt.complete", "complete(1)", "tab", "Complete", palette=False, about="Complete, or show what could be."
    ),
    Action("prompt.page", "page", "ctrl+o", "Help page", palette=False, about="crash's help page of what is typed."),
    Action("prompt.back", "complete(-1)", "shift+tab", "Back", show=False, palette=False, about="The one before."),
    Action("prompt.clear", "clear", "ctrl+u", "Clear", show=False, palette=False, about="Clear the line."),
)

HISTORY = (
    Action("history.take", "take", "enter", "Take it", palette=False),
    Action("history.older", "move(1)", "down,ctrl+r", "Older", palette=False),
    Action("history.newer", "move(-1)", "up", "Newer", palette=False),
    Action("history.leave", "leave", "escape", "Leave", palette=False),
)
