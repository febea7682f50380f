# SPDX-License-Identifier: Apache-2.0
"""What crash answered last to each command that is shown: asked for one at a time behind its user, read on a thread.

A view wants a command; when it is no longer looked at it lets go of it, and what nobody wants is not sent, or is
interrupted. A command that the user types serves a view as well as its own.
"""

from __future__ import annotations

import enum
import queue
import threading
import time
from collections.abc import Callable

import msgspec

from xcrash import parse
from xcrash.errors import XcrashError
from xcrash.open_session import OpenSession
from xcrash.parse.answer import NoData
from xcrash.parse.ps import Ps
from xcrash.parse.value import CommandOutput, ParsedValue
from xcrash.session import CommandResult, CommandStarted
from xcrash.session.values import Exit

MOST_BYTES = 1 << 27
"""An answer longer than this is not read into values: it stays text."""

_UNRECORDED = "this recording has no answer to it"


class Standing(enum.Enum):
    """How far the answer to a command is."""

    UNKNOWN = "not asked"
    WAITING = "waiting"
    RUNNING = "running"
    READING = "reading"
    KNOWN = "known"
    FAILED = "failed"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What crash answered to ``command``: the value read from the bytes ``start`` to ``end`` of the spool.

    ``value`` is None where there is none, and ``why`` says why in words. ``at`` is the monotonic clock when it ended,
    ``number`` that of its CommandResult (0: it was never asked).
    """

    command: str
    value: ParsedValue | None
    exit: Exit
    why: str = ""
    seconds: float = 0.0
    start: int = 0
    end: int = 0
    at: float = 0.0
    number: int = 0

    @property
    def age(self) -> float:
        """Seconds since it was given."""
        return time.monotonic() - self.at


class Progress(msgspec.Struct, frozen=True):
    """How far the answer to a command is, and for how many seconds."""

    standing: Standing
    seconds: float = 0.0
    why: str = ""


def plain(command: str) -> str:
    """A command line with its blanks made one: how it is known here."""
    return " ".join(command.split())


class Answers:
    """The latest answers of one OpenSession. Not for several threads: ``tell`` alone is called on the reader's own."""

    def __init__(self, opened: OpenSession, tell: Callable[[Answer], None]) -> None:
        self._opened, self._tell = opened, tell
        self._latest: dict[str, Answer] = {}
        self._wanted: dict[str, set[str]] = {}
        self._waiting: list[str] = []
        self._since: dict[str, float] = {}
        self._reading: set[str] = set()
        self._out: tuple[int, str] | None = None
        self._ready = False
        self._era = 0
        self._jobs: queue.SimpleQueue[tuple[int, CommandResult] | None] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self._closed = False

    def latest(self, command: str) -> Answer | None:
        """The latest answer, if there was one."""
        return self._latest.get(plain(command))

    def value(self, command: str) -> ParsedValue | None:
        """What was read from the latest answer."""
        answer = self.latest(command)
        return answer.value if answer else None

    def asked(self, number: int) -> bool:
        """Is this the command that is out for a view now?"""
        return self._out is not None and self._out[0] == number

    def progress(self, command: str) -> Progress:
        """How far it is."""
        command = plain(command)
        since = time.monotonic() - self._since.get(command, time.monotonic())
        if self._out and self._out[1] == command:
            return Progress(Standing.RUNNING, since)
        if command in self._reading:
            return Progress(Standing.READING, since)
        if command in self._waiting:
            return Progress(Standing.WAITING, since)
        answer = self._latest.get(command)
        if answer is None:
            return Progress(Standing.UNKNOWN)
        return Progress(Standing.FAILED if answer.value is None else Standing.KNOWN, answer.age, answer.why)

    # what views want

    def want(self, command: str, wanter: str) -> None:
        """Ask for ``command`` unless it is answered already."""
        command = plain(command)
        if command in self._latest:
            return
        self.refresh(command, wanter)

    def refresh(self, command: str, wanter: str) -> None:
        """Ask for ``command`` although an answer may be known; a recording has only one."""
        command = plain(command)
        self._wanted.setdefault(command, set()).add(wanter)
        recording = self._opened.target.recording
        if recording:
            if recording.answer_to(command) is None and command not in self._latest:
                self._know(Answer(command=command, value=None, exit="error", why=_UNRECORDED))
            return
        if command not in self._waiting and not (self._out and self._out[1] == command):
            self._since[command] = time.monotonic()
            self._waiting.append(command)
        self._send_next()

    def drop(self, wanter: str) -> None:
        """What ``wanter`` asked for and nobody else wants is taken back."""
        for command, wanters in list(self._wanted.items()):
            wanters.discard(wanter)
            if wanters:
                continue
            del self._wanted[command]
            if command in self._waiting:
                self._waiting.remove(command)
            elif self._out and self._out[1] == command:
                self._opened.session.cancel(self._out[0])

    # what the session says

    def ready(self) -> None:
        """crash is at its first prompt: what is wanted can be asked for."""
        self._ready = True
        self._send_next()

    def started(self, event: CommandStarted) -> None:
        """A command was sent."""
        self._since[plain(event.command)] = time.monotonic()

    def finished(self, result: CommandResult, wanted: bool) -> None:
        """A command ended; ``wanted``: some view shows its answer, whoever asked."""
        command = plain(result.command)
        mine = self.asked(result.id)
        if mine:
            self._out = None
        if result.exit in ("ok", "error") and (mine or wanted):
            self._read(command, result)
        elif mine and result.exit == "interrupted" and self._wanted.get(command):
            # It gave way to its user: again, when there is time.
            self._waiting.insert(0, command)
        elif mine:
            self._know(_unread(command, result, f"it ended: {result.exit}"))
        self._send_next()

    def reset(self) -> None:
        """Another crash is going to be started: what is known is of the last one."""
        self._latest.clear()
        self._waiting.clear()
        self._wanted.clear()
        self._reading.clear()
        self._out, self._ready = None, False
        self._era += 1

    def close(self) -> None:
        """End the reader; what is answered from now on is not read any more."""
        self._closed = True
        self._jobs.put(None)

    def _send_next(self) -> None:
        session = self._opened.session
        if not self._ready or self._out or session.gone:
            return
        while self._waiting and not self._out:
            command = self._waiting.pop(0)
            try:
                self._out = (session.submit(command, background=True, recorded=True), command)
            except XcrashError as error:
                self._know(Answer(command=command, value=None, exit="error", why=error.message))

    def _know(self, answer: Answer) -> None:
        self._latest[answer.command] = answer
        self._tell(answer)

    # reading

    def _read(self, command: str, result: CommandResult) -> None:
        if self._closed:
            return
        if result.bytes > MOST_BYTES:
            self._know(_unread(command, result, f"{result.bytes:,} bytes are not read into a table"))
            return
        self._reading.add(command)
        if self._reader is None:
            self._reader = threading.Thread(target=self._reads, name="xcrash-reader", daemon=True)
            self._reader.start()
        self._jobs.put((self._era, result))

    def _reads(self) -> None:
        while job := self._jobs.get():
            era, result = job
            answer = _answer(self._opened, result)
            if era == self._era:
                self._latest[answer.command] = answer
                self._reading.discard(answer.command)
                self._tell(answer)


def _answer(opened: OpenSession, result: CommandResult) -> Answer:
    command = plain(result.command)
    value = parse.read(command, opened.session.text(result.start, result.end))
    if isinstance(value, NoData) or (value is None and result.exit == "error"):
        remarks = value.remarks if isinstance(value, CommandOutput) else ()
        said = next((one.text for one in remarks), "crash refused it")
        return _unread(command, result, said)
    if value is None:
        return _unread(command, result, "its answer has no table in it")
    if isinstance(value, Ps):
        # The views go through all tasks at each drawing, on the thread of the screen: they are made once, here.
        value = msgspec.structs.replace(value, tasks=tuple(value.tasks))
    return msgspec.structs.replace(_unread(command, result, ""), value=value)


def _unread(command: str, result: CommandResult, why: str) -> Answer:
    return Answer(
        command=command,
        value=None,
        exit=result.exit,
        why=why,
        seconds=result.seconds,
        start=result.start,
        end=result.end,
        at=time.monotonic(),
        number=result.id,
    )
