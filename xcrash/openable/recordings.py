# SPDX-License-Identifier: Apache-2.0
"""Recordings among files: of what, when, how many commands and how long, from their beginning and their end."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import msgspec

from xcrash.errors import ReplayError
from xcrash.openable.values import Openable
from xcrash.openable.walk import File
from xcrash.openable.wording import duration_words
from xcrash.transcript.asciicast import Cast, Facts, parse_cast

MOST_READ = 4 << 20
"""Bytes of the beginning of a recording; a longer one is counted so far only."""
_TAIL = 1 << 16


def recorded(file: File) -> Openable:
    """What the recording says of itself."""
    plain = Openable(
        key=file.path,
        section="recordings",
        kind="recording",
        target=file.path,
        name=file.path,
        when=file.mtime,
    )
    try:
        head, tail = _ends(file.path)
        cast = parse_cast(head, file.path.rpartition("/")[2])
    except (OSError, ReplayError) as error:
        said = error.message if isinstance(error, ReplayError) else error.strerror or str(error)
        return msgspec.structs.replace(plain, verdict=said.splitlines()[0], tone="bad")
    whole = not tail
    facts = cast.header.xcrash or Facts()
    seconds = cast.events[-1].time if cast.events else 0.0
    if tail:
        seconds = max(seconds, _last_time(tail)) if cast.header.version == 2 else seconds
    cut = whole and not cast.complete
    return msgspec.structs.replace(
        plain,
        about=_commands(cast, whole),
        extent=duration_words(seconds) + ("" if whole or cast.header.version == 2 else " or more"),
        when=cast.header.timestamp or file.mtime,
        verdict="; ".join(filter(None, (_subject(facts), "cut off" if cut else ""))),
        tone="doubt" if cut else "plain",
    )


def _ends(path: str) -> tuple[bytes, bytes]:
    """The beginning of a file, cut behind its last whole line, and the end of one that is longer."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "not a regular file", path)
        head = file.read(MOST_READ)
        if facts.st_size <= MOST_READ:
            return head, b""
        file.seek(max(MOST_READ, facts.st_size - _TAIL))
        return head[: head.rfind(b"\n") + 1] or head, file.read(_TAIL)


def _last_time(tail: bytes) -> float:
    """When the last event was that can be read, in seconds since the start."""
    for line in reversed(tail.split(b"\n")):
        try:
            event: Any = json.loads(line)
            if isinstance(event, list) and event and isinstance(event[0], (int, float)) and event[0] < 1e9:
                return float(event[0])
        except (ValueError, RecursionError):
            continue
    return 0.0


def _commands(cast: Cast, whole: bool) -> str:
    """Lines that were typed; what a foreign recorder did not write down cannot be counted."""
    count = sum(event.data.count("\r") for event in cast.events if event.code == "i")
    if not count and not (cast.header.xcrash and not cast.header.xcrash.terminal):
        return ""
    words = "1 command" if count == 1 else f"{count:,} commands"
    return words if whole else f"{words} or more"


def _subject(facts: Facts) -> str:
    kind = {"live": "running kernel", "vmcore": "dump"}.get(facts.kind or "", "")
    dump = Path(facts.dump).name if facts.dump and facts.kind != "live" else ""
    words = [part for part in (kind, dump, facts.release) if part]
    return " ".join(words) + (", without names" if facts.scrubbed else "")
