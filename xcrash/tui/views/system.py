# SPDX-License-Identifier: Apache-2.0
"""What else the kernel is made of: modules, devices, interrupts, queues, timers, mounts."""

from __future__ import annotations

from xcrash.tui.tables.system import SYSTEM
from xcrash.tui.views.paged import PagedView


class SystemView(PagedView):
    """The tables of ``xcrash.tui.tables.system``."""

    NAME = "system"
    TITLE = "System"
    TABLES = SYSTEM
