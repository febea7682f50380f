# SPDX-License-Identifier: Apache-2.0
"""Sizes, durations and times as a person says them."""

from __future__ import annotations

import time

_UNITS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
_DAY = 86400.0
_AGES = ((60.0, "s", 1.0), (3600.0, "min", 60.0), (2 * _DAY, "h", 3600.0), (60 * _DAY, "d", _DAY))


def size_words(size: int) -> str:
    """Bytes in the unit a person would say: "1.2 GB"."""
    for unit, value in _UNITS:
        if size >= value:
            return f"{size / value:,.1f} {unit}"
    return f"{size} bytes"


def duration_words(seconds: float) -> str:
    """ "18 min", "2.5 h", "40 s"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def age_words(when: float | None, now: float) -> str:
    """ "2 d ago"; the date of what is older than two months, or not over yet."""
    if when is None:
        return ""
    age = now - when
    if age >= -60:
        for limit, unit, value in _AGES:
            if age < limit:
                return f"{max(0.0, age) / value:.0f} {unit} ago"
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(when))
    except (ValueError, OverflowError, OSError):
        return ""
