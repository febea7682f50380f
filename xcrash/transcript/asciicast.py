# SPDX-License-Identifier: Apache-2.0
"""asciicast files: version 2 written, versions 1 to 3 read (docs.asciinema.org, "asciicast file format").

Events are ``[seconds since the start, code, data]``: ``o`` output, ``i`` input, ``m`` marker, ``x`` exit status. A file
cut off at any byte is readable up to its last complete event.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec

from xcrash.errors import ReplayError

_LARGEST = 1 << 30
_VERSION_1 = re.compile(rb'"version"\s*:\s*1\s*[,}]')
ABANDONED = "the start was ended by the user"
"""The marker of a session that its user ended before crash was ready."""
OWN = "xcrash: "
"""What the markers begin with that are no commands."""
VIEW = f"{OWN}view "
"""The marker, with the name of a view behind it, before what another view says."""
AGAIN = f"{OWN}started again"
"""The marker before what a new crash says in place of one that has ended."""
_BAD_JSON = (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError)


class ViewFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One view in a recording of several: what is not the same for all of them.

    ``release`` and ``build_id`` are those of its kernel, None where the recording does not say them: of the hypervisor.
    """

    view: str
    release: str | None = None
    build_id: str | None = None
    argv: tuple[str, ...] = ()
    namelist: str | None = None
    namelist_build_id: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ``xcrash`` key of a header: what was recorded, so that a replay can say it."""

    schema: int = 1
    crash: str | None = None
    prompt: str = "crash> "
    argv: tuple[str, ...] = ()
    kind: str | None = None
    release: str | None = None
    build_id: str | None = None
    dump: str | None = None
    dump_format: str | None = None
    namelist: str | None = None
    namelist_build_id: str | None = None
    scrubbed: bool = False
    terminal: bool = False
    """The output is what a terminal got: the commands are in it, as they were typed."""
    source: str | None = None
    licence: str | None = None
    view: str | None = None
    """Whose memory of a Xen dump it shows: "dom0", "xen" or "domU"."""
    views: tuple[ViewFacts, ...] = ()
    """Where several crashes speak: their views; the first one has the word until a marker gives it to another."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of an asciicast."""

    version: Annotated[int, msgspec.Meta(ge=0, le=999)]
    width: int = 80
    height: int = 24
    timestamp: float | None = None
    title: str | None = None
    xcrash: Facts | None = None


class Event(msgspec.Struct, frozen=True, array_like=True):
    """Something that happened ``time`` seconds after the start."""

    time: float
    code: str
    data: str


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """A recording as read: ``complete`` is False when it was cut off inside an event."""

    header: Header
    events: tuple[Event, ...]
    complete: bool


def looks_like_cast(head: bytes) -> bool:
    """Do the first bytes of a file begin an asciicast header?"""
    return head.lstrip()[:1] == b"{" and b'"version"' in head[:4096]


def read_cast(path: Path) -> Cast:
    """Read a recording; raises ReplayError when the file is no asciicast or cannot be read."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ReplayError("cast-too-large", f"{path} is larger than 1 GiB", "cut it down with asciinema first")
        data = path.read_bytes()
    except OSError as error:
        raise ReplayError(
            "cast-unreadable", f"cannot read {path}: {error.strerror}", "check path and rights"
        ) from error
    return parse_cast(data, str(path))


def parse_cast(data: bytes, name: str) -> Cast:
    """The recording in ``data``; raises ReplayError, which calls it ``name``, when it is no asciicast."""
    lines = data.split(b"\n")
    try:
        whole = _version_1(data)
        header = whole.header if whole else _header(lines[0])
    except _BAD_JSON as error:
        raise ReplayError(
            "cast-invalid", f"{name} is not an asciicast recording: {error}", "record one with xcrash, or asciinema rec"
        ) from error
    if whole:
        return whole
    if header.version not in (2, 3):
        raise ReplayError(
            "cast-version",
            f"{name} is asciicast version {header.version}; 1, 2 and 3 are read",
            "convert it: asciinema convert",
        )
    events, complete = _events(lines[1:], relative=header.version == 3)
    return Cast(header=header, events=tuple(events), complete=complete)


def _version_1(data: bytes) -> Cast | None:
    """Version 1 is a single object, over one line or many; its times are pauses, and it holds output only."""
    if not _VERSION_1.search(data[:4096]):
        return None
    raw = msgspec.json.decode(data, type=dict[str, Any])
    if raw.get("version") != 1 or not isinstance(raw.get("stdout"), list):
        return None
    clock, events = 0.0, []
    for entry in raw["stdout"]:
        if isinstance(entry, list) and len(entry) >= 2 and isinstance(entry[1], str):
            with contextlib.suppress(*_BAD_JSON):
                clock = _later(clock, clock + float(entry[0]))
                events.append(Event(clock, "o", entry[1]))
    shape = {key: raw[key] for key in raw if key in ("version", "width", "height", "title")}
    return Cast(header=_converted(shape), events=tuple(events), complete=True)


def _header(line: bytes) -> Header:
    raw: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
    if isinstance(raw.get("term"), dict):
        raw = {**raw, "width": raw["term"].get("cols", 80), "height": raw["term"].get("rows", 24)}
    return _converted(raw)


def _converted(raw: dict[str, Any]) -> Header:
    try:
        return msgspec.convert(raw, Header)
    except msgspec.ValidationError:
        return msgspec.convert({key: raw[key] for key in ("version",) if key in raw}, Header)


def _events(lines: list[bytes], relative: bool) -> tuple[list[Event], bool]:
    decoder = msgspec.json.Decoder(list[Any])
    events: list[Event] = []
    clock = 0.0
    for number, line in enumerate(lines):
        if not line.strip() or line.startswith(b"#"):
            continue
        try:
            when, code, data = decoder.decode(line)[:3]
            when = float(when)
        except _BAD_JSON:
            if number == len(lines) - 1:
                return events, False
            continue
        clock = _later(clock, clock + when if relative else when)
        events.append(Event(clock, str(code), data if isinstance(data, str) else str(data)))
    return events, not lines or lines[-1] == b""


def _later(clock: float, then: float) -> float:
    """Time goes on, or stands still where a recording has it run backwards or to infinity."""
    return max(clock, then) if math.isfinite(then) else clock


class CastWriter:
    """Writes one asciicast v2, an event a line, each line handed to the system at once.

    A kill leaves everything up to the last event.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Create ``path`` with mode 0600 in a directory of mode 0700; raises OSError, never overwrites."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._began = time.monotonic()
        try:
            self._line(_encoded(header))
        except OSError:
            os.close(self._fd)
            raise

    def event(self, code: str, data: str) -> None:
        """An event that happened now."""
        self.copy(Event(round(time.monotonic() - self._began, 6), code, data))

    def copy(self, event: Event) -> None:
        """An event of another recording, at its own time."""
        self._line(_encoded(event))

    def _line(self, data: bytes) -> None:
        view = memoryview(data + b"\n")
        while view:
            view = view[os.write(self._fd, view) :]

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _encoded(value: Header | Event) -> bytes:
    """``value`` as JSON; bytes of a path or a command that are not UTF-8 become U+FFFD as they do in output."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_replaced(msgspec.to_builtins(value)))


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {key: _replaced(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item) for item in value]
    return value
