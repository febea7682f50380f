# SPDX-License-Identifier: Apache-2.0
"""A running crash as everyone else sees it: send commands, get results, hear events."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from xcrash.errors import SessionError, StartError, UsageError, XcrashError
from xcrash.session.command import check_command, ends_session
from xcrash.session.engine import Engine
from xcrash.session.guard import Guard
from xcrash.session.messages import Message
from xcrash.session.prompt import strip_escapes
from xcrash.session.requests import Answer, Cancel, Close, Interrupt, Submit
from xcrash.session.scribe import Recorder
from xcrash.session.spool import Spool
from xcrash.session.timing import Timing
from xcrash.session.transport import REAP_SECONDS, Transport
from xcrash.session.values import (
    CommandFinished,
    CommandResult,
    Event,
    InputNeeded,
    SessionGone,
    SessionReady,
    State,
)


class Session:
    """One crash, over a pty or a recording.

    The spool may hold what an earlier crash said. ``listener`` is called with every event on the owner thread: it must
    return at once and touch no widget. ``guard`` is asked about every command. The blocking calls (``wait_ready``,
    ``run``) are for headless callers; a user interface uses ``submit`` and events.
    """

    def __init__(
        self,
        transport: Transport,
        spool: Spool,
        *,
        listener: Callable[[Event], None] | None = None,
        recorder: Recorder | None = None,
        timing: Timing | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.spool = spool
        self.guard = guard or Guard(live=False)
        self.guard.begin()
        self.version: str | None = None
        self.start_seconds: float | None = None
        self.results: list[CommandResult] = []
        self.gone: SessionGone | None = None
        self._listener = listener
        self._changed = threading.Condition()
        self._ids = itertools.count(1)
        self._question: str | None = None
        self._ready = False
        self._begin = self._banner_end = spool.size
        self._timing = timing or Timing()
        self._engine = Engine(transport, spool, self._publish, recorder, self._timing)
        self._thread = threading.Thread(target=self._engine.run, name="xcrash-session", daemon=True)

    def start(self) -> None:
        """Start crash and return; PhaseChanged and at last SessionReady or SessionGone will follow."""
        self._thread.start()

    @property
    def state(self) -> State:
        """What the session is doing now."""
        return self._engine.state

    @property
    def in_background(self) -> bool:
        """Does crash work on a background command? Its user has nothing to wait for."""
        return self._engine.in_background

    @property
    def phase(self) -> str:
        """The phase of the start-up, in words."""
        return self._engine.watcher.phase

    @property
    def messages(self) -> tuple[Message, ...]:
        """What crash complained about while it started."""
        return tuple(self._engine.watcher.messages)

    @property
    def startup_end(self) -> int:
        """Where the start-up text ends in the spool; before the first prompt, where it begins."""
        return self._banner_end

    @property
    def was_ready(self) -> bool:
        """Has crash reached its first prompt?"""
        return self._ready

    @property
    def activity(self) -> str:
        """What a silent crash does: "working (CPU)", or that nothing is to be seen of it; empty while it prints."""
        return self._engine.activity.text

    def submit(
        self,
        command: str,
        timeout: float | None = None,
        idle: float | None = None,
        *,
        background: bool = False,
        recorded: bool | None = None,
    ) -> int:
        """Queue ``command``; CommandStarted and CommandFinished carry the number returned.

        ``timeout`` (seconds) interrupts the command, ``idle`` (seconds) one that neither prints nor uses the processor
        for so long; of a recording, one that does not print. A quit command closes the session. A ``background``
        command waits until nobody has asked for anything else for a while and gives way to who does; it is not among
        the ``results``, and in the recording only if ``recorded``. Raises UsageError for a line that must not be
        typed (see check_command) or needs consent (see Guard), and SessionError ``session-gone``.
        """
        data = check_command(command, self.guard.aliases)
        if self.gone:
            raise SessionError("session-gone", "crash has ended", "open the dump again")
        number = next(self._ids)
        if ends_session(command):
            if self.state in (State.BUSY, State.INTERRUPTING, State.NEEDS_INPUT) and not self._engine.in_background:
                raise UsageError(
                    "command-busy",
                    f"crash is busy; {command.strip()!r} would cut it off",
                    "interrupt it first (Ctrl-C)",
                )
            self._engine.post(Close())
        else:
            self.guard.check(command)
            self._engine.post(
                Submit(
                    number, command, data, timeout, idle, background, not background if recorded is None else recorded
                )
            )
        return number

    def interrupt(self) -> None:
        """Press Ctrl-C in the running command; nothing happens when there is none."""
        self._engine.post(Interrupt())

    def cancel(self, number: int) -> None:
        """Take back a command: it is not sent any more, or interrupted. A CommandFinished follows in any case."""
        self._engine.post(Cancel(number))

    def answer(self, line: str) -> None:
        """Answer the question an InputNeeded event reported; the guard is asked, too, for who knows what reads it."""
        data = check_command(line, self.guard.aliases)
        self.guard.check(line)
        with self._changed:
            self._question = None
        self._engine.post(Answer(data))

    def close(self, wait: bool = True) -> None:
        """End crash (``q``, then SIGUSR2, then SIGKILL) and, with ``wait``, return when it is gone."""
        self._engine.post(Close())
        if wait and self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(3 * self._timing.quit + 2 * REAP_SECONDS)

    def wait_ready(self) -> None:
        """Block until the first prompt; raises the XcrashError that ended the start, or StartError for a question."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self.gone or self._question)
            self._raise_if_over(StartError)

    def run(self, command: str, timeout: float | None = None, idle: float | None = None) -> CommandResult:
        """Send ``command`` and block until it ended; raises XcrashError when the session ended over it."""
        if ends_session(command):
            raise UsageError("command-quit", f"{command!r} would end the session", "leave it out: xcrash ends it")
        number = self.submit(command, timeout, idle)

        def done() -> CommandResult | None:
            return next((result for result in reversed(self.results) if result.id == number), None)

        def answered() -> CommandResult | None:
            result = done()
            return result if result and result.exit != "died" else None

        with self._changed:
            self._changed.wait_for(lambda: answered() or self.gone or self._question)
            result = answered()
            if result is None:
                self._raise_if_over(SessionError)
                raise SessionError("session-gone", "crash has ended", "open the dump again")
        return result

    def _raise_if_over(self, refusal: type[XcrashError]) -> None:
        if self.gone and self.gone.error:
            raise self.gone.error
        if self.gone:
            raise SessionError("session-gone", "crash has ended", "open the dump again")
        if self._question:
            question, self._question = self._question, None
            raise refusal(
                "question",
                f"crash waits for an answer: {question}",
                "open the target in the terminal UI to answer it",
            )

    def text(self, start: int, end: int, limit: int = 1 << 28) -> str:
        """Output as text: no escapes, newline line ends, bytes that are not UTF-8 replaced."""
        data = strip_escapes(self.spool.read(start, min(end, start + limit)))
        return data.replace(b"\r\n", b"\n").decode("utf-8", "replace")

    def startup_text(self, limit: int = 1 << 18) -> str:
        """What crash printed before its first prompt, or before it ended; the last ``limit`` bytes of it."""
        end = self._banner_end if self._ready else self.spool.size
        return self.text(max(self._begin, end - limit), end)

    def _publish(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, SessionReady | CommandFinished):
                self._question = None
            if isinstance(event, SessionReady):
                self._ready, self.version, self.start_seconds = True, event.version, event.seconds
                self._banner_end = self._engine.startup_end
            elif isinstance(event, CommandFinished) and not event.result.background:
                self.results.append(event.result)
            elif isinstance(event, InputNeeded):
                self._question = event.text
            elif isinstance(event, SessionGone):
                self.gone = event
            self._changed.notify_all()
        if self._listener:
            self._listener(event)
