# SPDX-License-Identifier: Apache-2.0
"""The lines of Xen's console: their stamps, which ``console_timestamps`` decides, and what they say has happened.

Source of the format: xen/drivers/char/console.c:printk_start_of_line; texts as in ``host.xen_log``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple

from xcrash.host.xen_log import Severity, kind_of
from xcrash.kernel_log.incident import Event
from xcrash.parse.log.records import Record

_MARK: Final = re.compile(r"[ \t]{0,8}\(XEN\) ?")
_STAMP: Final = re.compile(
    r"\[(?: *(?P<seconds>\d{1,12}\.\d{1,9})|(?P<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)|[0-9a-f]{16})\] ?"
)
_DOM0_NEXT: Final = re.compile(r"Guest Loglevel: ")
"""What Xen says last before it builds Dom0 and lets it run: console.c:console_endboot."""


class ConsoleRecord(NamedTuple):
    """A record of Xen's console: its text without the stamp; seconds since Xen began, or the date (UTC), if stamped.

    A stamp of ``console_timestamps=raw``, in ticks of the processor's counter, is left out: nothing tells its rate.
    """

    record: Record
    seconds: float | None = None
    date: datetime | None = None


def console_records(records: Iterable[Record]) -> Iterator[ConsoleRecord]:
    """The console's lines; of what a guest wrote there the text alone is Xen's to tell, and its own stamp stays."""
    for record in records:
        mark = _MARK.match(record.text)
        stamp = _STAMP.match(record.text, mark.end()) if mark else None
        if mark is None:
            yield ConsoleRecord(_guests(record))
        elif stamp is None:
            yield ConsoleRecord(record)
        else:
            text = record.text[: mark.end()] + record.text[stamp.end() :]
            seconds = float(stamp["seconds"]) if stamp["seconds"] else None
            plain = Record(line=record.line, span=record.span, text=text)
            yield ConsoleRecord(plain, seconds, _date(stamp["date"]) if stamp["date"] else None)


def before_dom0(console: Iterable[ConsoleRecord]) -> int:
    """How many of the lines Xen wrote before Dom0 ran for certain; 0 where its boot is not in the console any more."""
    return next((at + 1 for at, one in enumerate(console) if _DOM0_NEXT.search(one.record.text, 0, 100)), 0)


def xen_event(text: str) -> Event | None:
    """What a line of Xen's own says has happened, if it says so."""
    mark = _MARK.match(text)
    told = kind_of(text[mark.end() :][:300]) if mark else None
    return _event(*told) if told else None


@cache
def _event(kind: str, severity: Severity) -> Event:
    return Event(kind if kind.startswith("Xen") else f"Xen {kind}", severity, _MARK, alone=True)


def _guests(record: Record) -> Record:
    if record.time is None and record.date is None:
        return record
    stamp = f"[{record.time:12.6f}]" if record.time is not None else f"[{record.date}]"
    return Record(line=record.line, span=record.span, text=f"{stamp} {record.text}")


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text if "." not in text else text.ljust(26, "0"))
    except ValueError:
        return None
