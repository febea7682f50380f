# SPDX-License-Identifier: Apache-2.0
"""The view System."""

from __future__ import annotations

from xcrash.tui.views.view import View


class SystemView(View):
    """The view System."""

    NAME = "system"
    TITLE = "System"
    can_focus = True
