# SPDX-License-Identifier: Apache-2.0
"""What works everywhere in an open session."""

from __future__ import annotations

from xcrash.tui.actions import Action

_VIEWS = ("Overview", "Console", "Tasks", "Log", "Memory", "System", "Recording")

SESSION = (
    *(
        Action(f"start.rung{number}", f"rung({number})", str(number), "Try it", show=False, palette=False)
        for number in range(1, 5)
    ),
    *(
        Action(f"view.{title.lower()}", f"view('{title.lower()}')", f"{number},f{number + 1}", title, show=False)
        for number, title in enumerate(_VIEWS, 1)
    ),
    Action("command.prompt", "prompt", "colon", "Command", about="Type a crash command."),
    Action(
        "command.interrupt", "interrupt", "ctrl+c", "Interrupt", priority=True, about="Interrupt the running command."
    ),
    Action(
        "view.refresh", "refresh_view", "r", "Refresh", show=False, about="Ask crash again for what this view shows."
    ),
    Action("view.copy", "copy", "y", "Copy", show=False, about="Copy what is under the cursor."),
    Action("session.restart", "restart", "R", "Restart crash", about="Start crash again in place of one that is gone."),
    Action("session.history", "run_history", "h", "Run the commands again", about="Send the dead session's commands."),
    Action("view.leave", "leave", "escape", "Back", show=False, palette=False),
    Action("app.help", "help", "question_mark,f1", "Help", about="The keys of what has the focus."),
    Action("app.quit", "app.quit", "ctrl+q", "Quit", priority=True, about="End crash and leave."),
)
