# SPDX-License-Identifier: Apache-2.0
"""What is said of a log in words: how much of it is shown, and all that is known of one line's time."""

from __future__ import annotations

from xcrash.kernel_log import LogLine, LogLines
from xcrash.tui.widgets.log_source import CLOCK, TIMES, LogSource

LEVELS = ((7, "all levels"), (4, "warnings and worse"), (3, "errors and worse"))
"""The least severe level that is shown, and how that is called."""


def shown_words(source: LogSource, lines: LogLines) -> str:
    """How many of the lines are shown, from which level on, with which time, and how many incidents there are."""
    count, total = len(source.rows), len(lines)
    levels = next(text for level, text in LEVELS if level == source.wanted.level)
    if source.wanted.level < LEVELS[0][0] and not lines.leveled:
        levels += ", inferred from the text"
    when = f"time {TIMES[source.time]}" if lines.last_seconds is not None else "no times"
    if source.time == CLOCK and lines.clock.boot:
        when += f" ({lines.clock.zone + ', ' if lines.clock.zone else ''}computed)"
    incidents = f"{len(lines.incidents):,} incidents" if len(lines.incidents) != 1 else "1 incident"
    many = f"{count:,} of {total:,} lines" if count != total else f"{total:,} lines"
    return "   ".join((many, levels, when, incidents))


def line_words(lines: LogLines, line: LogLine, where: str, crash: float | None) -> str:
    """The time of a line, every way; ``where`` it stands, ``crash`` is the second of the crash."""
    parts = [where, *(("level inferred",) if line.inferred else ())]
    if line.seconds is not None and crash is not None:
        parts += [f"{line.seconds:,.6f} s since boot", f"{line.seconds - crash:+,.6f} s to {lines.reference}"]
        clock = lines.clock.text(line.seconds)
        from_where = "as log -T has it" if lines.dated else lines.clock.source
        parts.append(f"{clock} {lines.clock.zone} {from_where}" if clock else f"no clock: {lines.clock.why}")
    else:
        parts.append(lines.note if line.xen and lines.note else "its time is not known")
    return " · ".join(parts)
