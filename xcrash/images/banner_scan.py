# SPDX-License-Identifier: Apache-2.0
"""Find out from a dump's memory which kernel it is of, when nothing else in the dump says so.

The kernel keeps its banner, "Linux version 6.1.0 (...) ... #1 SMP ...", among its read-only data (init/version.c,
init/version-timestamp.c). On x86_64 these start at a multiple of 2 MiB (arch/x86/kernel/vmlinux.lds.S), and near their
start lies the banner of /proc/version, "%s version %s (...": so one page in 512 tells where to look closer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from xcrash.images.memory import Memory, Metered, Run
from xcrash.images.text import printable

FILE_BYTES = 64 << 20
"""Bytes of the file that a scan reads at most."""

MEMORY_BYTES = 512 << 20
"""Bytes of memory that a scan looks at most: pages have to be unpacked first, which takes longer than reading."""

MOST_PROBES = 1 << 14
"""Pages read at multiples of 2 MiB; covers 32 GiB of addresses."""

STEP = 2 << 20
PROBE_BYTES = 4096
READ_ONLY_BYTES = 8 << 20
"""How far behind the start of the read-only data the banner may lie."""

WINDOW = 1 << 20
OVERLAP = 1024
USUAL = Run(16 << 20, 128 << 20)
"""Where a kernel lies that was not moved."""

_PROC_BANNER = b"%s version %s ("
_START = b"Linux version "
_BANNER = re.compile(rb"Linux version (\d[^\s\0()]{0,127}) \([^\0\n]{0,800}")
_BUILD = re.compile(r" (#\d+ .*)")


class Banner(NamedTuple):
    """What was found; ``certain`` is False for text that also logs and files of another kernel could hold."""

    release: str
    version: str | None
    certain: bool


def scan_for_banner(memory: Memory, meter: Metered) -> Banner | None:
    """The banner in memory; None when it is not among what may be read, or when texts found there disagree."""
    scan = _Scan(memory, meter)
    found = scan.probe() if memory.placed else None
    for where in (USUAL, Run(0, USUAL.start), Run(USUAL.end, 1 << 64)):
        found = found or scan.look_through(where)
    if found:
        return found
    return scan.uncertain[0] if len({banner.release for banner in scan.uncertain}) == 1 else None


def banners_in(data: bytes) -> Iterator[Banner]:
    """Every banner in a piece of memory."""
    at = data.find(_START)
    while at >= 0:
        match = _BANNER.match(data, at)
        if match:
            text = printable(match[0])
            build = _BUILD.search(text)
            framed = data[at - 1 : at] == b"\0" and data[match.end() : match.end() + 2] == b"\n\0"
            yield Banner(printable(match[1]), build[1] if build else None, framed and build is not None)
        at = data.find(_START, at + 1)


class _Scan:
    def __init__(self, memory: Memory, meter: Metered) -> None:
        self.uncertain: list[Banner] = []
        self._memory = memory
        self._meter = meter
        self._looked = 0

    def probe(self) -> Banner | None:
        """Look at the pages where read-only data may start, those beyond 16 MiB first."""
        high, low = Run(USUAL.start, 1 << 64), Run(0, USUAL.start)
        addresses = chain(_multiples(self._memory.runs, high), _multiples(self._memory.runs, low))
        for _, address in zip(range(MOST_PROBES), addresses, strict=False):
            # The other half is for looking through what lies in the usual place.
            if self._meter.used > FILE_BYTES // 2:
                return None
            page = self._read(address, PROBE_BYTES)
            if _PROC_BANNER in page and (found := self.look_through(Run(address, address + READ_ONLY_BYTES))):
                return found
        return None

    def look_through(self, where: Run) -> Banner | None:
        """The first certain banner in a range; what else is found there is kept."""
        for start, end in _clipped(self._memory.runs, where):
            for address in range(start, end, WINDOW):
                if self._meter.spent or self._looked >= MEMORY_BYTES:
                    return None
                # One byte more in front: the banner follows on a NUL.
                before = min(1, address - start)
                for banner in banners_in(self._read(address - before, min(WINDOW + OVERLAP, end - address) + before)):
                    if banner.certain:
                        return banner
                    if len(self.uncertain) < 1000:
                        self.uncertain.append(banner)
        return None

    def _read(self, address: int, size: int) -> bytes:
        data = self._memory.read(address, size)
        # A range of which nothing is in the dump costs little, but there can be many.
        self._looked += size if data else size // 64
        return data


def _clipped(runs: tuple[Run, ...], where: Run) -> Iterator[Run]:
    for run in runs:
        start, end = max(run.start, where.start), min(run.end, where.end)
        if start < end:
            yield Run(start, end)


def _multiples(runs: tuple[Run, ...], where: Run) -> Iterator[int]:
    for start, end in _clipped(runs, where):
        yield from range(-(-start // STEP) * STEP, end, STEP)
