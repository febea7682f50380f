# SPDX-License-Identifier: Apache-2.0
"""What works in the view Log only."""

from __future__ import annotations

from xcrash.tui.actions import Action

LOG: tuple[Action, ...] = (
    Action(
        "log.time", "time", "t", "Time", about="Seconds since boot, to the crash, to the line before, or the clock."
    ),
    Action(
        "log.level",
        "level",
        "l",
        "Level",
        about="All lines, warnings and worse, errors and worse; a level with ? is inferred from well-known texts.",
    ),
    Action("log.panic", "panic", "p", "Panic", about="To the beginning of what led to the panic, or of the last oops."),
    Action("log.filter", "filter", "ampersand", "Filter", show=False, about="Show only the lines that have a text."),
    Action("log.next", "event(1)", "right_square_bracket", "Next incident", show=False, about="The next incident."),
    Action("log.previous", "event(-1)", "left_square_bracket", "Incident before", show=False, about="The one before."),
    Action(
        "log.incidents", "incidents", "i", "Incidents", show=False, about="The list of incidents; Enter goes there."
    ),
    Action("log.fold", "fold", "o", "Fold", about="Open or close the stack or the repeats at the cursor."),
    Action("log.folds", "folds", "z", "All folds", show=False, about="Open everything that is folded, or close it."),
    Action("log.evidence", "evidence", "e", "Evidence", show=False, about="The line in what crash printed."),
)

MERGED_LOG = (
    Action("log.merge", "merge", "m", "With Xen", show=False, about="Xen's console among the lines of Dom0's log."),
)
