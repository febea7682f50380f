# SPDX-License-Identifier: Apache-2.0
"""Time of day of a log line, computed: the kernel counts from its start, the banner says when that was."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

import msgspec

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?: ([\w+-]{1,8}))? (\d{4})\s*")


class Clock(msgspec.Struct, frozen=True):
    """When the kernel started, as precisely as DATE and UPTIME: one second; None with the reason in ``why``.

    ``source`` says in words how a time of day is known.
    """

    boot: datetime | None = None
    zone: str = ""
    why: str = ""
    source: str = "computed from DATE and UPTIME"

    def text(self, seconds: float | None) -> str | None:
        """The time of day ``seconds`` after the start; None when it is not known."""
        if self.boot is None or seconds is None or not math.isfinite(seconds):
            return None
        try:
            return (self.boot + timedelta(seconds=seconds)).isoformat(" ", "milliseconds")
        except OverflowError:
            return None


def date_of(text: str) -> tuple[datetime, str] | None:
    """A date as crash prints it, and its time zone ("" if none is printed)."""
    found = _DATE.fullmatch(text)
    if not found or found[1] not in _MONTHS:
        return None
    month, (day, hour, minute, second) = _MONTHS.index(found[1]) + 1, map(int, found.group(2, 3, 4, 5))
    try:
        return datetime(int(found[7]), month, day, hour, minute, second), found[6] or ""
    except ValueError:
        return None


def clock_of(date: str | None, uptime: float | None) -> Clock:
    """The clock of a banner's DATE and UPTIME (seconds)."""
    read = date_of(date) if date else None
    if read is None or uptime is None:
        missing = [name for name, value in (("DATE", read), ("UPTIME", uptime)) if value is None]
        return Clock(why=f"{' and '.join(missing)} of this kernel {'is' if len(missing) == 1 else 'are'} not known")
    try:
        return Clock(read[0] - timedelta(seconds=uptime), read[1])
    except OverflowError:
        return Clock(why=f"an UPTIME of {uptime:,.0f} s is longer than calendars are")
