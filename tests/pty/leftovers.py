# SPDX-License-Identifier: Apache-2.0
"""Sessions that may leave nothing behind but their recordings, whatever happened to them."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pexpect  # noqa: F401 - so that no session is the first to import it
import pytest

from tests.pty.casts import Script
from tests.pty.running import QUICK, Running, Starter, until
from xcrash.session import Recorder, Spool, Timing
from xcrash.transcript.asciicast import Facts
from xcrash.transcript.record import CastRecorder
from xcrash.transcript.recording import Recording, read_recording


class Kept(Starter):
    """Makes sessions that are recorded, and knows their recordings."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.paths: dict[Running, Path] = {}

    def __call__(
        self,
        script: Script,
        *,
        timing: Timing = QUICK,
        recorder: Recorder | None = None,
        spool: Spool | None = None,
        name: str | None = None,
        knobs: Mapping[str, object] | None = None,
        **more: object,
    ) -> Running:
        """A recorded session on a fake crash that plays ``script`` with these knobs; it is not started yet."""
        path = self.directory / "recordings" / f"{len(self.paths)}.cast"
        kept = recorder or CastRecorder(path, Facts())
        running = super().__call__(script, timing=timing, recorder=kept, spool=spool, name=name, knobs=knobs, **more)
        self.paths[running] = path
        return running

    def recorded(self, running: Running) -> Recording:
        """The recording of a session that has ended."""
        return read_recording(self.paths[running])


def descriptors() -> dict[str, str]:
    """What this process has open."""
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found[entry.name] = str(entry.readlink())
        except FileNotFoundError:  # the one that lists them
            continue
    return found


@contextmanager
def tidy(directory: Path) -> Iterator[Kept]:
    """Sessions that are ended at the end, after which no descriptor, thread, child or temporary file may be left."""
    temporary = directory / "tmp"
    temporary.mkdir(exist_ok=True)
    before, threads = descriptors(), set(threading.enumerate())
    starter = Kept(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", str(temporary))
        try:
            yield starter
        finally:
            starter.end()
    for running in starter.paths:
        if running.pid:
            with pytest.raises(ChildProcessError):
                os.waitpid(running.pid, os.WNOHANG)
    until(lambda: set(threading.enumerate()) <= threads, "the end of every thread")
    assert descriptors().items() <= before.items()
    assert [path for path in (temporary, directory / "spool") if path.exists() and any(path.iterdir())] == []
    for path in starter.paths.values():
        assert not path.exists() or read_recording(path).complete
