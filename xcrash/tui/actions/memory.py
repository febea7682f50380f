# SPDX-License-Identifier: Apache-2.0
"""What works in the view Memory only."""

from __future__ import annotations

from xcrash.tui.actions import Action

MEMORY: tuple[Action, ...] = ()
