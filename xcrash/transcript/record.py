# SPDX-License-Identifier: Apache-2.0
"""Every session is written down while it happens."""

from __future__ import annotations

import codecs
import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from xcrash.transcript.asciicast import ABANDONED, AGAIN, OWN, VIEW, CastWriter, Facts, Header


class CastRecorder:
    """Records a session as an asciicast, or the sessions of several views, each in a lane of its own.

    A full disk ends the recording, never the session; ``on_trouble`` is told once, in words, when it had to stop. What
    is said to the recorder itself is the only session of its file, which it closes at the end of that.
    """

    def __init__(self, path: Path, facts: Facts, on_trouble: Callable[[str], None] | None = None) -> None:
        self.path = path
        self._on_trouble = on_trouble
        self._lock = threading.Lock()
        self._speaker = facts.views[0].view if facts.views else None
        header = Header(version=2, width=512, height=50, timestamp=int(time.time()), title=path.stem, xcrash=facts)
        self._writer: CastWriter | None = CastWriter(path, header)
        self._only = self.lane()

    def lane(self, view: str | None = None) -> Lane:
        """Where the crash of ``view`` is recorded; of the only one, None."""
        return Lane(self, view)

    def output(self, data: bytes) -> None:
        """crash printed ``data``."""
        self._only.output(data)

    def input(self, line: str) -> None:
        """``line`` was sent."""
        self._only.input(line)

    def ended(self, exit_status: int | None, abandoned: bool = False) -> None:
        """crash has ended, and with it the recording."""
        self._only.ended(exit_status, abandoned)
        self.close()

    def write(self, view: str | None, *events: tuple[str, str]) -> None:
        """Events of one view, by code and data, that belong together; may be called from any thread."""
        with self._lock:
            trouble = self._write(view, events)
        if trouble and self._on_trouble:
            self._on_trouble(f"the recording stopped: {trouble}; what was written is in {self.path}")

    def _write(self, view: str | None, events: tuple[tuple[str, str], ...]) -> Exception | None:
        writer = self._writer
        if writer is None:
            return None
        try:
            if view != self._speaker:
                writer.event("m", f"{VIEW}{view}")
                self._speaker = view
            for code, data in events:
                writer.event(code, data)
        except (OSError, ValueError) as error:
            with contextlib.suppress(OSError):
                writer.close()
            self._writer = None
            return error
        return None

    def close(self) -> None:
        """Close the file; what comes later is not recorded."""
        with self._lock:
            if self._writer:
                self._writer.close()
                self._writer = None


class Lane:
    """One view's part of a recording: what its crash says, and each one that is started in place of one that ended.

    Bytes that are not UTF-8 become U+FFFD, which players need; a character that comes in two pieces stays whole.
    """

    def __init__(self, recorder: CastRecorder, view: str | None) -> None:
        self._recorder, self._view = recorder, view
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._over = False

    def output(self, data: bytes) -> None:
        """crash printed ``data``."""
        if text := self._decoder.decode(data):
            self._write(("o", text))

    def input(self, line: str) -> None:
        """``line`` was sent: an input event, and a marker that makes it a chapter."""
        # A blank in front tells a command from the markers of the recording itself.
        chapter = f" {line}" if line.startswith(OWN) else line
        self._write(("m", chapter), ("i", f"{line}\r"))

    def ended(self, exit_status: int | None, abandoned: bool = False) -> None:
        """crash has ended; a marker tells a start that the user gave up from one that failed."""
        given_up = (("m", ABANDONED),) if abandoned else ()
        self._write(*given_up, ("x", "" if exit_status is None else str(exit_status)))
        self._decoder.reset()
        self._over = True

    def _write(self, *events: tuple[str, str]) -> None:
        again = (("m", AGAIN),) if self._over else ()
        self._over = False
        self._recorder.write(self._view, *again, *events)


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
