# SPDX-License-Identifier: Apache-2.0
"""Where the memory is: what it is used for, by whom, and how near its end it is."""

from __future__ import annotations

from xcrash.tui.tables.memory import MEMORY
from xcrash.tui.views.paged import PagedView


class MemoryView(PagedView):
    """The tables of ``xcrash.tui.tables.memory``."""

    NAME = "memory"
    TITLE = "Memory"
    TABLES = MEMORY
