# SPDX-License-Identifier: Apache-2.0
"""What works in the view Tasks only."""

from __future__ import annotations

from xcrash.tui.actions import Action

TASKS: tuple[Action, ...] = (
    Action("tasks.tree", "tree", "t", "Tree", about="The tasks below their parents; once more: as a list."),
    Action("tasks.stacks", "stacks", "u", "Same stack", about="Group the tasks by identical stack (foreach bt)."),
    Action("tasks.pane", "pane", "v", "Pane", show=False, about="Show or hide the task beside the list."),
    Action("tasks.next", "page(1)", "right_square_bracket,right", "Next page", show=False, about="The next page."),
    Action(
        "tasks.previous", "page(-1)", "left_square_bracket,left", "Page before", show=False, about="The page before."
    ),
    Action("tasks.focus", "other", "tab,shift+tab", "Other side", show=False, about="Between the list and the task."),
    Action("tasks.fold", "fold", "o", "Fold", show=False, about="In the tree: hide or show what is below the task."),
    Action("tasks.fold_all", "fold_all", "z", "Fold all", show=False, about="In the tree: close all, or open all."),
    Action("tasks.evidence", "evidence", "e", "Evidence", show=False, about="What crash printed, at the line of this."),
)
