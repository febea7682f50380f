# SPDX-License-Identifier: Apache-2.0
"""What works in a view of several tables."""

from __future__ import annotations

from xcrash.tui.actions import Action

PAGES = (
    Action("pages.previous", "page(-1)", "left_square_bracket,left", "Previous", show=False, about="The table before."),
    Action("pages.next", "page(1)", "right_square_bracket,right", "Next table", about="The table after this one."),
    Action("pages.evidence", "evidence", "e", "Evidence", about="What crash printed, at the line of this row."),
)
