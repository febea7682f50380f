# SPDX-License-Identifier: Apache-2.0
"""The survey of what can be opened here: it tells what it finds while it goes on, and asks nothing of the network."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from xcrash import locations
from xcrash.discovery.choices import Choices
from xcrash.errors import XcrashError
from xcrash.host.open_root import open_root
from xcrash.openable.dumps import identified_dump, is_candidate, matched_dump
from xcrash.openable.live import live_host, pending_live
from xcrash.openable.places import Home, homes, network_mounts
from xcrash.openable.recent import opened_before, read_recent
from xcrash.openable.recordings import recorded
from xcrash.openable.values import Event, Found, HostKnown, Openable, Over, Progress, Remark
from xcrash.openable.walk import File, Walk
from xcrash.openable.wording import size_words

MOST_DUMPS = 60
"""That are looked into, the newest first: each takes up to half a second."""

MOST_RECORDINGS = 30

Known = dict[tuple[str, float, int], Openable]


class Surveyor:
    """Surveys again and again in one run: what has not changed since the last time is not read again.

    ``directory`` is the one to look into beside the usual places: the current one.
    """

    def __init__(self, choices: Choices, directory: Path | None = None) -> None:
        self._choices = msgspec.structs.replace(choices, target=None)
        self._directory = directory
        self._known: Known = {}

    def look(self, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """What is found, in the order it is found; ends with Over, or early when ``cancelled``. Raises nothing."""
        yield from self._recent()
        yield Found(pending_live(os.uname().release))
        directory = self._directory or _current()
        walk = Walk(network_mounts(), cancelled)
        yield from self._recordings(walk, directory, cancelled)
        yield Progress(0, 0, "the running kernel")
        yield from self._live()
        yield from self._dumps(walk, directory, cancelled)

    def _recent(self) -> Iterator[Event]:
        found, problem = read_recent()
        if problem:
            yield Remark("", problem)
        for one in found:
            yield Found(opened_before(one, self._choices))

    def _live(self) -> Iterator[Event]:
        item, target = live_host(self._choices)
        yield Found(item)
        if target and target.host:
            yield HostKnown(target.host)

    # recordings

    def _recordings(self, walk: Walk, directory: Path | None, cancelled: Callable[[], bool]) -> Iterator[Event]:
        kept = locations.recordings()
        places = [Home(str(kept), kept, "recordings", depth=0)]
        if directory:
            places.append(Home(str(directory), directory, "the current directory", depth=0))
        found = _once(file for place in places for file in walk.files(place) if file.path.endswith(".cast"))
        found.sort(key=lambda file: file.mtime, reverse=True)
        if len(found) > MOST_RECORDINGS:
            yield Remark(str(kept), f"{len(found) - MOST_RECORDINGS:,} older recordings are not listed; name one")
        for file in found[:MOST_RECORDINGS]:
            if cancelled():
                return
            yield Found(self._once_only(file, recorded))

    # dumps

    def _dumps(self, walk: Walk, directory: Path | None, cancelled: Callable[[], bool]) -> Iterator[Event]:
        try:
            root = open_root(Path(self._choices.root) if self._choices.root else None)
        except XcrashError as error:
            yield Remark(self._choices.root or "/", error.message)
            yield Over(())
            return
        places = homes(root, directory, network_mounts()) if directory else homes(root, Path("/"), {})[:-1]
        there = [place for place in places if place.network or place.local.is_dir()]
        done = total = 0
        known: set[tuple[int, int]] = set()
        for place in there:
            yield Progress(done, total, f"{place.path} ({place.network})" if place.network else place.path)
            files = [file for file in _once(walk.files(place)) if file.identity not in known and is_candidate(file)]
            known.update(file.identity for file in files)
            files.sort(key=lambda file: file.mtime, reverse=True)
            room = max(0, MOST_DUMPS - done)
            if len(files) > room:
                left = files[room:]
                size = size_words(sum(file.size for file in left))
                yield Remark(place.path, f"{len(left):,} older files ({size}) were not looked into; name a dump")
                files = files[:room]
            total = done + len(files)
            yield from self._in_place(files, done, total, cancelled)
            done = total
            if cancelled():
                return
        yield from walk.remarks
        missing = tuple(place.path for place in places if place not in there)
        yield Over(tuple(place.path for place in there), missing)

    def _in_place(self, files: list[File], done: int, total: int, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """The headers of all of them first, so that the list is there before the search for kernels begins."""
        found: list[tuple[File, Openable]] = []
        for file in files:
            if cancelled():
                return
            item = self._known.get(_key(file)) or identified_dump(file)
            if item:
                found.append((file, item))
                yield Found(item)
        for number, (file, item) in enumerate(found):
            if cancelled():
                return
            yield Progress(done + number, total - len(files) + len(found), item.name)
            if item.pending:
                self._known[_key(file)] = matched = matched_dump(item, self._choices)
                yield Found(matched)

    def _once_only(self, file: File, look: Callable[[File], Openable]) -> Openable:
        key = _key(file)
        if key not in self._known:
            self._known[key] = look(file)
        return self._known[key]

    def forget(self) -> None:
        """Another vmlinux may lie there now: the next survey reads everything again."""
        self._known.clear()


def _key(file: File) -> tuple[str, float, int]:
    return file.path, file.mtime, file.size


def _once(files: Iterator[File]) -> list[File]:
    """Each file by the first name it was found by."""
    found: dict[tuple[int, int], File] = {}
    for file in files:
        found.setdefault(file.identity, file)
    return list(found.values())


def _current() -> Path | None:
    try:
        return Path.cwd()
    except OSError:
        return None
