# SPDX-License-Identifier: Apache-2.0
"""/proc/kcore: where it keeps which address, and reads of it that end where the kernel refuses."""

from __future__ import annotations

import errno
import os
import struct
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from xcrash.errors import LensError

PAGE = 4096
_EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
_PHDR = struct.Struct("<IIQQQQQQ")
_PT_LOAD, _PT_NOTE = 1, 4
_X86_64 = 62
_LARGEST_NOTES = 1 << 20
_UNREADABLE = (errno.EFAULT, errno.ENXIO, errno.EIO)
"""What a read of an address gives that no memory stands behind (kernel fs/proc/kcore.c)."""


class Segment(NamedTuple):
    """A stretch of virtual addresses and where it begins in the file."""

    address: int
    offset: int
    size: int


class Kcore:
    """An open /proc/kcore or a file like it; ``descriptor`` stays the caller's."""

    def __init__(self, descriptor: int) -> None:
        """Read the program headers. Raises LensError ``lens-kcore`` for what is no ELF core of x86_64."""
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        head = self.read_at(0, _EHDR.size)
        fields = _EHDR.unpack(head) if len(head) == _EHDR.size else None
        if fields is None or head[:6] != b"\x7fELF\x02\x01" or fields[2] != _X86_64 or fields[9] != _PHDR.size:
            raise _not_kcore("it is no ELF core of x86_64")
        table = self.read_at(fields[5], fields[10] * _PHDR.size)
        if len(table) < fields[10] * _PHDR.size:
            raise _not_kcore("its program headers are cut short")
        rows = list(_PHDR.iter_unpack(table))
        self._notes = [(row[2], row[5]) for row in rows if row[0] == _PT_NOTE]
        loads = [Segment(row[3], row[2], row[6]) for row in rows if row[0] == _PT_LOAD and row[6]]
        if not loads:
            raise _not_kcore("it has no segments")
        self.segments: Sequence[Segment] = sorted(loads)
        self._addresses = [segment.address for segment in self.segments]

    def segment_of(self, address: int) -> Segment | None:
        """The segment that holds ``address``."""
        at = bisect_right(self._addresses, address) - 1
        found = self.segments[at] if at >= 0 else None
        return found if found and address < found.address + found.size else None

    def read(self, address: int, size: int) -> bytes:
        """Up to ``size`` bytes at a virtual address; fewer where the segment or what can be read of it ends."""
        segment = self.segment_of(address)
        if segment is None:
            return b""
        within = address - segment.address
        return self.read_at(segment.offset + within, min(size, segment.size - within))

    def word(self, address: int) -> int | None:
        """The 64-bit word at a virtual address; None when it cannot be read."""
        data = self.read(address, 8)
        return int.from_bytes(data, "little") if len(data) == 8 else None

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes at an offset of the file, fewer in front of what cannot be read.

        Raises OSError for what is no matter of the address, such as a lockdown.
        """
        whole = self._attempt(offset, size)
        if whole is not None and len(whole) in (0, size):
            return whole
        parts = [whole or b""]
        at, end = offset + len(parts[0]), offset + size
        while at < end:
            # Page by page: the kernel refuses all of a read of which it cannot read one page.
            part = self._attempt(at, min(end, (at // PAGE + 1) * PAGE) - at)
            if not part:
                break
            parts.append(part)
            at += len(part)
        return b"".join(parts)

    def _attempt(self, offset: int, size: int) -> bytes | None:
        """One read; None when no memory stands behind the address."""
        try:
            return os.pread(self.descriptor, size, offset)
        except OSError as error:
            if error.errno not in _UNREADABLE:
                raise
            return None

    def note_text(self) -> str:
        """The notes as text: VMCOREINFO is lines of ``NAME=VALUE`` among them."""
        parts = [self.read_at(offset, min(size, _LARGEST_NOTES)) for offset, size in self._notes]
        return b"".join(parts).decode("latin-1")


def open_kcore(path: Path) -> int:
    """A descriptor of ``path``; raises LensError with the reason it cannot be had."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError as error:
        if os.geteuid() == 0:
            hint = "xcrash doctor says what forbids it: kernel lockdown, or a container"
        else:
            hint = "start it as root: sudo xcrash"
        raise LensError("lens-denied", f"{path} cannot be opened: {error.strerror}", hint) from error
    except OSError as error:
        hint = "xcrash doctor says which sources of live memory there are"
        raise LensError("lens-kcore", f"{path} cannot be opened: {error.strerror}", hint) from error


def _not_kcore(reason: str) -> LensError:
    return LensError("lens-kcore", f"/proc/kcore is not what it should be: {reason}", "the lens is for x86_64 only")
