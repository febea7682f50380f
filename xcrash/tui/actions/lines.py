# SPDX-License-Identifier: Apache-2.0
"""What works in a text of many lines, and in the line in which one types what is to be found in it."""

from __future__ import annotations

from xcrash.tui.actions import Action

LINES = (
    Action("lines.up", "move(-1)", "up,k", "Up", show=False, palette=False),
    Action("lines.down", "move(1)", "down,j", "Down", show=False, palette=False),
    Action("lines.page_up", "page(-1)", "pageup", "Page up", show=False, palette=False),
    Action("lines.page_down", "page(1)", "pagedown,space", "Page down", show=False, palette=False),
    Action("lines.top", "jump(0)", "home,g", "Top", show=False, palette=False),
    Action("lines.bottom", "jump(-1)", "end,G", "Bottom", show=False, palette=False, about="To the end, followed."),
    Action("lines.find", "find", "slash", "Find", about="Look for text; re: in front makes it a regular expression."),
    Action("lines.next", "next_hit(1)", "n", "Next", show=False, about="The next hit."),
    Action("lines.previous", "next_hit(-1)", "N", "Previous", show=False, about="The hit before."),
    Action("lines.choose", "choose", "enter", "Open", show=False, about="What the line leads to."),
)

CHOICE = (
    *(Action(f"choice.{one}", f"take({one - 1})", str(one), "Take", show=False, palette=False) for one in range(1, 10)),
    Action("choice.up", "move(-1)", "up,k", "Up", show=False, palette=False),
    Action("choice.down", "move(1)", "down,j", "Down", show=False, palette=False),
    Action("choice.send", "choose", "enter", "Send", palette=False),
    Action("choice.leave", "leave", "escape,q", "Leave", palette=False),
)

DETAIL = (
    Action("detail.copy", "copy", "y", "Copy", palette=False),
    Action("detail.leave", "leave", "escape,q,enter", "Leave", palette=False),
)

SAVE = (Action("save.leave", "leave", "escape", "Do not save", palette=False),)

FIND = (
    Action("find.regex", "regex", "ctrl+e", "Regex", about="Text or regular expression.", palette=False),
    Action("find.previous", "hit(-1)", "up", "Previous", show=False, palette=False, about="The hit before."),
    Action("find.next", "hit(1)", "down", "Next", show=False, palette=False, about="The next hit."),
)
