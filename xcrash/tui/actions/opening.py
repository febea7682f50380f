# SPDX-License-Identifier: Apache-2.0
"""What works on the screen of what can be opened, in its list, in its forms and in its questions."""

from __future__ import annotations

from xcrash.tui.actions import Action

OPENING = (
    Action("opening.load", "load", "l", "Load crash.ko", about="Load crash's memory driver, after a question."),
    Action("opening.fetch", "fetch", "f", "Fetch debuginfo", about="Download the debuginfo, after a question."),
    Action("opening.edit", "edit", "e", "Edit plan", about="Name another vmlinux, memory source, arguments."),
    Action("opening.path", "path", "full_stop", "Path", about="Type the name of a dump or a recording."),
    Action("opening.find", "find", "slash", "Find", about="Show only what has these words."),
    Action("opening.images", "images", "i", "Images", show=False, about="The kernels and debuginfo that are here."),
    Action("opening.doctor", "doctor", "d", "Doctor", show=False, about="What this machine lacks for debugging."),
    Action("opening.demo", "demo", "D", "Demo", show=False, about="Open the bundled recording of a real panic."),
    Action("opening.again", "again", "r", "Look again", show=False, about="Look for dumps and kernels anew."),
    Action("opening.copy", "copy", "y", "Copy", show=False, about="Copy the shell command that shows this plan."),
    Action("opening.back", "back", "escape", "Cancel", show=False, palette=False),
    Action("opening.help", "help", "question_mark,f1", "Help", about="The keys of what has the focus."),
    Action("opening.quit", "app.quit", "ctrl+q", "Quit", priority=True, about="Leave xcrash."),
)

OPENING_LIST = (
    Action("openable.open", "choose", "enter", "Open", about="Open what is under the cursor."),
    Action("openable.up", "move(-1)", "up,k", "Up", show=False, palette=False),
    Action("openable.down", "move(1)", "down,j", "Down", show=False, palette=False),
    Action("openable.page_up", "page(-1)", "pageup", "Page up", show=False, palette=False),
    Action("openable.page_down", "page(1)", "pagedown,space", "Page down", show=False, palette=False),
    Action("openable.top", "jump(0)", "home,g", "Top", show=False, palette=False),
    Action("openable.bottom", "jump(-1)", "end,G", "Bottom", show=False, palette=False),
)

PATH = (
    Action("path.complete", "complete", "tab", "Complete", palette=False),
    Action("path.leave", "leave", "escape", "Leave", palette=False),
)

PLAN_FORM = (
    Action("plan.keep", "keep", "ctrl+s", "Keep", palette=False, priority=True),
    Action("plan.leave", "leave", "escape", "Leave as it was", palette=False),
)

PAGE = (Action("page.close", "close", "escape,q,enter", "Close", palette=False),)

ANSWER = (
    Action("answer.yes", "answer(True)", "y", "Yes", palette=False),
    Action("answer.no", "answer(False)", "n,escape", "No", palette=False),
)

LOOKING = (
    Action("looking.cancel", "app.quit", "escape,ctrl+c", "Cancel", palette=False),
    Action("looking.quit", "app.quit", "ctrl+q", "Quit", priority=True, palette=False),
)
