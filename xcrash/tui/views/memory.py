# SPDX-License-Identifier: Apache-2.0
"""The view Memory."""

from __future__ import annotations

from xcrash.tui.views.view import View


class MemoryView(View):
    """The view Memory."""

    NAME = "memory"
    TITLE = "Memory"
    can_focus = True
