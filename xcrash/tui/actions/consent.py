# SPDX-License-Identifier: Apache-2.0
"""What works in a question before something is changed."""

from __future__ import annotations

from xcrash.tui.actions import Action

CONSENT = (
    Action("consent.send", "answer(True)", "y", "Send it", palette=False),
    Action("consent.leave", "answer(False)", "n,escape", "Do not", palette=False),
)
