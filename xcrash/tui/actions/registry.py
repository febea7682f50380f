# SPDX-License-Identifier: Apache-2.0
"""All groups of actions, most general first: the help lists them, the palette runs them, a keymap may change them."""

from __future__ import annotations

from xcrash.tui.actions import Group
from xcrash.tui.actions.console import CONSOLE
from xcrash.tui.actions.lines import FIND, LINES
from xcrash.tui.actions.log import LOG, MERGED_LOG
from xcrash.tui.actions.opening import OPENING, OPENING_LIST
from xcrash.tui.actions.overview import OVERVIEW
from xcrash.tui.actions.pages import PAGES
from xcrash.tui.actions.prompt import PROMPT
from xcrash.tui.actions.recording import RECORDING
from xcrash.tui.actions.session import SESSION
from xcrash.tui.actions.tables import TABLE
from xcrash.tui.actions.tasks import TASKS
from xcrash.tui.actions.vcpus import DOMAINS, VCPUS

GROUPS = (
    Group("Session", "SessionScreen", SESSION),
    Group("Prompt", "#prompt", PROMPT),
    Group("Overview", "#overview", OVERVIEW),
    Group("Console", "#console", CONSOLE),
    Group("Tasks", "#tasks", TASKS),
    Group("Vcpus", "#vcpus", VCPUS),
    Group("Log", "#log", LOG),
    Group("Log of Dom0", "MergedLogView", MERGED_LOG),
    Group("Memory and System", "PagedView", PAGES),
    Group("Domains", "#domains", DOMAINS),
    Group("Recording", "#recording", RECORDING),
    Group("Lines", "LineView", LINES),
    Group("Finding", "PatternInput", FIND),
    Group("Tables", "RowTable", TABLE),
    Group("What can be opened", "OpeningScreen", OPENING),
    Group("The list of it", "OpeningList", OPENING_LIST),
)
