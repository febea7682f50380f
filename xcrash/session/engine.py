# SPDX-License-Identifier: Apache-2.0
"""The owner of one crash: the thread that starts it, reads it, types to it and reaps it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from xcrash.errors import XcrashError
from xcrash.session.activity import Activity
from xcrash.session.endings import defect, died, start_timeout, stuck
from xcrash.session.handshake import Handshake
from xcrash.session.messages import MessageClass, classify
from xcrash.session.presses import Presses
from xcrash.session.prompt import TAIL_BYTES, PromptMatcher, strip_escapes
from xcrash.session.requests import Answer, Cancel, Interrupt, Mailbox, Request, Submit
from xcrash.session.running import Running, never_sent
from xcrash.session.scribe import HELD_BYTES, Recorder, Scribe
from xcrash.session.spool import IN_MEMORY, Spool
from xcrash.session.startup import StartupWatcher
from xcrash.session.timing import Timing
from xcrash.session.transport import Ending, Transport
from xcrash.session.values import (
    ActivityChanged,
    CommandFinished,
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
from xcrash.session.verdict import judge

_ASKING: frozenset[MessageClass] = frozenset({"question", "pager"})


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
        self._spare: deque[Submit] = deque()
        self._asked = 0.0
        self._running: Running | None = None
        self._before_question: State | None = None
        self._tail = b""
        self._began = self._last_byte = self._last_report = time.monotonic()
        self._reported = self._lost = 0
        self._handshake = Handshake(timing)
        self.activity = Activity(transport.processor_ticks, timing.measure)
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
            self.activity.begin(self._began)
            self._enter_phase()
            while self._step():
                pass
        except XcrashError as refusal:
            error = refusal
        except BaseException as bug:  # whatever ends this thread, somebody waits for the news
            error = defect(bug)
        ending = Ending(None, None)
        try:
            if error:
                self._transport.kill()
            ending = self._transport.close()
            error = error or self._reason(ending)
        except BaseException as bug:
            error = error or defect(bug)
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
        self._look_at_activity(now)
        self._check_deadlines(now)
        return True

    def _patience(self) -> float:
        at_prompt = not self._handshake.out and self.state is not State.READY and self._matcher.at_end(self._tail)
        return self._timing.settle if at_prompt else 0.1

    @property
    def in_background(self) -> bool:
        """Is the command that runs one that no user asked for?"""
        running = self._running
        return running is not None and running.request.background

    @property
    def _starting(self) -> bool:
        return State.STARTING in (self.state, self._before_question)

    # what others ask for

    def _take_requests(self) -> None:
        for request in self._mailbox.take():
            if isinstance(request, Submit) and request.background:
                self._spare.append(request)
            elif isinstance(request, Submit):
                self._asked = time.monotonic()
                self._waiting.append(request)
                # At once, so that a Ctrl-C right behind it meets the command and not an idle prompt.
                self._send_next()
            elif isinstance(request, Interrupt):
                if self._running and self._running.presses.may(time.monotonic(), self._last_byte):
                    self._interrupt("interrupted")
            elif isinstance(request, Cancel):
                self._cancel(request.id)
            elif isinstance(request, Answer):
                self._answer(request.data)
            else:
                self._close()
        self._send_next()

    def _send_next(self) -> None:
        if self.state is not State.READY or self._closing:
            return
        if self._waiting:
            self._send(self._waiting.popleft())
        elif self._spare and time.monotonic() - self._asked >= self._timing.spare:
            self._send(self._spare.popleft())

    def _send(self, request: Submit) -> None:
        now = time.monotonic()
        self._spool.grant()
        presses = Presses(self._timing, self.watcher.version)
        self._running = Running(request, now, self._spool.size, presses, self._spool.held)
        self.activity.begin(now)
        self.state = State.BUSY
        self._last_byte = now
        self._tail = b""
        if not request.recorded:
            self._scribe.mute()
        else:
            self._scribe.input(request.text)
        self._publish(CommandStarted(request.id, request.text, self._spool.size, request.background))
        self._transport.write(request.data + b"\n")

    def _cancel(self, number: int) -> None:
        """Forget a command that waits, interrupt one that runs; one that has ended is left alone."""
        if self._running and self._running.request.id == number:
            if not len(self._running.presses):
                self._interrupt("interrupted")
            return
        for queue in (self._waiting, self._spare):
            for request in queue:
                if request.id == number:
                    queue.remove(request)
                    self._publish(CommandFinished(never_sent(request, self._spool.size)))
                    return

    def _interrupt(self, ending: Exit) -> None:
        """One Ctrl-C; during start-up crash would end over it, so nothing is typed then."""
        if self._running is None:
            return
        self._running.ending = self._running.ending or ending
        self.state, self._before_question = State.INTERRUPTING, None
        self._handshake.over()
        self._running.presses.pressed(time.monotonic())
        self._transport.interrupt()

    def _answer(self, data: bytes) -> None:
        if self._before_question is not None:
            self.state, self._before_question = self._before_question, None
            self._last_byte = time.monotonic()
            self.activity.begin(self._last_byte)
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
        self._keep(data)
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        self._last_byte = time.monotonic()
        self._say_activity(self.activity.heard)
        if self._before_question is not None:
            self.state, self._before_question = self._before_question, None
        self._scribe.grew()
        if self.state is State.STARTING:
            self._see_messages(data)
            self._enter_phase()

    def _keep(self, data: bytes) -> None:
        """Into the spool; a command that fills it is interrupted, and the session goes on."""
        before = self._spool.trouble
        self._spool.append(data)
        trouble, running = self._spool.trouble, self._running
        if trouble and not before:
            self._publish(Notice(f"{trouble}; up to {IN_MEMORY >> 20} MB more are kept in memory"))
        if running and not len(running.presses) and running.floods(self._spool):
            self._publish(Notice(f"{running.request.text!r} is interrupted: {trouble}"))
            self._interrupt("error")

    def _report_growth(self, now: float) -> None:
        if self._handshake.out:  # what comes now may be the answer to our own line
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
        if self._handshake.out and self._matcher.answered(self._tail):
            self._confirmed(now)
            return
        silence = now - self._last_byte
        if not self._matcher.at_end(self._tail):
            if silence >= self._timing.question:
                self._look_for_question()
            return
        likely = self.state is not State.STARTING and self._matcher.at_line_start(self._tail)
        if self._handshake.due(now, silence, likely):
            self._handshake.asked(now)
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
        self._handshake.over()
        base = max(0, self._spool.size - HELD_BYTES)
        end = base + self._matcher.output_end(self._spool.read(base, self._spool.size))
        self._scribe.release()
        self._scribe.unmute()
        self._last_report, self._reported = now, self._spool.size
        self._publish(OutputGrew(end))
        self.state = State.READY
        if self._running:
            verdict = self._judge(self._running, end)
            self._finish_command(self._running.ending or verdict, end)
        else:
            self.startup_end = end
            self._publish(SessionReady(self.watcher.version, now - self._began))

    def _finish_command(self, ending: Exit, end: int) -> None:
        running = self._running
        self._running = None
        if running:
            if not running.request.background:
                self._asked = time.monotonic()
            self._publish(CommandFinished(running.result(ending, end)))

    def _judge(self, running: Running, end: int) -> Exit:
        if self._spool.lost > self._lost:
            self._publish(Notice(f"{self._spool.lost - self._lost:,} bytes of the answer were lost: the disk is full"))
            self._lost = self._spool.lost
            return "error"
        return judge(self._spool, running.request.text, running.start, end)

    # clocks

    def _check_deadlines(self, now: float) -> None:
        timing = self._timing
        if self._closing:
            self._insist_on_end(now)
        elif self.state is State.STARTING and now - self._began > timing.start:
            raise start_timeout(timing.start, self.watcher.phase)
        elif self._running:
            self._check_command(self._running, now)

    def _check_command(self, running: Running, now: float) -> None:
        presses = running.presses
        if not len(presses):
            if running.request.background and self._waiting and now - running.began > self._timing.give_way:
                self._interrupt("interrupted")
            elif limit := running.passed(now, self.activity.idle(now) if self.state is State.BUSY else 0.0):
                self._publish(Notice(f"{running.request.text!r} is interrupted: {limit}"))
                self._interrupt("timeout")
            return
        if presses.due(now):
            self._interrupt("interrupted")
        if presses.in_vain(now):
            self._publish(
                Notice(
                    "crash has not reacted to Ctrl-C yet; a gdb command in a pipe cannot be interrupted: "
                    "wait for it, or end the session"
                )
            )
        if running.ending == "timeout" and presses.since(now) > self._timing.give_up:
            raise stuck(running.request.text)

    def _look_at_activity(self, now: float) -> None:
        """Is a silent crash working? At its prompt and at a question it is its user who is silent."""
        if self._closing or self.state not in (State.STARTING, State.BUSY):
            return
        self._say_activity(self.activity.look)
        if self.activity.hangs(now, self._timing.silent):
            doing = f"phase: {self.watcher.phase}" if self._running is None else repr(self._running.request.text)
            self._publish(Notice(f"crash has printed nothing and used no CPU for {self._timing.silent:g} s ({doing})"))
            self._publish(ActivityChanged(self.activity.text))

    def _say_activity(self, change: Callable[[float], object]) -> None:
        """Apply ``change`` and tell what it did to the words."""
        before = self.activity.text
        change(time.monotonic())
        if self.activity.text != before:
            self._publish(ActivityChanged(self.activity.text))

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
        if lost := self._transport.lost():
            return lost
        if self._starting:
            return self.watcher.failure(ending.exit_status, ending.signal)
        return died(ending, self._running.request.text if self._running else None)
