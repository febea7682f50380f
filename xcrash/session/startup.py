# SPDX-License-Identifier: Apache-2.0
"""Watching crash start: which phase it is in, what it complained about, and why it failed."""

from __future__ import annotations

import re

from xcrash.errors import NamelistError, StartError, XcrashError
from xcrash.session.messages import Message, MessageClass, classify
from xcrash.session.prompt import strip_escapes

_SEPARATORS = re.compile(rb"[\r\n]+")
_WAIT = re.compile(r"please wait\.\.\. \((?P<what>.+)\)\s*$")
_VERSION = re.compile(r"^(?P<name>\S+) (?P<version>\d+\.\d+\S*)\s*$")
_USAGE = re.compile(r'^(?:Usage:|\s*\S+ \[OPTION\]\.\.\.|Enter "\S+ -h" for details)')
_BANNER = re.compile(r"(?:^|\s)(?:KERNEL|SYSTEM MAP): ")
_UNCLASSIFIED_ERROR = re.compile(r"^[\w.+-]+: \S")
_LENS = re.compile(r"^lens: (?P<what>.+?)(?:; try: (?P<hint>.+))?$")
"""What is in front of crash on a PV Dom0 has something to say: xcrash.lens.launch."""
_NOISE = re.compile(r"^(?:sadump|read_maps): ")
"""Probes that crash makes of every small file (sadump.c, va_server_v1.c); never the cause."""
_GENERIC = ("not a supported file format", "initialization failed")

_TELLING: frozenset[MessageClass] = frozenset({"startup-fatal", "startup-warning", "command-error"})
_MOST_MESSAGES = 1000
"""Kept of a start-up that complains for ever; every one is announced."""

FIRST_PHASE = "starting crash"


class StartupWatcher:
    """Reads start-up output as it comes; knows the phase, crash's version and the messages so far.

    Phases follow main.c:main: options, files, symbols and gdb (the longest silent gap), kernel data, banner.
    """

    def __init__(self) -> None:
        self.phase = FIRST_PHASE
        self._entered: list[str] = [FIRST_PHASE]
        self.version: str | None = None
        self.messages: list[Message] = []
        self._lines: list[str] = []
        self._rest = b""

    def feed(self, data: bytes) -> list[Message]:
        """Take the next bytes; returns the messages that became complete with them. Updates ``phase``."""
        pieces = _SEPARATORS.split(self._rest + data)
        self._rest = pieces.pop()[-8192:]
        seen = [message for piece in pieces if (message := self._line(piece))]
        self._enter(_text(self._rest))
        return seen

    def finish(self) -> list[Message]:
        """The output has ended: an unfinished last line counts as well."""
        return self.feed(b"\n")

    def _line(self, raw: bytes) -> Message | None:
        text = _text(raw)
        if not text.strip():
            return None
        self._lines = [*self._lines[-199:], text]
        # Only of a whole line: half of "crash 8.0.21" is a version as well.
        if self.version is None and (version := _VERSION.match(text)):
            self.version = version["version"]
            self._go_on("reading files and symbols")
        self._enter(text)
        message = classify(text)
        if message is None or message.kind == "progress" or _USAGE.match(text):
            return None
        if len(self.messages) < _MOST_MESSAGES:
            self.messages.append(message)
        return message

    def take_phases(self) -> list[str]:
        """The phases entered since this was asked last; a burst of output can pass through several."""
        entered, self._entered = self._entered, []
        return entered

    def _enter(self, text: str) -> None:
        if wait := _WAIT.search(text):
            self._go_on(wait["what"])
        elif text.startswith("GNU gdb"):
            self._go_on("reading debug info")
        elif _BANNER.search(text):
            self._go_on("printing the banner")

    def _go_on(self, phase: str) -> None:
        if phase != self.phase:
            self.phase = phase
            self._entered.append(phase)

    def failure(self, exit_status: int | None, signal: int | None) -> XcrashError:
        """Why crash ended before its first prompt, from what it printed last."""
        cause = self._cause()
        if cause is None:
            return self._silent(exit_status, signal)
        if lens := _LENS.match(cause):
            return StartError("lens-failed", f"no view of this Dom0's memory: {lens['what']}", lens["hint"] or "")
        known = classify(cause)
        meaning = f" ({known.meaning})" if known and known.meaning else ""
        remedy = known.remedy if known and known.remedy else "start again with --crash-arg=-d1 and read the last lines"
        family = NamelistError if "do not match!" in cause else StartError
        code = "namelist-mismatch" if family is NamelistError else "start-failed"
        return family(code, f"crash could not start: {cause.strip()}{meaning}", remedy)

    def _cause(self) -> str | None:
        """The last error line, or the one before it when the last is only the generic consequence."""
        lines = [line for line in self._lines if not _NOISE.match(line)]
        fatal = [number for number, line in enumerate(lines) if self._is_fatal(line)]
        if not fatal:
            warnings = [message.text for message in self.messages if message.kind == "startup-warning"]
            return warnings[-1] if warnings else None
        last = lines[fatal[-1]]
        if any(words in last for words in _GENERIC):
            before = lines[fatal[-1] - 1] if fatal[-1] else ""
            if classify(before, _TELLING):
                return before
            if len(fatal) > 1:
                return lines[fatal[-2]]
        return last

    @staticmethod
    def _is_fatal(line: str) -> bool:
        if _USAGE.match(line) or line.startswith(("WARNING: ", "NOTE: ", "GNU gdb")):
            return False
        message = classify(line)
        if message is None:
            return bool(_UNCLASSIFIED_ERROR.match(line))
        return message.kind in ("startup-fatal", "command-error")

    def _silent(self, exit_status: int | None, signal: int | None) -> XcrashError:
        how = f"was ended by signal {signal}" if signal else f"ended with status {exit_status}"
        return StartError(
            "start-silent",
            f"crash {how} while {self.phase}, without a message",
            "the usual cause is a truncated or damaged dump; --crash-arg=-d1 shows the last thing crash read",
        )


def _text(raw: bytes) -> str:
    return strip_escapes(raw).decode("utf-8", "replace").replace("\b", "")
