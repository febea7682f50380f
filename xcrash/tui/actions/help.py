# SPDX-License-Identifier: Apache-2.0
"""What works in the page of keys."""

from __future__ import annotations

from xcrash.tui.actions import Action

HELP = (Action("help.close", "close", "escape,question_mark,f1,q", "Close", palette=False),)
