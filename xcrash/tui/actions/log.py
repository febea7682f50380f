# SPDX-License-Identifier: Apache-2.0
"""What works in the view Log only."""

from __future__ import annotations

from xcrash.tui.actions import Action

LOG: tuple[Action, ...] = ()
