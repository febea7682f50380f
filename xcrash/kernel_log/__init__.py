# SPDX-License-Identifier: Apache-2.0
"""The kernel's log as a whole: what happened in it, what repeats, when it was; pure functions over ``parse.log``."""

from xcrash.kernel_log.clock import Clock, clock_of
from xcrash.kernel_log.commands import best_command, is_log, rank
from xcrash.kernel_log.folds import Fold, folds
from xcrash.kernel_log.incident import Incident, incidents, inferred_level, landing
from xcrash.kernel_log.lines import UNKNOWN_LEVEL, LogLine, LogLines, read_lines
from xcrash.kernel_log.shown import Wanted, arrange, matching

__all__ = [
    "UNKNOWN_LEVEL",
    "Clock",
    "Fold",
    "Incident",
    "LogLine",
    "LogLines",
    "Wanted",
    "arrange",
    "best_command",
    "clock_of",
    "folds",
    "incidents",
    "inferred_level",
    "is_log",
    "landing",
    "matching",
    "rank",
    "read_lines",
]
