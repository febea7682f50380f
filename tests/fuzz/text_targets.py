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
from xcrash.transcript.asciicast import Event, looks_like_cast, read_cast
from xcrash.transcript.complaints import startup_messages
from xcrash.transcript.files import looks_like_recording
from xcrash.transcript.names import Names
from xcrash.transcript.pasted import split_pasted
from xcrash.transcript.recording import read_sessions
from xcrash.transcript.scrub import scrub_file
from xcrash.transcript.terminal import shown_lines
from xcrash.transcript.typescript import parse_timing

_SESSION: Final = f"{DOM0}\ncrash> ps\n{PS}\ncrash> set\n{CONTEXT}\n> crash> bt\n"


def cast(data: bytes) -> None:
    """An asciicast, or a refusal."""
    looks_like_cast(data)
    with suppress(ReplayError):
        found = read_cast(file(data))
        encodes((found.header, found.events))
        assert all(math.isfinite(event.time) for event in found.events)


def recording(data: bytes) -> None:
    """A recorded session of any kind, or a refusal; and its copy without names."""
    looks_like_recording(data)
    path = file(data)
    with suppress(ReplayError):
        for found in read_sessions(path):
            encodes((found, found.startup_text, found.answer_to("ps"), startup_messages(found.startup_text)))
        target = path.with_name("scrubbed")
        target.unlink(missing_ok=True)
        scrub_file(path, target)
        read_sessions(target)


def terminal(text: str) -> None:
    """What a terminal shows, and the names in it."""
    shown = shown_lines((Event(0.0, "o", text), Event(1.0, "r", "40x10"), Event(2.0, "o", text)), 80, 24)
    whole = "\n".join(line.text for line in shown)
    assert "\x1b" not in whole
    changes = list(Names([whole]).changes(whole))
    assert all(0 <= one.start < one.end <= len(whole) for one in changes)


_TERMINAL: Final = (
    "crash> pz\b\x1b[Ks\r\n\x1b[?1h\x1b=one\r\n\x1b[7m -- MORE -- \x1b[27m\x1b[K\r\x1b[Ktwo\r\n\x1b[H\x1bMone\r\n"
    "\x1b[2J\x1b[5;3Hx\x1b[2L\x1b[3M\x1b[4P\x1b[5@\x1b[2;4r\n\n\x1b[?1049hvi\x1b[?1049l\r\ncrash> q\r\n"
)
_TYPESCRIPT: Final = f'Script started on x [TERM="xterm" COLUMNS="80" LINES="24"]\n{_TERMINAL}\nScript done on y\n'
_TTYREC: Final = b"\x01\0\0\0\x02\0\0\0\x07\0\0\0crash> \x02\0\0\0\x02\0\0\0\x04\0\0\0ps\r\n"
_REPORT: Final = f"------------\nOutput of 'ps'\n------------\n{PS}\nOutput of bt\nPID: 1      TASK: c0252000  CPU: 0\n"
_NAMED: Final = (
    "joe@host:~$ crash\n NODENAME: h.example.com\n10.1.2.3 fe80::1 02:11:22:33:44:55 /home/joe/x password=y\n"
)


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
        [
            *(V2, V3, V2 + '[9.0, "x", "²"]\n'.encode(), _TTYREC),
            *(text.encode() for text in (_SESSION, _TYPESCRIPT, _REPORT, _NAMED)),
        ],
        [
            b'[0.5, "x", "0"]\n',
            b'"i", "ps\\r"',
            b"crash> ",
            b"Script started on ",
            b"\x28\xb5\x2f\xfd",
            b"\x1f\x8b\x08",
        ],
    ),
    "terminal": of_text(terminal, [_TERMINAL, _NAMED], ["\x1b[", "\x1bM", "\x1b[2J", "\b", "\r", "\x1b[?1049h", "9;9"]),
    "timing": of_text(
        parse_timing, ["0.1 5\n0.2 7\n", "H 0.0 COLUMNS 80\nO 0.1 5\nI 1 2\n"], ["S 0 SIGWINCH ROWS=1 COLS=2"]
    ),
}
