# SPDX-License-Identifier: Apache-2.0
"""The list of what happened according to the kernel's log."""

from __future__ import annotations

from xcrash.kernel_log import Incident
from xcrash.tui.widgets.row_table import UNKNOWN, Column, RowTable

_SIGNS = {"critical": "#", "error": "!", "warning": "~"}
_LOOKS = {"critical": "bad", "error": "doubt", "warning": ""}


def _time(one: Incident) -> str:
    return UNKNOWN if one.seconds is None else f"{one.seconds:.1f}"


def _words(one: Incident) -> str:
    times = f" (x{one.times:,})" if one.times > 1 else ""
    return f"{one.kind}{times}: {one.title}"


class IncidentTable(RowTable[Incident]):
    """Incidents in the order of the log; ``#`` is critical, ``!`` an error, ``~`` a warning."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(
            (
                Column("SECONDS", _time, lambda one: one.seconds, right=True),
                Column("", lambda one: _SIGNS[one.severity], width=1),
                Column("INCIDENT", _words, lambda one: one.kind, most=200),
            ),
            identity=lambda one: one.first,
            look=lambda one: _LOOKS[one.severity],
            order="as they happened",
            id=id,
        )
