# SPDX-License-Identifier: Apache-2.0
"""The parsers of what crash printed, and the readers of recordings."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Final

from tests.fuzz.given import Target, encodes, file, of_text
from tests.unit.parse.samples import CONTEXT, DOM0, HYPERVISOR, MISMATCH, PANIC, PS, UNKNOWN
from tests.unit.parse.test_total import PIECES, check
from tests.unit.transcript.test_asciicast import V2, V3
from xcrash.errors import ReplayError
from xcrash.literal import visible
from xcrash.parse import ps, sys
from xcrash.parse import set as set_
from xcrash.parse.text import clean
from xcrash.transcript.asciicast import looks_like_cast, read_cast
from xcrash.transcript.pasted import split_pasted
from xcrash.transcript.recording import read_recording

_SESSION: Final = f"{DOM0}\ncrash> ps\n{PS}\ncrash> set\n{CONTEXT}\n> crash> bt\n"


def cast(data: bytes) -> None:
    """An asciicast, or a refusal."""
    looks_like_cast(data)
    with suppress(ReplayError):
        found = read_cast(file(data))
        encodes((found.header, found.events))
        assert all(math.isfinite(event.time) for event in found.events)


def recording(data: bytes) -> None:
    """A recorded session, an asciicast or a pasted text."""
    with suppress(ReplayError):
        found = read_recording(file(data))
        encodes((found, found.startup_text, found.answer_to("ps")))


TARGETS: Final = {
    "parse-ps": of_text(ps.parse, [PS], ["PID", "> ", "IN", "[", "]"]),
    "parse-sys": of_text(
        lambda text: (sys.parse(text), sys.parse_all(text)), [DOM0, PANIC, UNKNOWN, HYPERVISOR, MISMATCH], PIECES
    ),
    "parse-set": of_text(set_.parse, [CONTEXT, PANIC], ["PID: ", "TASK: ", "STATE: ", "CPU: ", '"']),
    "parse-any": of_text(check, [DOM0, PS, HYPERVISOR], PIECES),
    "session-text": of_text(
        lambda text: (split_pasted(text), clean(text), visible(text)),
        [_SESSION],
        ["crash> ", "> ", "\x1b[", "\b", "\r"],
    ),
    "asciicast": Target(cast, [V2, V3], [b'"version": 3', b'"term": {', b"1e999", b'"\\ud800"', b'[0.5, "x", "0"]\n']),
    "recording": Target(
        recording,
        [V2, V3, V2 + '[9.0, "x", "²"]\n'.encode(), _SESSION.encode()],
        [b'[0.5, "x", "0"]\n', b'"i", "ps\\r"', b"crash> "],
    ),
}
