# SPDX-License-Identifier: Apache-2.0
"""ttyrec files: records of a time, a length and what the terminal got (ttyrec: io.c:read_header)."""

from __future__ import annotations

import codecs

from xcrash.transcript.asciicast import Cast, Event, Facts, Header
from xcrash.transcript.files import TTYREC_HEADER


def read_ttyrec(data: bytes) -> Cast:
    """The records as events, from the first one on; a record that is cut off is left out."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    events: list[Event] = []
    at, began, clock = 0, None, 0.0
    while at + TTYREC_HEADER.size <= len(data):
        seconds, micros, size = TTYREC_HEADER.unpack_from(data, at)
        at += TTYREC_HEADER.size + size
        if at > len(data):
            break
        now = seconds + micros / 1e6
        began = now if began is None else began
        clock = max(clock, now - began)
        if text := decoder.decode(data[at - size : at]):
            events.append(Event(clock, "o", text))
    facts = Facts(source="ttyrec", terminal=True)
    return Cast(header=Header(version=2, xcrash=facts), events=tuple(events), complete=at == len(data))
