# SPDX-License-Identifier: Apache-2.0
"""Find the kernel's banner, "Linux version 6.1.0 (...) ... #1 SMP ...", in a stream of bytes."""

from __future__ import annotations

import re

from xcrash.images.source import Source

CHUNK = 1 << 20
FIRST_CHUNK = 64 << 10
LONGEST_BANNER = 1024

# Format strings of the kernel and of other programs say "Linux version %s": a release starts with a digit.
_BANNER = re.compile(rb"(Linux version (\d[^\s\0()]{0,127}) \([^\0\n]{0,800})[\0\n]")
_BUILD_NUMBER = re.compile(rb" #\d+ ")


class BannerSearch:
    """A search fed with consecutive chunks; ``text`` and ``release`` are None while nothing was found."""

    def __init__(self) -> None:
        self.text: bytes | None = None
        self.release: bytes | None = None
        self.done = False
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next chunk.

        Since 6.1 a vmlinux holds two: init/version.c leaves one whose build number is missing ("# SMP"), then comes
        the one that the running kernel shows (init/version-timestamp.c). The search is done only with the latter.
        """
        window = self._tail + chunk
        for found in _BANNER.finditer(window):
            if self.done:
                break
            self.text, self.release = found[1], found[2]
            self.done = _BUILD_NUMBER.search(found[1]) is not None
        self._tail = window[-LONGEST_BANNER:]


def find_banner(source: Source, offset: int, size: int, thorough: bool = True) -> BannerSearch:
    """Search a region of an image, chunk by chunk, stopping at the banner; at any of the two without ``thorough``."""
    search = BannerSearch()
    end = offset + size
    step = FIRST_CHUNK
    while offset < end and (chunk := source.read_at(offset, min(step, end - offset))):
        search.feed(chunk)
        if search.done or (search.text is not None and not thorough):
            break
        offset += len(chunk)
        step = CHUNK
    return search
