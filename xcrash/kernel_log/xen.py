# SPDX-License-Identifier: Apache-2.0
"""The lines of Xen's console: their stamps, which ``console_timestamps`` decides, and what they say has happened.

Source of the format: xen/drivers/char/console.c:printk_start_of_line; texts as in ``host.xen_log``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
_BOOT_OVER: Final = re.compile(r"Guest Loglevel: ")
_DOM0_NEXT: Final = re.compile(r"Guest Loglevel: |\*\*\* Serial input to |Xen is relinquishing VGA")
"""What Xen says last before it lets Dom0 run: console.c:console_endboot."""


class ConsoleRecord(NamedTuple):
    """A record of Xen's console: its text without the stamp; seconds since Xen began, or the date (UTC), if stamped.

    A stamp of ``console_timestamps=raw``, in ticks of the processor's counter, is left out: nothing tells its rate.
    """

    record: Record
    seconds: float | None = None
    date: datetime | None = None
    stamped: Record | None = None

    def shown(self, seconds: float | None) -> Record:
        """The record beside its time; where that is not known, with Xen's own stamp."""
        return self.stamped if seconds is None and self.stamped is not None else self.record


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
            date = _date(stamp["date"]) if stamp["date"] else None
            plain = Record(line=record.line, span=record.span, text=text)
            yield ConsoleRecord(plain, seconds, date, record if stamp["seconds"] or stamp["date"] else None)


def before_dom0(console: Sequence[ConsoleRecord]) -> int:
    """How many of the lines Xen wrote before Dom0 ran for certain; 0 where its boot is not in the console any more."""
    texts = (one.record.text[:100] for one in console)
    first = next((at for at, text in enumerate(texts) if _BOOT_OVER.search(text)), None)
    if first is None:
        return 0
    while first < len(console) and _DOM0_NEXT.search(console[first].record.text, 0, 100):
        first += 1
    return first


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
