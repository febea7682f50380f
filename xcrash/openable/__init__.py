# SPDX-License-Identifier: Apache-2.0
"""What can be opened here: the running kernel, dumps, recordings, and what was opened lately."""

from xcrash.openable.recent import Recent, read_recent, recent_file, remember
from xcrash.openable.survey import Surveyor
from xcrash.openable.values import Event, Found, HostKnown, Openable, Over, Progress, Remark, Section

__all__ = [
    "Event",
    "Found",
    "HostKnown",
    "Openable",
    "Over",
    "Progress",
    "Recent",
    "Remark",
    "Section",
    "Surveyor",
    "read_recent",
    "recent_file",
    "remember",
]
