# SPDX-License-Identifier: Apache-2.0
"""A copy of a recording that can be given away: names replaced by pseudonyms in its text, its events and its header.

A name that is split over two events, or has a control sequence in it, is found all the same. What cannot be found are
names that no format gives away, and addresses in raw memory (``rd``): look through the copy before it leaves the house.
"""

from __future__ import annotations

import bisect
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from xcrash.errors import UsageError
from xcrash.transcript.asciicast import Cast, CastWriter, Event, Facts, Header
from xcrash.transcript.files import read_bytes
from xcrash.transcript.lanes import given_to, speakers
from xcrash.transcript.names import Change, Names
from xcrash.transcript.recording import cast_of, decoded

_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]|\x1b[=>78]")


class Scrubbed(NamedTuple):
    """What was changed: by kind the number of places, and of different names."""

    changes: dict[str, int]
    names: dict[str, int]


def scrub_file(source: Path, target: Path, timing: Path | None = None) -> Scrubbed:
    """Write the scrubbed copy of a recording, mode 0600: an asciicast, or a text of a text.

    Raises UsageError when ``target`` is there already or cannot be made, ReplayError when ``source`` cannot be read.
    """
    if os.path.lexists(target):
        raise _exists(target)
    if not target.parent.is_dir():
        raise UsageError("output-unwritable", f"cannot write {target}: no such directory", "make the directory first")
    data = read_bytes(source)
    cast = cast_of(data, str(source), source, timing)
    try:
        if cast is None:
            text = decoded(data)
            names = Names([_bare(text)])
            _write_text(target, "".join(_pieces([text], names)))
        else:
            names = _names_of(cast)
            _write_cast(target, cast, names)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        raise UsageError(
            "output-unwritable", f"cannot write {target}: {error.strerror}", "name another file"
        ) from error
    return Scrubbed(dict(names.places), names.distinct)


def _exists(target: Path) -> UsageError:
    return UsageError("output-exists", f"{target} is there already", "name a new file, or remove that one")


def _names_of(cast: Cast) -> Names:
    streams = _streams(cast)
    texts = ["".join(pieces) for (_, code), pieces in streams.items() if code in "oi"]
    texts += [piece for (_, code), pieces in streams.items() if code not in "oi" for piece in pieces]
    facts = cast.header.xcrash or Facts()
    texts += [
        cast.header.title or "",
        *facts.argv,
        *(text for view in facts.views for text in (*view.argv, view.namelist or "")),
        *(text for text in msgspec.structs.astuple(facts) if isinstance(text, str)),
    ]
    return Names([_bare(text) for text in texts])


def _write_text(target: Path, text: str) -> None:
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as handle:
        handle.write(text.encode("utf-8", "replace"))


def _write_cast(target: Path, cast: Cast, names: Names) -> None:
    """The events with their times; the pieces of a view's output are one text, and so is what was typed."""
    scrubbed = {
        (speaker, code): iter(_pieces(texts, names) if code in "oi" else [_pieces([text], names)[0] for text in texts])
        for (speaker, code), texts in _streams(cast).items()
    }
    writer = CastWriter(target, _header(cast.header, names))
    try:
        for event, speaker in zip(cast.events, speakers(cast), strict=True):
            texts = None if given_to(event) else scrubbed.get((speaker, event.code))
            writer.copy(Event(event.time, event.code, next(texts)) if texts else event)
    finally:
        writer.close()


def _streams(cast: Cast) -> dict[tuple[str | None, str], list[str]]:
    """What was said, by view and kind of event, without what has no names in it."""
    found: dict[tuple[str | None, str], list[str]] = {}
    for event, speaker in zip(cast.events, speakers(cast), strict=True):
        if event.code not in ("r", "x") and given_to(event) is None:
            found.setdefault((speaker, event.code), []).append(event.data)
    return found


def _header(header: Header, names: Names) -> Header:
    def clean(text: str) -> str:
        return _pieces([text], names)[0]

    facts = header.xcrash or Facts(source="asciicast", terminal=True)
    values = {
        field: clean(value) if isinstance(value, str) else value
        for field, value in msgspec.structs.asdict(facts).items()
        if field not in ("prompt", "build_id", "namelist_build_id", "view")
    }
    views = tuple(
        msgspec.structs.replace(
            view, argv=tuple(map(clean, view.argv)), namelist=clean(view.namelist) if view.namelist else None
        )
        for view in facts.views
    )
    argv = tuple(map(clean, facts.argv))
    facts = msgspec.structs.replace(facts, **{**values, "argv": argv, "views": views, "scrubbed": True})
    title = clean(header.title) if header.title else None
    return msgspec.structs.replace(header, version=2, title=title, xcrash=facts)


def _bare(text: str) -> str:
    return _SEQUENCE.sub("", text) if "\x1b" in text else text


def _pieces(texts: Sequence[str], names: Names) -> list[str]:
    """The pieces of one text with its names replaced; a name in several pieces comes whole in the first of them."""
    whole = "".join(texts)
    changes = list(_in_raw(whole, names))
    found: list[str] = []
    at = taken = number = 0
    for text in texts:
        end = at + len(text)
        parts = []
        while number < len(changes) and changes[number].start < end:
            change = changes[number]
            parts += [whole[max(at, taken) : change.start], change.text]
            taken, number = change.end, number + 1
        parts.append(whole[max(at, taken) : end])
        found.append("".join(parts))
        at = end
    return found


def _in_raw(text: str, names: Names) -> Iterator[Change]:
    """The changes of ``text``; where control sequences stand, they are found in what is left without them."""
    if "\x1b" not in text:
        yield from names.changes(text)
        return
    starts, shifts, bare, at, shift = [0], [0], [], 0, 0
    for sequence in _SEQUENCE.finditer(text):
        bare.append(text[at : sequence.start()])
        at = sequence.end()
        starts.append(sequence.start() - shift)
        shift += at - sequence.start()
        shifts.append(shift)
    bare.append(text[at:])

    def raw(place: int, last: bool) -> int:
        index = (bisect.bisect_left if last else bisect.bisect_right)(starts, place) - 1
        return place + shifts[max(0, index)]

    for change in names.changes("".join(bare)):
        yield Change(raw(change.start, False), raw(change.end, True), change.text)
