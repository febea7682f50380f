# SPDX-License-Identifier: Apache-2.0
"""An open session with everything that belongs to it: the target, the plan, the recording, the private directory."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from xcrash import locations
from xcrash.diagnosis import Diagnosis
from xcrash.discovery.crash_program import crash_not_found
from xcrash.errors import SessionError, StartError, XcrashError
from xcrash.kernel_cache import is_unpacked, unpack_once
from xcrash.literal import one_line
from xcrash.plan import LaunchPlan, Recipe
from xcrash.rescue import DIAGNOSIS, Failure, Offer, offers, rung_with
from xcrash.session import (
    CommandFinished,
    CommandResult,
    Event,
    Notice,
    PtyTransport,
    Recorder,
    Session,
    SessionGone,
    Spool,
    StartedAgain,
    Timing,
    endings,
    faults,
)
from xcrash.session.guard import Guard, Risk
from xcrash.target import Choices, Target, dry_recipe, plan_for
from xcrash.transcript.asciicast import Facts
from xcrash.transcript.record import CastRecorder, Lane, recording_path
from xcrash.workplace import Workplace, workplace

if TYPE_CHECKING:
    from xcrash.transcript.replay import ReplayTransport

_SETTLING = 60.0
"""Seconds, far more than the thread of a session takes behind its end to say what follows."""


def _spool() -> Spool:
    """A spool in the state directory, or where temporary files go if that cannot be written."""
    try:
        return Spool.create(locations.state())
    except SessionError:
        return Spool.create(Path(tempfile.gettempdir()))


class OpenSession:
    """A session with what belongs to it: the target, the recording, the private directory.

    ``session`` is replaced when crash is started again (``take``, ``restart``): the same spool, directory and listener,
    a new recording. Of a dump it is started again by itself when it ended over a command by a fault of its own: the
    listener hears StartedAgain, the recording goes on, and ``deaths`` keeps what is known of that command. ``rung`` is
    the rung of the rescue ladder it stands on, None for the plain start; ``offers`` are those worth trying after the
    failure that was explained last, ``advice`` what else to do about it.
    """

    def __init__(self, target: Target, choices: Choices, listener: Callable[[Event], None] | None = None) -> None:
        """Prepare the session; ``session.start()`` starts it. Raises XcrashError."""
        self.target = target
        self.plan: LaunchPlan | None = None
        self.recording: str | None = target.path if target.recording else None
        self.recording_stopped = False
        self.rung: Offer | None = None
        self.offers: tuple[Offer, ...] = ()
        self.failed: XcrashError | None = None
        self.advice = ""
        self.history: tuple[str, ...] = ()
        self.deaths: list[tuple[CommandResult, SessionError]] = []
        self.choices = choices
        self.guard = Guard(
            live=target.kind == "live", allowed=choices.allowed, host=target.name if target.far else None
        )
        self._plain: LaunchPlan | None = None
        self._tried: list[tuple[str, ...]] = []
        self._first: tuple[str, XcrashError] | None = None
        self._diagnosis: Diagnosis | None = None
        self._ended = False
        self._place: Workplace | None = None
        self._listener = listener
        self._file: CastRecorder | None = None
        self._lane: Lane | None = None
        self._shared = False
        self._last: CommandResult | None = None
        self._settled: Session | None = None
        self._turned = threading.Condition()
        self.replay: ReplayTransport | None = None
        if target.recording:
            # Imported only here: with the readers of recordings it takes as long as all the rest.
            from xcrash.transcript.replay import ReplayTransport

            transport = self.replay = ReplayTransport(target.recording, choices.speed)
            timing = Timing(settle=0.0, settle_glued=0.0) if choices.speed == 0 else Timing()
            self.session = Session(transport, _spool(), listener=self._hear, timing=timing)
        else:
            self._prepare_crash(choices)

    def _prepare_crash(self, choices: Choices) -> None:
        if self.target.crash is None:
            raise crash_not_found(choices.crash)
        self._place = workplace(self.target.far)
        try:
            recipe = dry_recipe(self.target, choices)._replace(workdir=self._place.directory)
            self.plan = self._plain = self._make_ready(recipe, self._place)
            self.session = self._new_session(self.plan, _spool(), self._recorder())
        except BaseException:
            self._leave()
            raise

    def _transport(self, plan: LaunchPlan, argv: tuple[str, ...] = ()) -> PtyTransport:
        """crash with the command line of the plan, or with another one."""
        if self._place is None:
            raise SessionError("no-restart", "there is no crash to start again", "open the target again")
        return self._place.transport(plan, (*plan.wrapper, *(argv or plan.argv)))

    def _new_session(self, plan: LaunchPlan, spool: Spool, recorder: Recorder | None) -> Session:
        transport = self._transport(plan)
        return Session(transport, spool, listener=self._hear, recorder=recorder, guard=self.guard)

    def _make_ready(self, recipe: Recipe, place: Workplace) -> LaunchPlan:
        """The plan, once what it needs is there: unpacked kernels, links to names that crash can take, gdb's files."""
        plan = plan_for(self.target, recipe)
        if plan.refusal:
            raise plan.refusal.as_error()
        try:
            for work in plan.unpacking:
                if not is_unpacked(work):
                    self._notice(f"unpacking {one_line(work.source)} into {one_line(str(Path(work.target).parent))}")
                unpack_once(work)
        except StartError as error:
            if not recipe.room:
                raise
            self._notice(f"{one_line(error.message)}: what crash can unpack itself is left to it")
            return self._make_ready(recipe._replace(room=0), place)
        refused = place.write(plan)
        if refused:
            self._notice(f"no index cache, so that every start is slow: {one_line(refused)}")
        return plan

    def record_in(self, lane: Lane, path: str) -> None:
        """Before the start: this session is recorded in the file ``path``, which it shares with others."""
        if self.plan is None:
            return
        self._lane, self._shared, self.recording = lane, True, path
        self.session = self._new_session(self.plan, self.session.spool, lane)

    def _recorder(self) -> Lane | None:
        """Start the recording; when that fails the session goes on without, and says so."""
        if self._shared:
            return self._lane
        self.recording, self.recording_stopped = None, False
        self._close_file()
        if not self.choices.record or self.plan is None:
            return None
        try:
            self._file = CastRecorder(
                recording_path(locations.recordings(), self.target.name), self.facts(), self._recording_stopped
            )
        except OSError as error:
            self._notice(f"this session is not recorded: {error}")
            return None
        self.recording = str(self._file.path)
        self._lane = self._file.lane()
        return self._lane

    def _close_file(self) -> None:
        if self._file:
            self._file.close()
        self._file = self._lane = None

    def facts(self) -> Facts:
        """What a recording of this session says of it."""
        target, plan = self.target, self.plan or LaunchPlan(mode="replay")
        # What is known of the dump of a machine is known of its Dom0.
        wanted, kernel = target.wanted, plan.namelist
        own = wanted if target.view != "xen" else None
        return Facts(
            argv=plan.argv,
            kind="live" if target.kind == "live" else "vmcore",
            release=(own.release if own else None) or (kernel.release if kernel else None),
            build_id=own.build_id if own else None,
            dump=plan.memory.chosen,
            dump_format=wanted.format if wanted else None,
            namelist=kernel.path if kernel else None,
            namelist_build_id=kernel.build_id if kernel else None,
            view=target.view,
        )

    def _recording_stopped(self, text: str) -> None:
        self.recording_stopped = True
        self._notice(text)

    def _notice(self, text: str) -> None:
        if self._listener:
            self._listener(Notice(text))

    # when crash does not start

    def bring_up(self) -> None:
        """Start crash and wait for its prompt; where the user chose so, one fitting rung after the other.

        Raises the XcrashError of a start that failed, explained.
        """
        self.session.start()
        self.wait_up()

    def wait_up(self) -> None:
        """``bring_up`` behind the start of the session."""
        while True:
            try:
                self.session.wait_ready()
                return
            except XcrashError as error:
                explained = self.explain(error)
                if not self.rescues:
                    raise explained from error
                self.take(self.offers[0])
                self.session.start()

    def questions(self, line: str) -> tuple[Risk, ...]:
        """What the user is to be asked before ``line`` is sent: nothing for a recording, nor with ``--no-input``."""
        return self.guard.questions(line) if self.choices.ask and not self.target.recording else ()

    @property
    def directory(self) -> Path | None:
        """The private directory that crash works in; a recording has none, and that on another machine is not here."""
        return self._place.local if self._place else None

    @property
    def rescues(self) -> bool:
        """Shall the next rung be taken without asking, and is there one?"""
        return self.choices.rescue and bool(self.offers)

    def explain(self, error: XcrashError) -> XcrashError:
        """``error`` of a failed start with what is known of the files and the rung to try next; sets ``offers``.

        Of a start that said nothing the reason is looked for by another start with -d1, which takes as long again.
        """
        self.offers = ()
        if self.target.recording and self.target.recording.abandoned:
            return StartError(
                "start-abandoned",
                "this recording ends where its user ended the start of crash",
                "open the dump itself again",
            )
        if self._plain is None or self.session.was_ready:
            return error
        message, hint, lines = error.message, error.hint, [one.text for one in self.session.messages]
        if self._first and self._first[0] == error.message:
            message, hint = self._first[1].message, self._first[1].hint
        elif self.rung:
            message = f"with {self.rung.text}: {message}"
        elif error.code == "start-silent" and (words := self._last_words()):
            message = f"{message}; with -d1 the last line was: {words}"
            hint = "the usual cause is a truncated or damaged dump"
        known = type(error)(error.code, message, self._missing(error) or hint)
        self._first = self._first or (error.message, known)
        failure = Failure(error=known, phase=self.session.phase, lines=tuple(lines))
        self.offers = offers(self._plain, failure, self.target.dump, self._tried)
        tried = ", ".join(" ".join(options) for options in self._tried)
        self.advice = "; ".join(filter(None, (known.hint, f"tried without success: {tried}" if tried else "")))
        self.failed = type(error)(error.code, message, "; ".join(filter(None, (self.advice, self._next_step()))))
        return self.failed

    def _missing(self, error: XcrashError) -> str | None:
        missing = self.target.dump.missing_bytes if self.target.dump else None
        if missing and isinstance(error, StartError):
            return f"the dump lacks at least {missing:,} bytes: copy it again and compare sizes"
        return None

    def _next_step(self) -> str:
        if not self.offers:
            return ""
        offer = self.offers[0]
        return f"or start with {offer.text}, as --rescue does ({offer.rung.cost})"

    def _last_words(self) -> str | None:
        """What crash says last with -d1."""
        plan = self._plain
        rung = rung_with(plan, DIAGNOSIS) if plan else None
        if plan is None or rung is None or self._ended:
            return None
        self._notice("crash ended without a message; it is started once more with -d1 to see where")
        self._diagnosis = Diagnosis(self._transport(plan, rung.argv), self.session.spool, self._listener)
        words = self._diagnosis.words()
        return one_line(words) if words else None

    def take(self, offer: Offer) -> None:
        """Prepare another start on a rung; ``session.start()`` starts it. The files stay the same."""
        if self._plain is None or not self.session.gone:
            return
        failed = f"start failed: {self.failed.message}; " if self.failed else ""
        self._notice(f"{failed}trying {offer.text}: {offer.rung.cost}")
        self._tried.append(offer.options)
        self.rung, self.offers = offer, ()
        wrapper = self._plain.wrapper if offer.rung.wrapped else ()
        self.plan = msgspec.structs.replace(self._plain, argv=offer.rung.argv, wrapper=wrapper)
        self.session = self._new_session(self.plan, self.session.spool, self._recorder())

    # when crash has died

    def restart(self, automatic: Collection[int] = ()) -> None:
        """Prepare a new crash in place of one that is gone, with the same plan; ``session.start()`` starts it.

        ``history`` then holds the commands of the dead session behind those that still wait to be sent again; what
        did not end by itself, and the numbers in ``automatic``, are left out. Raises SessionError when there is nothing
        to restart.
        """
        self._again(automatic, goes_on=False)

    def _again(self, automatic: Collection[int], goes_on: bool) -> None:
        """``restart``; with ``goes_on`` in the same recording."""
        if self.plan is None or not self.session.gone or self._ended:
            raise SessionError("no-restart", "there is no crash to start again", "open the target again")
        done = (one for one in self.session.results if one.exit in ("ok", "error") and one.id not in automatic)
        self.history += tuple(result.command for result in done)
        recorder = self._lane if goes_on else self._recorder()
        self.session = self._new_session(self.plan, self.session.spool, recorder)

    def run(self, line: str, timeout: float | None = None, idle: float | None = None) -> CommandResult:
        """Send ``line`` and wait, as ``Session.run``; where crash ends over it and is started again, it has "died"."""
        session = self.session
        if session.gone and session.gone.error:
            raise session.gone.error
        try:
            return session.run(line, timeout, idle)
        except XcrashError:
            died = next((one for one in reversed(session.results) if one.exit == "died"), None)
            if died is None or not self._comes_back(session):
                raise
            with contextlib.suppress(XcrashError):  # which the next command tells
                self.session.wait_ready()
            return died

    def death(self, result: CommandResult) -> SessionError | None:
        """What is known of the end of a crash that was started again behind this command."""
        return next((error for one, error in self.deaths if one is result), None)

    def _comes_back(self, session: Session) -> bool:
        """Is another crash started in place of the one of ``session``, which has ended?"""
        with self._turned:
            self._turned.wait_for(lambda: self._settled is session, _SETTLING)
            return self.session is not session

    def _hear(self, event: Event) -> None:
        if isinstance(event, CommandFinished):
            self._last = event.result
        elif isinstance(event, SessionGone):
            event = self._behind(event)
        if self._listener:
            self._listener(event)
        if isinstance(event, StartedAgain):
            self.session.start()

    def _behind(self, gone: SessionGone) -> Event:
        """What becomes of a session that is gone, on its own thread: the end of it, or another crash."""
        session, last, view = self.session, self._last, self.target.view
        how = endings.in_words(gone.exit_status, gone.signal)
        again = False
        # Under the lock, so that an end from another thread meets the old crash or the new one.
        with self._turned:
            if last and self.target.kind == "dump" and not self._ended and faults.is_fault(gone, last, view):
                with contextlib.suppress(XcrashError, OSError):
                    self._again((), goes_on=True)
                    self.guard.ended_by(last.command, how)
                    self.deaths.append((last, faults.survived(last.command, how, view)))
                    again = True
            self._settled = session
            self._turned.notify_all()
        if last is None or not again:
            return gone
        self._notice(faults.in_words(last.command, how, view))
        return StartedAgain(last.command, how, gone.exit_status, gone.signal)

    def end(self, wait: bool = True) -> None:
        """End crash, and the search for a reason if there is one; may be called from any thread."""
        with self._turned:
            self._ended = True
            session = self.session
        if self._diagnosis:
            self._diagnosis.stop()
        session.close(wait)

    def close(self) -> None:
        """End crash and remove the private directory; the recording stays."""
        self.end()
        self._close_file()
        self.session.spool.close()
        self._leave()

    def _leave(self) -> None:
        if self._place:
            self._place.remove()
            self._place = None
