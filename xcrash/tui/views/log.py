# SPDX-License-Identifier: Apache-2.0
"""The view Log."""

from __future__ import annotations

from xcrash.tui.views.view import View


class LogView(View):
    """The view Log."""

    NAME = "log"
    TITLE = "Log"
    can_focus = True
