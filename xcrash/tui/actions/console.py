# SPDX-License-Identifier: Apache-2.0
"""What works in the view Console only."""

from __future__ import annotations

from xcrash.tui.actions import Action

CONSOLE: tuple[Action, ...] = (
    Action("console.fold", "fold", "o", "Fold", about="Fold or unfold the answer under the cursor."),
    Action("console.fold_all", "fold_all", "z", "Fold all", show=False, about="Unfold all answers, or fold them all."),
    Action("console.previous", "command(-1)", "left_square_bracket", "Previous command", show=False, about="Go up."),
    Action("console.next", "command(1)", "right_square_bracket", "Next command", show=False, about="Go down."),
    Action("console.again", "again", "x", "Run again", show=False, about="Send the command under the cursor again."),
    Action("console.copy", "copy_answer", "Y", "Copy the answer", show=False, about="Copy all of the answer."),
    Action("console.save", "save", "w", "Save", about="Write the answer under the cursor into a file."),
    Action("console.pin", "pin", "p", "Pin", show=False, about="Keep an answer in sight at the top, or let it go."),
    Action("console.filter", "narrow", "ampersand", "Filter", show=False, about="Show only lines that match."),
)

FILTER = (Action("filter.everywhere", "everywhere", "ctrl+o", "All answers", palette=False, about="One or all."),)
