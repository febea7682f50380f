# SPDX-License-Identifier: Apache-2.0
"""The view Recording."""

from __future__ import annotations

from xcrash.tui.views.view import View


class RecordingView(View):
    """The view Recording."""

    NAME = "recording"
    TITLE = "Recording"
    can_focus = True
