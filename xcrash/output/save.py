# SPDX-License-Identifier: Apache-2.0
"""Keep what crash printed in a file of the user's own."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from xcrash.errors import UsageError
from xcrash.session import Spool
from xcrash.session.prompt import strip_escapes

_PIECE = 1 << 20
_MODE = 0o600
_LONGEST_NAME = 60


def file_name(command: str) -> str:
    """A name for the answer to ``command``, of letters that no shell and no file system minds."""
    words = re.sub(r"[^A-Za-z0-9_.]+", "-", command).strip("-.")[:_LONGEST_NAME]
    return f"{words or 'output'}.txt"


def named_file(typed: str) -> Path:
    """What a user typed for the name of a file, ``~`` and all, as a path; raises UsageError ``save`` for no name."""
    if not typed.strip() or "\0" in typed:
        raise UsageError("save", "a file needs a name", "type one")
    try:
        return Path(typed.strip()).expanduser().absolute()
    except (OSError, RuntimeError) as error:
        raise UsageError("save", f"no such place: {typed.strip()}: {error}", "choose another place") from error


def save_output(spool: Spool, start: int, end: int, typed: str, replace: bool = False) -> Path:
    """Write bytes ``start`` to ``end`` as plain text into a file that only its owner reads; returns where it is.

    Raises UsageError ``save-exists`` for a file that is there, unless it is to be replaced; it is then replaced as a
    whole, or stays what it was. Raises ``save`` with the reason when it cannot be written.
    """
    path = named_file(typed)
    try:
        found = path.lstat() if os.path.lexists(path) else None
        if found and not stat.S_ISREG(found.st_mode):
            raise UsageError("save", f"{path} is not a regular file", "choose another name")
        if found and not replace:
            raise UsageError("save-exists", f"{path} exists", "Enter again replaces it, another name does not")
        _write(path, _text(spool, start, end), replace)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError("save", f"not written: {typed.strip()}: {reason}", "choose another place") from error
    return path


def _text(spool: Spool, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        data = spool.read(start, min(end, start + _PIECE))
        if not data:
            return
        if start + len(data) < end:
            data = data[: data.rfind(b"\n") + 1] or data
        start += len(data)
        yield strip_escapes(data).replace(b"\r\n", b"\n")


def _write(path: Path, pieces: Iterator[bytes], replace: bool) -> None:
    """A file beside it first, so that the name never stands for half an answer."""
    if not replace:
        # Taken before anything is written: it fails when somebody made the file meanwhile.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
    name: str | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=".xcrash-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as handle:
            os.fchmod(handle.fileno(), _MODE)
            handle.writelines(pieces)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            if name:
                Path(name).unlink()
        if not replace:
            with contextlib.suppress(OSError):
                path.unlink()
        raise
