# SPDX-License-Identifier: Apache-2.0
"""The lens as a file: a FUSE file system with one read-only file in it. The only importer of mfusepy."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import mfusepy


class Readable(Protocol):
    """What is shown: a lens, or anything of a known size that is read by position."""

    size: int

    def read(self, size: int, offset: int) -> bytes: ...


class _OneFile(mfusepy.Operations):  # type: ignore[misc]  # mfusepy is found at run time, without its types
    """A directory with the file in it; whatever is not a read is refused."""

    use_ns = True

    def __init__(self, shown: Readable, name: str, ready: Callable[[], object]) -> None:
        self._shown, self._name, self._ready = shown, name, ready

    def init(self, path: str) -> None:
        """The file system is mounted."""
        self._ready()

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """The directory and the file, for root alone as /proc/kcore is."""
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o500, "st_nlink": 2}
        if path == f"/{self._name}":
            return {"st_mode": stat.S_IFREG | 0o400, "st_nlink": 1, "st_size": self._shown.size}
        raise mfusepy.FuseOSError(errno.ENOENT)

    def readdir(self, path: str, fh: int) -> list[str]:
        """The one name."""
        return [".", "..", self._name]

    def open(self, path: str, flags: int) -> int:
        """Open for reading."""
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise mfusepy.FuseOSError(errno.EROFS)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """What the lens shows there."""
        return self._shown.read(size, offset)


def serve(shown: Readable, directory: Path, name: str, ready: Callable[[], object]) -> None:
    """Mount the file as ``name`` in ``directory`` and serve it until it is unmounted; ``ready`` is called then.

    One read at a time: crash asks for one at a time. Nothing is cached in the kernel: memory changes. Raises
    RuntimeError when libfuse cannot mount, which it explains on stderr.
    """
    mfusepy.FUSE(
        _OneFile(shown, name, ready),
        str(directory),
        foreground=True,
        nothreads=True,
        direct_io=True,
        ro=True,
        nosuid=True,
        nodev=True,
        noexec=True,
        fsname="xcrash-lens",
    )
