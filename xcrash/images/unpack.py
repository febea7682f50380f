# SPDX-License-Identifier: Apache-2.0
"""Unpack a compressed kernel to a plain file, for a crash that cannot read it."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

from xcrash.errors import NamelistError, StartError
from xcrash.images.crash_rules import needs_unpacking
from xcrash.images.magic import HEAD_BYTES, classify, noun
from xcrash.images.source import NAMELIST, Source, open_image
from xcrash.images.streams import READABLE, DamagedError, chunks
from xcrash.images.text import printable

__all__ = ["LARGEST_UNPACKED", "needs_unpacking", "unpack"]

LARGEST_UNPACKED = 16 << 30
"""Bytes; the largest vmlinux with debug information have about one gigabyte."""

Progress = Callable[[int], None]


def unpack(source: Path, target: Path, progress: Progress | None = None) -> None:
    """Unpack ``source`` to ``target``, which appears whole, with mode 0600, or not at all; its directory is made.

    ``progress`` is called with the bytes of ``source`` read so far. Raises NamelistError "namelist-damaged",
    "namelist-not-compressed" or "namelist-too-large", or those of a file that cannot be read; StartError
    "unpack-no-space" or "unpack-failed" when the target cannot be written.
    """
    with open_image(source, NAMELIST) as image:
        name = classify(image.read_at(0, HEAD_BYTES))
        if name not in READABLE:
            raise NamelistError(
                "namelist-not-compressed",
                f"{printable(str(source))} is {noun(name)}: xcrash cannot unpack it",
                "name the vmlinux itself",
            )
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".unpack-", delete=False) as part:
                try:
                    _copy(_Counted(image, progress), name, part)
                    part.flush()
                    Path(part.name).replace(target)
                except BaseException:
                    Path(part.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise _not_written(target, error) from error


class _Counted(NamedTuple):
    """A source that reports how far it was read."""

    source: Source
    progress: Progress | None

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def size(self) -> int | None:
        return self.source.size

    def read_at(self, offset: int, size: int) -> bytes:
        try:
            data = self.source.read_at(offset, size)
        except OSError as error:
            # Every other OSError is one of the target.
            raise DamagedError(error.strerror or str(error)) from error
        if self.progress:
            self.progress(offset + len(data))
        return data


def _copy(source: Source, name: str, part: IO[bytes]) -> None:
    written = 0
    try:
        for chunk in chunks(source, name):
            written += len(chunk)
            if written > LARGEST_UNPACKED:
                raise NamelistError(
                    "namelist-too-large",
                    f"{printable(source.path)} unpacks to more than {LARGEST_UNPACKED >> 30} GiB",
                    "name another vmlinux: no kernel is as large",
                )
            part.write(chunk)
    except DamagedError as damage:
        raise NamelistError(
            "namelist-damaged",
            f"{printable(source.path)} cannot be unpacked: {printable(str(damage))}",
            "copy the file again, or reinstall its package",
        ) from damage


def _not_written(target: Path, error: OSError) -> StartError:
    where = printable(str(target.parent))
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StartError(
            "unpack-no-space",
            f"no room in {where} to unpack the kernel: {os.strerror(error.errno)}",
            "make room for about 1 GB there, or set XDG_CACHE_HOME to a larger file system",
        )
    return StartError(
        "unpack-failed",
        f"the kernel cannot be unpacked into {where}: {error.strerror or error}",
        "set XDG_CACHE_HOME to a directory that can be written",
    )
