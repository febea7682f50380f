# SPDX-License-Identifier: Apache-2.0
"""The Dom0's p2m: which machine frame stands behind each of its frames, as the kernel itself keeps it.

Source: kernel arch/x86/xen/p2m.c. A linear list of 64-bit words since 3.19 (``xen_p2m_addr``), before that a tree of
three levels of 512 words each, with kernel addresses above the lowest (``p2m_top``).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from xcrash.errors import LensError
from xcrash.lens.kcore import PAGE, Kcore

WORDS = 512
"""Entries of a page."""

NOT_MEMORY = 3 << 62
"""Bits of an entry that is no memory of this domain: another's (FOREIGN_FRAME), the machine's (IDENTITY_FRAME)."""

INVALID = (1 << 64) - 1
_CHUNK = 1 << 20
"""Bytes of one read of a linear list."""

MOST_FRAMES = 1 << 34
"""64 TB: what a Linux with 4 levels of page tables can have."""


class P2m(Protocol):
    """The p2m of frames 0 to ``limit``."""

    kind: str
    limit: int

    def page(self, number: int) -> array[int]:
        """The entries of frames ``number * 512`` on; empty when they cannot be read."""

    def chunks(self) -> Iterator[tuple[int, array[int]]]:
        """All entries in pieces of bounded size, each with its first frame. Raises LensError when it cannot be read."""


class LinearP2m:
    """The linear list at a virtual address."""

    kind = "list"

    def __init__(self, kcore: Kcore, address: int, limit: int) -> None:
        self.limit = limit
        self._kcore, self._address = kcore, address

    def page(self, number: int) -> array[int]:
        """The entries of one page of the list."""
        return self._read(number * WORDS, WORDS)

    def chunks(self) -> Iterator[tuple[int, array[int]]]:
        """The list in pieces of a megabyte."""
        step = _CHUNK // 8
        for frame in range(0, self.limit, step):
            words = self._read(frame, step)
            if len(words) < min(step, self.limit - frame):
                raise _unreadable(self._address + (frame + len(words)) * 8)
            yield frame, words

    def _read(self, frame: int, count: int) -> array[int]:
        return _words(self._kcore.read(self._address + frame * 8, max(0, min(count, self.limit - frame)) * 8))


class TreeP2m:
    """The tree below a top page."""

    kind = "tree"

    def __init__(self, kcore: Kcore, top: int, limit: int) -> None:
        self.limit = min(limit, WORDS**3)
        self._kcore, self._top = kcore, top

    def page(self, number: int) -> array[int]:
        """The leaf of these frames."""
        middle = self._kcore.word(self._top + number // WORDS * 8) if number < WORDS**2 else None
        leaf = self._kcore.word(middle + number % WORDS * 8) if middle else None
        return _words(self._kcore.read(leaf, PAGE))[: max(0, self.limit - number * WORDS)] if leaf else array("Q")

    def chunks(self) -> Iterator[tuple[int, array[int]]]:
        """Every leaf; one that is missing in a subtree is the kernel's page of invalid entries."""
        for number in range(-(-self.limit // WORDS)):
            words = self.page(number)
            if not words:
                raise _unreadable(self._top)
            yield number * WORDS, words


class _Variable(NamedTuple):
    name: str
    address: int


def open_p2m(kcore: Kcore, symbols: Mapping[str, int], frames: int) -> P2m:
    """The p2m of a kernel with these symbols and ``frames`` frames of memory.

    Raises LensError: ``lens-no-p2m`` when it has none in a known form, ``lens-not-pv`` when it has no use for one.
    """
    if not 0 < frames <= MOST_FRAMES:
        raise LensError("lens-memory", f"/proc/kcore shows {frames:,} frames of memory", "this is no layout known here")
    found = [_Variable(name, symbols[name]) for name in ("xen_p2m_addr", "p2m_top", "xen_p2m_top") if symbols.get(name)]
    if not found:
        raise LensError(
            "lens-no-p2m",
            "this kernel keeps no p2m list or tree that is known here (xen_p2m_addr, p2m_top)",
            "start without the lens: --lens off; crash itself translates forward-ported Xen kernels",
        )
    variable = found[0]
    address = kcore.word(variable.address)
    if address is None:
        raise _unreadable(variable.address)
    if not address:
        raise LensError(
            "lens-not-pv",
            f"{variable.name} is 0: the hypervisor itself translates this domain's frames (PVH or HVM)",
            "crash needs no lens here: --lens off",
        )
    if variable.name != "xen_p2m_addr":
        return TreeP2m(kcore, address, frames)
    size = kcore.word(symbols["xen_p2m_size"]) if symbols.get("xen_p2m_size") else None
    return LinearP2m(kcore, address, min(frames, size or frames))


def _words(data: bytes) -> array[int]:
    words = array("Q")
    words.frombytes(data[: len(data) // 8 * 8])
    return words


def _unreadable(address: int) -> LensError:
    return LensError(
        "lens-p2m-unreadable",
        f"the p2m of this kernel cannot be read through /proc/kcore at {address:#x}",
        "start without the lens: --lens off --crash-arg=--minimal",
    )
