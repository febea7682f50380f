# SPDX-License-Identifier: Apache-2.0
"""A session on a fake crash over a real pty, and waiting for what it does."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from tests.processes import exists
from tests.pty.casts import Script
from xcrash.session import CommandFinished, CommandResult, Event, Notice, PtyTransport, Recorder, Session, Spool, Timing
from xcrash.transcript import fakecrash

DEADLINE = 60.0
QUICK = Timing(settle=0.002, settle_glued=0.02, question=0.1, interrupt=0.3, quit=2.0, report=0.0)

E = TypeVar("E")


def open_descriptors() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until ``condition`` holds; for states that no event announces."""
    deadline = time.monotonic() + DEADLINE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        pause.wait(0.01)


class Running:
    """The session, every event it published, and the process behind it."""

    def __init__(
        self,
        cast: Path,
        knobs: Mapping[str, object],
        *,
        timing: Timing = QUICK,
        recorder: Recorder | None = None,
        spool: Spool | None = None,
        name: str | None = None,
    ) -> None:
        env = {"XC_REPLAY_STRICT": "1", **{f"XC_REPLAY_{knob}": str(value) for knob, value in knobs.items()}}
        argv = [sys.executable, "-I", "-S", str(fakecrash.__file__), str(cast)] if name is None else [name, str(cast)]
        self.events: list[Event] = []
        self.heard = threading.Condition()
        self.transport = PtyTransport(argv, env, cast.parent)
        self.spool = spool or Spool.create(cast.parent / "spool")
        self.session = Session(self.transport, self.spool, listener=self._listen, recorder=recorder, timing=timing)

    def _listen(self, event: Event) -> None:
        with self.heard:
            self.events.append(event)
            self.heard.notify_all()

    @property
    def pid(self) -> int:
        """The process id of the fake crash."""
        return self.transport._pid

    def ready(self) -> Running:
        """Start and wait for the prompt."""
        self.session.start()
        self.session.wait_ready()
        return self

    def event(self, kind: type[E], number: int = 0) -> E:
        """The event of a kind with this number, which is waited for."""
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.all(kind)) > number, DEADLINE), f"no {kind.__name__}"
        return self.all(kind)[number]

    def all(self, kind: type[E]) -> list[E]:
        """Every event of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def result(self, number: int) -> CommandResult:
        """The result of a submitted command, which is waited for."""
        with self.heard:
            found = self.heard.wait_for(lambda: self._results().get(number), DEADLINE)
        assert found, "the command did not end"
        return found

    def _results(self) -> dict[int, CommandResult]:
        return {event.result.id: event.result for event in self.all(CommandFinished)}

    def output(self, result: CommandResult) -> bytes:
        """Exactly what crash printed as the answer."""
        return self.spool.read(result.start, result.end)

    def answer(self, command: str, timeout: float | None = None) -> bytes:
        """Send a command, wait, and return its output."""
        return self.output(self.session.run(command, timeout))

    def notices(self) -> list[str]:
        """What the user was told so far."""
        return [event.text for event in self.all(Notice)]

    def streams(self, text: bytes = b"00000000: deadbeef\r\n") -> None:
        """Wait until the running command has printed ``text``."""
        until(lambda: text in self.spool.read(0, self.spool.size), f"{text!r} in the output")

    def end(self) -> None:
        """End crash and give everything back."""
        self.session.close()
        self.spool.close()


class Starter:
    """Makes sessions for one test, in its directory, and ends them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._made: list[Running] = []

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
        """A session on a fake crash that plays ``script`` with these knobs; it is not started yet."""
        cast = script.write(self.directory / f"played-{len(self._made)}.cast")
        running = Running(cast, {**(knobs or {}), **more}, timing=timing, recorder=recorder, spool=spool, name=name)
        self._made.append(running)
        return running

    def end(self) -> None:
        """End every session; a fake crash that refuses to go is a failure."""
        for running in self._made:
            running.end()
            assert not running.pid or not exists(running.pid), "crash is still there"
