# SPDX-License-Identifier: Apache-2.0
"""The owner of one crash: the thread that starts it, reads it, types to it and reaps it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import msgspec

from xcrash.errors import SessionError, StartError, XcrashError
from xcrash.session.messages import MessageClass, classify, is_error_line
from xcrash.session.prompt import TAIL_BYTES, PromptMatcher, strip_escapes
from xcrash.session.requests import Answer, Interrupt, Mailbox, Request, Submit
from xcrash.session.scribe import HELD_BYTES, Recorder, Scribe
from xcrash.session.spool import Spool
from xcrash.session.startup import StartupWatcher
from xcrash.session.transport import Ending, Transport
from xcrash.session.values import (
    CommandFinished,
    CommandResult,
    CommandStarted,
    Event,
    Exit,
    InputNeeded,
    MessageSeen,
    Notice,
    OutputGrew,
    PhaseChanged,
    SessionGone,
    SessionReady,
    State,
)

_ASKING: frozenset[MessageClass] = frozenset({"question", "pager"})
_MOST_RETRIES = 8


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds the engine waits: silences before a prompt is tested, deadlines before it insists."""

    settle: float = 0.005
    settle_glued: float = 0.3
    question: float = 0.5
    retry: float = 5.0
    interrupt: float = 2.0
    give_up: float = 15.0
    quit: float = 5.0
    start: float = 1800.0
    report: float = 0.1


class _Running(msgspec.Struct):
    """The command crash is working on."""

    request: Submit
    began: float
    start: int
    ending: Exit | None = None


class Engine:
    """The state machine of a session, run to its end by ``run`` on a thread of its own."""

    def __init__(
        self,
        transport: Transport,
        spool: Spool,
        publish: Callable[[Event], None],
        recorder: Recorder | None,
        timing: Timing,
    ) -> None:
        self.watcher = StartupWatcher()
        self.state = State.STARTING
        self.startup_end = 0
        self._mailbox = Mailbox()
        self._matcher = PromptMatcher()
        self._scribe = Scribe(recorder, spool, self._matcher)
        self._transport, self._spool, self._publish, self._timing = transport, spool, publish, timing
        self._waiting: deque[Submit] = deque()
        self._running: _Running | None = None
        self._before_question: State | None = None
        self._tail = b""
        self._began = self._last_byte = self._last_report = time.monotonic()
        self._reported = 0
        self._challenged: float | None = None
        self._challenges = 0
        self._interrupts: list[float] = []
        self._closing: list[float] = []

    def post(self, request: Request) -> None:
        """Hand the owner a request, from any thread."""
        self._mailbox.post(request)

    def run(self) -> None:
        """Own the transport from start to end; publishes SessionGone last, whatever happens."""
        error: XcrashError | None = None
        try:
            self._mailbox.open()
            self._transport.open()
            self._began = self._last_byte = time.monotonic()
            self._enter_phase()
            while self._step():
                pass
        except XcrashError as refusal:
            error = refusal
        except Exception as bug:
            error = _defect(bug)
        ending = Ending(None, None)
        try:
            if error:
                self._transport.kill()
            ending = self._transport.close()
            error = error or self._reason(ending)
        except Exception as bug:
            error = error or _defect(bug)
        self._mailbox.close()
        abandoned = bool(self._closing) and self._starting
        self.state = State.GONE
        try:
            self._scribe.ended(ending.exit_status, abandoned)
            self._finish_command("died" if error else "interrupted", self._spool.size)
        finally:
            self._publish(SessionGone(error, ending.exit_status, ending.signal))

    def _step(self) -> bool:
        self._take_requests()
        data = self._transport.read(self._patience(), self._mailbox.wake)
        if data is None:
            self._see_messages(b"\n")
            return False
        if data:
            self._received(data)
        now = time.monotonic()
        self._report_growth(now)
        self._look_for_prompt(now)
        self._check_deadlines(now)
        return True

    def _patience(self) -> float:
        at_prompt = self._challenged is None and self.state is not State.READY and self._matcher.at_end(self._tail)
        return self._timing.settle if at_prompt else 0.1

    @property
    def _starting(self) -> bool:
        return State.STARTING in (self.state, self._before_question)

    # what others ask for

    def _take_requests(self) -> None:
        for request in self._mailbox.take():
            if isinstance(request, Submit):
                self._waiting.append(request)
                # At once, so that a Ctrl-C right behind it meets the command and not an idle prompt.
                self._send_next()
            elif isinstance(request, Interrupt):
                self._interrupt("interrupted")
            elif isinstance(request, Answer):
                self._answer(request.data)
            else:
                self._close()
        self._send_next()

    def _send_next(self) -> None:
        if self.state is State.READY and self._waiting and not self._closing:
            self._send(self._waiting.popleft())

    def _send(self, request: Submit) -> None:
        now = time.monotonic()
        self._running = _Running(request, now, self._spool.size)
        self.state = State.BUSY
        self._last_byte = now
        self._tail = b""
        self._interrupts.clear()
        self._scribe.input(request.text)
        self._publish(CommandStarted(request.id, request.text, self._spool.size))
        self._transport.write(request.data + b"\n")

    def _interrupt(self, ending: Exit) -> None:
        """One Ctrl-C; during start-up crash would end over it, so nothing is typed then."""
        if self._running is None:
            return
        self._running.ending = self._running.ending or ending
        self.state, self._before_question = State.INTERRUPTING, None
        self._challenged = None
        self._challenges = 0
        self._interrupts.append(time.monotonic())
        self._transport.interrupt()

    def _answer(self, data: bytes) -> None:
        if self._before_question is not None:
            self.state, self._before_question = self._before_question, None
            self._last_byte = time.monotonic()
            self._transport.write(data + b"\n")

    def _close(self) -> None:
        if self._closing:
            return
        self._closing.append(time.monotonic())
        self._waiting.clear()
        if self.state is State.READY:
            self._scribe.input("q")
            self._transport.write(b"q\n")
        else:
            self._transport.request_exit()

    # what crash says

    def _received(self, data: bytes) -> None:
        self._spool.append(data)
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        self._last_byte = time.monotonic()
        if self._before_question is not None:
            self.state, self._before_question = self._before_question, None
        self._scribe.grew()
        if self.state is State.STARTING:
            self._see_messages(data)
            self._enter_phase()

    def _report_growth(self, now: float) -> None:
        if self._challenged is not None:  # what comes now may be the answer to our own line
            return
        if self._reported < self._spool.size and now - self._last_report >= self._timing.report:
            self._last_report, self._reported = now, self._spool.size
            self._publish(OutputGrew(self._reported))

    def _see_messages(self, data: bytes) -> None:
        if self._starting:
            for message in self.watcher.feed(data):
                self._publish(MessageSeen(message))

    def _enter_phase(self) -> None:
        for phase in self.watcher.take_phases():
            self._publish(PhaseChanged(phase, time.monotonic() - self._began))

    def _look_for_prompt(self, now: float) -> None:
        if self.state in (State.READY, State.GONE) or self._closing:
            return
        if self._challenged is not None and self._matcher.answered(self._tail):
            self._confirmed(now)
            return
        silence = now - self._last_byte
        if not self._matcher.at_end(self._tail):
            if silence >= self._timing.question:
                self._look_for_question()
            return
        if self._challenged is not None:
            # Rarer each time: lines that crash does not read would fill the terminal's input queue.
            if now - self._challenged >= self._timing.retry * 2 ** min(self._challenges - 1, _MOST_RETRIES):
                self._challenge(now)
            return
        likely = self.state is not State.STARTING and self._matcher.at_line_start(self._tail)
        if silence >= (self._timing.settle if likely else self._timing.settle_glued):
            self._challenge(now)

    def _challenge(self, now: float) -> None:
        self._challenged = now
        self._challenges += 1
        self._scribe.hold()
        self._transport.write(self._matcher.challenge())

    def _look_for_question(self) -> None:
        if self._before_question is not None:
            return
        last = strip_escapes(self._tail).decode("utf-8", "replace").replace("\r", "\n").rpartition("\n")[2]
        if last.strip() and classify(last, _ASKING):
            self._before_question, self.state = self.state, State.NEEDS_INPUT
            self._publish(InputNeeded(last.strip()))

    def _confirmed(self, now: float) -> None:
        """crash answered the handshake: what it printed before is complete."""
        self._challenged = None
        self._challenges = 0
        base = max(0, self._spool.size - HELD_BYTES)
        end = base + self._matcher.output_end(self._spool.read(base, self._spool.size))
        self._scribe.release()
        self._last_report, self._reported = now, self._spool.size
        self._publish(OutputGrew(end))
        self.state = State.READY
        if self._running:
            self._finish_command(self._running.ending or self._judge(self._running, end), end)
        else:
            self.startup_end = end
            self._publish(SessionReady(self.watcher.version, now - self._began))

    def _finish_command(self, ending: Exit, end: int) -> None:
        running = self._running
        self._running = None
        if running:
            self._publish(
                CommandFinished(
                    CommandResult(
                        id=running.request.id,
                        command=running.request.text,
                        exit=ending,
                        seconds=time.monotonic() - running.began,
                        start=running.start,
                        end=max(running.start, end),
                    )
                )
            )

    def _judge(self, running: _Running, end: int) -> Exit:
        """Did crash refuse the command? It says so in the first or the last line of the answer."""
        head = self._spool.read(running.start, min(end, running.start + 4096))
        tail = self._spool.read(max(running.start, end - 4096), end)
        for data, at in ((head, 0), (tail, -1)):
            lines = [line for line in strip_escapes(data).decode("utf-8", "replace").splitlines() if line.strip()]
            if lines and is_error_line(lines[at], running.request.text):
                return "error"
        return "ok"

    # clocks

    def _check_deadlines(self, now: float) -> None:
        timing = self._timing
        if self._closing:
            self._insist_on_end(now)
        elif self.state is State.STARTING and now - self._began > timing.start:
            raise StartError(
                "start-timeout",
                f"crash did not reach its prompt within {timing.start:.0f} s; it was {self.watcher.phase}",
                "start again with --crash-arg=-d1, or skip the step it hangs in (--crash-arg=--no_modules, ...)",
            )
        elif self._running:
            self._check_command(self._running, now)

    def _check_command(self, running: _Running, now: float) -> None:
        limit = running.request.timeout
        if not self._interrupts:
            if limit is not None and now - running.began > limit:
                self._interrupt("timeout")
            return
        since = now - self._interrupts[-1]
        if len(self._interrupts) == 1 and since > self._timing.interrupt:
            self._interrupt("interrupted")
            self._publish(Notice("crash has not reacted to Ctrl-C yet; a gdb command in a pipe cannot be interrupted"))
        elif running.ending == "timeout" and since > self._timing.give_up:
            raise SessionError(
                "command-stuck",
                f"{running.request.text!r} passed its limit of {limit:.0f} s and crash does not react to Ctrl-C",
                "the session was ended; start again without that command",
            )

    def _insist_on_end(self, now: float) -> None:
        since = now - self._closing[-1]
        if since < self._timing.quit:
            return
        self._closing.append(now)
        if len(self._closing) == 2:
            self._transport.request_exit()
        else:
            self._transport.kill()

    def _reason(self, ending: Ending) -> XcrashError | None:
        """Why a session whose output ended is over; None when it was asked to end."""
        if self._closing:
            return None
        if self._starting:
            return self.watcher.failure(ending.exit_status, ending.signal)
        how = f"signal {ending.signal}" if ending.signal else f"status {ending.exit_status}"
        doing = f" during {self._running.request.text!r}" if self._running else ""
        return SessionError(
            "crash-died",
            f"crash ended by itself{doing} ({how})",
            "everything it said is in the recording; start again and leave that command out",
        )


def _defect(bug: Exception) -> XcrashError:
    return SessionError("internal", f"the session ended over a defect in xcrash: {bug!r}", "please report it")
