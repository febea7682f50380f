# SPDX-License-Identifier: Apache-2.0
"""What works in the crash prompt."""

from __future__ import annotations

from xcrash.tui.actions import Action

PROMPT = (
    Action("prompt.leave", "screen.leave", "escape", "Leave the prompt", palette=False),
    Action("prompt.older", "older", "up", "Older", show=False, palette=False),
    Action("prompt.newer", "newer", "down", "Newer", show=False, palette=False),
)
