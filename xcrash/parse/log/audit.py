# SPDX-License-Identifier: Apache-2.0
"""``log -a``: the audit records that the kernel has not handed to the audit daemon.

Source of the format: kernel.c:dump_audit_skb_queue (``type=%u %s``); kernel/audit.c:audit_log_start.
"""

from __future__ import annotations

import re

import msgspec

from xcrash.parse.answer import answer, unread
from xcrash.parse.text import Line
from xcrash.parse.value import CommandOutput, Span

_ROW = re.compile(r"\s*type=(\d{1,10}) (?:audit\((\d{1,12}\.\d{1,9}):(\d{1,20})\):)?\s*(.*)$")


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record: ``type`` as in <linux/audit.h>, ``time`` in seconds since 1970, ``text`` what follows the serial."""

    line: int
    span: Span
    type: int
    time: float | None
    serial: int | None
    text: str


class AuditLog(CommandOutput, frozen=True, kw_only=True, tag="log-a"):
    """The records in the order of the queues."""

    records: tuple[AuditRecord, ...]


def parse(text: str) -> AuditLog:
    """Read ``log -a``."""
    found = answer(text, "log")
    records: list[AuditRecord] = []
    rest: list[Line] = []
    for line in found.lines:
        row = _ROW.match(line.text)
        if row:
            records.append(
                AuditRecord(
                    line=line.number,
                    span=(line.start, line.end),
                    type=int(row[1]),
                    time=float(row[2]) if row[2] else None,
                    serial=int(row[3]) if row[3] else None,
                    text=row[4].rstrip(),
                )
            )
        else:
            rest.append(line)
    return AuditLog(records=tuple(records), remarks=found.remarks, unread=tuple(unread(rest)))
