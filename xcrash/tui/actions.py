# SPDX-License-Identifier: Apache-2.0
"""Every action of the terminal UI: bindings, footer and help are made from this table, nothing else spells a key."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding


class Action(NamedTuple):
    """One thing a key does: ``name`` is the action method, ``id`` lets a user's keymap change the keys."""

    id: str
    name: str
    keys: str
    text: str
    show: bool = True
    priority: bool = False


SESSION = (
    *(Action(f"start.rung{number}", f"rung({number})", str(number), "Try it", show=False) for number in range(1, 5)),
    Action("view.overview", "view('overview')", "1,f2", "Overview", show=False),
    Action("view.console", "view('console')", "2,f3", "Console", show=False),
    Action("view.tasks", "view('tasks')", "3,f4", "Tasks", show=False),
    Action("command.prompt", "prompt", "colon", "Command"),
    Action("command.interrupt", "interrupt", "ctrl+c", "Interrupt", priority=True),
    Action("session.restart", "restart", "R", "Restart crash"),
    Action("session.history", "run_history", "h", "Run the commands again"),
    Action("view.leave", "leave", "escape", "Back", show=False),
    Action("app.help", "help", "question_mark,f1", "Help"),
    Action("app.quit", "app.quit", "ctrl+q", "Quit", priority=True),
)

LINES = (
    Action("lines.up", "scroll_up", "up,k", "Up", show=False),
    Action("lines.down", "scroll_down", "down,j", "Down", show=False),
    Action("lines.page_up", "page_up", "pageup", "Page up", show=False),
    Action("lines.page_down", "page_down", "pagedown,space", "Page down", show=False),
    Action("lines.top", "scroll_home", "home,g", "Top", show=False),
    Action("lines.bottom", "scroll_end", "end,G", "Bottom", show=False),
    Action("lines.unfold", "unfold", "o", "Fold"),
)

TASKS = (
    Action("tasks.up", "move(-1)", "up,k", "Up", show=False),
    Action("tasks.down", "move(1)", "down,j", "Down", show=False),
    Action("tasks.page_up", "page(-1)", "pageup", "Page up", show=False),
    Action("tasks.page_down", "page(1)", "pagedown,space", "Page down", show=False),
    Action("tasks.top", "jump(0)", "home,g", "Top", show=False),
    Action("tasks.bottom", "jump(-1)", "end,G", "Bottom", show=False),
    Action("tasks.sort", "sort", "s", "Sort"),
    Action("tasks.reverse", "reverse", "S", "Reverse"),
    Action("tasks.filter", "filter", "slash", "Filter"),
    Action("tasks.stack", "stack", "enter", "Stack"),
)

PROMPT = (
    Action("prompt.leave", "screen.leave", "escape", "Leave the prompt"),
    Action("prompt.older", "older", "up", "Older", show=False),
    Action("prompt.newer", "newer", "down", "Newer", show=False),
)

CONSENT = (
    Action("consent.send", "answer(True)", "y", "Send it"),
    Action("consent.leave", "answer(False)", "n,escape", "Do not"),
)


def bindings(actions: tuple[Action, ...]) -> list[Binding]:
    """The bindings of a widget or screen for its part of the table."""
    return [
        Binding(action.keys, action.name, action.text, show=action.show, priority=action.priority, id=action.id)
        for action in actions
    ]
