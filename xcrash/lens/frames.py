# SPDX-License-Identifier: Apache-2.0
"""Translate machine frames on a running Dom0, whose p2m changes: grants, balloon, exchanged frames."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from typing import NamedTuple

from xcrash.lens.extents import Extents, build_extents
from xcrash.lens.p2m import WORDS, P2m

LEAST_PAUSE = 1.0
"""Seconds between two looks at the whole p2m."""

_SHARE = 20
"""A look at the p2m of a large Dom0 takes seconds; all of them together take a twentieth of the time at most."""

_FORGET = 10.0
"""Seconds after which a frame that was nowhere in the p2m is looked for once more; those of devices never are in it."""

_MOST_MISSED = 1 << 18


class Build(NamedTuple):
    """How the last look at the p2m went."""

    seconds: float
    number: int


class Frames:
    """Machine frames to the domain's own, each confirmed by the entry that the kernel has for it now."""

    def __init__(self, p2m: P2m, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the p2m; raises LensError when it cannot be read."""
        self.p2m = p2m
        self._clock = clock
        self._missed: dict[int, int] = {}
        self.build = Build(0.0, 0)
        self.extents: Extents = self._look()

    def translation(self) -> Translation:
        """A translation for one table: what it has read of the p2m holds for that long only."""
        return Translation(self)

    def renewed(self, machine_frame: int) -> bool:
        """Look at the p2m again for a frame that is not where it was; False when it is too early for that."""
        if len(self._missed) == _MOST_MISSED:
            self._missed.clear()
        looked = self._missed.setdefault(machine_frame, self.build.number) < self.build.number
        since = self._clock() - self._built
        if since < max(LEAST_PAUSE, _SHARE * self.build.seconds) or (looked and since < _FORGET):
            return False
        self.extents = self._look()
        return True

    def _look(self) -> Extents:
        began = self._clock()
        extents = build_extents(self.p2m.chunks())
        self._built = self._clock()
        self.build = Build(self._built - began, self.build.number + 1)
        return extents


class Translation:
    """Frames of one moment."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._pages: dict[int, array[int]] = {}
        self._extent = (0, 0, 0)

    def __call__(self, machine_frame: int) -> int | None:
        """The domain's own frame for a machine frame; None when the p2m as it is now has none."""
        frame = self._find(machine_frame)
        if frame is None and self._frames.renewed(machine_frame):
            self._pages.clear()
            self._extent = (0, 0, 0)
            frame = self._find(machine_frame)
        return frame

    def confirms(self, frame: int, machine_frame: int) -> bool:
        """Does the p2m have ``machine_frame`` for ``frame``?"""
        number, at = divmod(frame, WORDS)
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = self._frames.p2m.page(number)
        return at < len(page) and page[at] == machine_frame

    def _find(self, machine_frame: int) -> int | None:
        first, end, shift = self._extent
        if not first <= machine_frame < end:
            found = self._frames.extents.find(machine_frame)
            if found is None:
                return None
            first, end, shift = self._extent = found
        frame = machine_frame + shift
        return frame if self.confirms(frame, machine_frame) else None
