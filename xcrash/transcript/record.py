# SPDX-License-Identifier: Apache-2.0
"""Every session is written down while it happens."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from xcrash.transcript.asciicast import ABANDONED, CastWriter, Facts, Header


class CastRecorder:
    """Records a session as an asciicast; a full disk ends the recording, never the session.

    ``on_trouble`` is told once, in words, when the recording had to stop.
    """

    def __init__(self, path: Path, facts: Facts, on_trouble: Callable[[str], None] | None = None) -> None:
        self.path = path
        self._on_trouble = on_trouble
        header = Header(version=2, width=512, height=50, timestamp=int(time.time()), title=path.stem, xcrash=facts)
        self._writer: CastWriter | None = CastWriter(path, header)

    def output(self, data: bytes) -> None:
        """crash printed ``data``."""
        self._try(lambda writer: writer.output(data))

    def input(self, line: str) -> None:
        """``line`` was sent: an input event, and a marker that makes it a chapter."""
        self._try(lambda writer: writer.event("m", line))
        self._try(lambda writer: writer.event("i", f"{line}\r"))

    def ended(self, exit_status: int | None, abandoned: bool = False) -> None:
        """crash has ended; a marker tells a start that the user gave up from one that failed."""
        if abandoned:
            self._try(lambda writer: writer.event("m", ABANDONED))
        self._try(lambda writer: writer.event("x", "" if exit_status is None else str(exit_status)))
        if self._writer:
            self._writer.close()
            self._writer = None

    def _try(self, write: Callable[[CastWriter], None]) -> None:
        if self._writer is None:
            return
        try:
            write(self._writer)
        except (OSError, ValueError) as error:
            with contextlib.suppress(OSError):
                self._writer.close()
            self._writer = None
            if self._on_trouble:
                self._on_trouble(f"the recording stopped: {error}; what was written is in {self.path}")


def recording_path(directory: Path, subject: str) -> Path:
    """A new file name in ``directory`` for a session on ``subject``, of which harmless characters are kept."""
    name = "".join(char if char.isalnum() or char in "._-" else "-" for char in subject)[:64].strip(".-") or "session"
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    path = directory / f"{stamp}-{name}.cast"
    number = 1
    while path.exists():
        number += 1
        path = directory / f"{stamp}-{name}-{number}.cast"
    return path
