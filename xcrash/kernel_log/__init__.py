# SPDX-License-Identifier: Apache-2.0
"""The kernel's log as a whole: what happened in it, what repeats, when it was; pure functions over ``parse.log``."""

from xcrash.kernel_log.clock import Clock, clock_of
from xcrash.kernel_log.commands import best_command, is_log, rank
from xcrash.kernel_log.folds import Fold, folds
from xcrash.kernel_log.incident import Incident, incidents, inferred_level, landing
from xcrash.kernel_log.lines import UNKNOWN_LEVEL, Entry, LogLine, LogLines, entries, read_entries, read_lines
from xcrash.kernel_log.shown import Wanted, arrange, matching
from xcrash.kernel_log.timeline import OFFSETS, Clocks, Timeline, alone, clocks_of, merged, read_merged
from xcrash.kernel_log.xen import ConsoleRecord, console_records, xen_event

__all__ = [
    "OFFSETS",
    "UNKNOWN_LEVEL",
    "Clock",
    "Clocks",
    "ConsoleRecord",
    "Entry",
    "Fold",
    "Incident",
    "LogLine",
    "LogLines",
    "Timeline",
    "Wanted",
    "alone",
    "arrange",
    "best_command",
    "clock_of",
    "clocks_of",
    "console_records",
    "entries",
    "folds",
    "incidents",
    "inferred_level",
    "is_log",
    "landing",
    "matching",
    "merged",
    "rank",
    "read_entries",
    "read_lines",
    "read_merged",
    "xen_event",
]
