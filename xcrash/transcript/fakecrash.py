# SPDX-License-Identifier: Apache-2.0
"""A program that behaves like the crash of a recording: it plays an asciicast over the terminal it runs on.

For tests of the real pty transport only; nothing in the package imports it. It needs the standard library alone:

    python3 -I -S fakecrash.py CAST

Like crash it is signalled when its parent thread ends, ignores SIGTERM and SIGHUP, cleans up on SIGUSR2 and returns to
its prompt on Ctrl-C. Questions and pagers are outputs that end without a prompt, and the answer is the next input.
Bytes that are not UTF-8 stand in the recording as lone surrogates. Environment, how it plays:

    XC_REPLAY_SPEED         0 at once, 1 as recorded
    XC_REPLAY_STRICT        a line that was not recorded next ends it with status 97 and a diff
    XC_REPLAY_CHUNK         bytes per write
    XC_REPLAY_DRIP          seconds to stop behind each write
    XC_REPLAY_ECHO          the terminal echoes what is typed
    XC_REPLAY_ENTER         printed after each line that was typed (readline: end of bracketed paste)

where it breaks off; AT takes the number of an event, AFTER a text that has just been printed:

    XC_REPLAY_DIE_AT        it ends with status 1
    XC_REPLAY_DIE_AFTER     the same
    XC_REPLAY_FAULT_AFTER   it ends by SIGSEGV
    XC_REPLAY_HANG_AT       it stops for ever
    XC_REPLAY_HANG_AFTER    the same
    XC_REPLAY_BUSY_AT       it computes for ever and says nothing
    XC_REPLAY_CLOSE_AFTER   it closes the terminal and lives on
    XC_REPLAY_STOP_AFTER    it sends itself SIGSTOP; SIGCONT lets it go on

what it does besides, those in front of an answer once, in front of the first one:

    XC_REPLAY_PAINT         a progress line is painted and erased in front of the banner's KERNEL, on the same line
    XC_REPLAY_PROMPT_EVERY  the prompt is printed in front of every so-manieth line of an answer
    XC_REPLAY_PROMPT_PAUSE  seconds to stop behind each prompt inside the output
    XC_REPLAY_BYTES         in hexadecimal, printed in front of an answer
    XC_REPLAY_FLOOD         so many bytes are generated in front of an answer, in numbered lines (see generated)
    XC_REPLAY_LONG_LINE     the same, all in one line
    XC_REPLAY_ASK           this question, which takes y or n, is asked in front of an answer; n ends the command
    XC_REPLAY_PAGER         answers stop in a pager behind so many lines; q ends the command
    XC_REPLAY_TEMPORARY     a file of this name is in TMPDIR until it ends; SIGKILL leaves it (crash's unpacked kernel)

and how it takes signals:

    XC_REPLAY_DEAF          seconds from the first Ctrl-C on during which Ctrl-C is ignored
    XC_REPLAY_DEAF_PRESSES  how often Ctrl-C is ignored
    XC_REPLAY_MORTAL        SIGTERM and SIGHUP end it, as at the very beginning of a start
    XC_REPLAY_STUBBORN      quitting and SIGUSR2 are ignored as well: only SIGKILL ends it
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import termios
import time
from collections.abc import Iterator
from types import FrameType

PR_SET_PDEATHSIG = 1
MISMATCH = 97
READ = 65536
BLOCK = 4096
PAINTED = "please wait... (determining panic task)"
MORE = "\x1b[7m -- MORE --  forward: <SPACE>, <ENTER> or j  backward: b or k  quit: q\x1b[m"


class Cut(Exception):  # noqa: N818 - an event, not an error
    """The rest of an answer is left out, and this text printed in front of the prompt."""


INTERRUPTED = "^C\r\n"


def knob(name: str) -> str:
    """An environment variable; empty when it is not set."""
    return os.environ.get(f"XC_REPLAY_{name}", "")


def number(name: str, otherwise: float = 0) -> float:
    """An environment variable that holds a number."""
    return float(knob(name) or otherwise)


def switched_on(name: str) -> bool:
    """Is an environment variable set to something other than 0?"""
    return knob(name) not in ("", "0")


def generated(size: int, end: bytes = b"\r\n") -> Iterator[bytes]:
    """``size`` bytes in blocks of 4096: a number of 15 digits, a blank, dots, and ``end``; the last one may be cut."""
    for count in range(-(-size // BLOCK)):
        block = (b"%015d " % count).ljust(BLOCK - len(end), b".") + end
        yield block[: size - count * BLOCK]


def wait_for_ever() -> None:
    """Stop; signals are still handled."""
    while True:
        time.sleep(3600)


class Terminal:
    """What is written, and how: in pieces, with pauses, and what happens behind certain words."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt.encode("utf-8", "surrogateescape")
        self.chunk = int(number("CHUNK", READ))
        self.drip = number("DRIP")
        self.pause = number("PROMPT_PAUSE")
        events = {
            "DIE": self._die,
            "FAULT": self._fault,
            "HANG": wait_for_ever,
            "CLOSE": self._close,
            "STOP": self._stop,
        }
        self.after = [
            (words.encode("utf-8", "surrogateescape"), happen)
            for name, happen in events.items()
            if (words := knob(f"{name}_AFTER"))
        ]

    @staticmethod
    def _die() -> None:
        os._exit(1)

    @staticmethod
    def _fault() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.kill(os.getpid(), signal.SIGSEGV)

    @staticmethod
    def _close() -> None:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        wait_for_ever()

    @staticmethod
    def _stop() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def write(self, data: bytes) -> None:
        """Write ``data``; what is to happen behind certain words happens."""
        for words, happen in self.after:
            at = data.find(words)
            if at >= 0:
                end = at + len(words)
                self._pieces(data[:end])
                happen()
                data = data[end:]
        self._pieces(data)

    def _pieces(self, data: bytes) -> None:
        view = memoryview(data)
        pauses = self._pauses(data) if self.pause else []
        at = 0
        while at < len(view):
            end = min([at + self.chunk, len(view), *pauses[:1]])
            at += os.write(1, view[at:end])
            if self.drip:
                time.sleep(self.drip)
            if pauses and at == pauses[0]:
                del pauses[0]
                time.sleep(self.pause)

    def _pauses(self, data: bytes) -> list[int]:
        places = []
        at = data.find(self.prompt)
        while 0 <= at < len(data) - len(self.prompt):
            places.append(at + len(self.prompt))
            at = data.find(self.prompt, at + 1)
        return places


class FakeCrash:
    """The state of one play."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as handle:  # noqa: PTH123 - pathlib would double the start-up time
            header = json.loads(handle.readline())
            self.events = [json.loads(line) for line in handle if line.endswith("\n")]
        self.prompt = header.get("xcrash", {}).get("prompt", "crash> ")
        self.terminal = Terminal(self.prompt)
        self.at = 0
        self.clock = 0.0
        self.typed = b""
        self.speed = number("SPEED")
        self.strict = switched_on("STRICT")
        self.stubborn = switched_on("STUBBORN")
        self.enter = knob("ENTER")
        self.die_at, self.hang_at, self.busy_at = (int(number(f"{what}_AT", -1)) for what in ("DIE", "HANG", "BUSY"))
        self.paint = switched_on("PAINT")
        self.prompt_every, self.page = int(number("PROMPT_EVERY")), int(number("PAGER"))
        self.answering = self.disturbed = False
        self.lines = 0
        self.deaf_until: float | None = None
        self.deaf_presses = int(number("DEAF_PRESSES"))
        self.may_interrupt = False
        self.was_interrupted = False
        name = knob("TEMPORARY")
        self.temporary = os.path.join(os.environ["TMPDIR"], name) if name else None  # noqa: PTH118 - as above
        if self.temporary:
            os.close(os.open(self.temporary, os.O_CREAT | os.O_EXCL, 0o600))

    def end(self, status: int) -> None:
        """End as crash does when it can clean up."""
        if self.temporary:
            os.unlink(self.temporary)  # noqa: PTH108 - as above
        os._exit(status)

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """The handler of SIGINT; it jumps only out of places that can be left."""
        now = time.monotonic()
        if self.deaf_until is None:
            self.deaf_until = now + number("DEAF")
        self.deaf_presses -= 1
        if self.deaf_presses >= 0 or now < self.deaf_until:
            return
        if self.may_interrupt:
            self.may_interrupt = False
            raise Cut(INTERRUPTED)
        self.was_interrupted = True

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """A stretch that Ctrl-C ends, also one that was pressed shortly before."""
        try:
            self.may_interrupt = True
            if self.was_interrupted:
                raise Cut(INTERRUPTED)
            yield
        finally:
            self.may_interrupt = self.was_interrupted = False

    def say(self, text: str) -> None:
        """Write to the terminal."""
        self.terminal.write(text.encode("utf-8", "surrogateescape"))

    def show(self, text: str) -> None:
        """Write recorded output, with everything that is to disturb it."""
        if self.paint and "KERNEL: " in text:
            self.paint = False
            before, _, behind = text.partition("KERNEL: ")
            blanks = " " * (len(before) - len(before.rstrip(" ")))
            erased = " " * len(PAINTED)
            text = f"{before.rstrip(' ')}\r{PAINTED}\r{erased}\r{blanks}KERNEL: {behind}"
        if not self.answering or not (self.prompt_every or self.page):
            self.say(text)
            return
        for line in text.splitlines(keepends=True):
            self._show_line(line)

    def _show_line(self, line: str) -> None:
        whole = line.endswith("\n")
        self.lines += whole
        self.say(self.prompt + line if whole and self.prompt_every and self.lines % self.prompt_every == 0 else line)
        if whole and self.page and self.lines % self.page == 0:
            self.say(MORE)
            key = self._line()
            self.say("\r\x1b[K")
            if key == "q":
                raise Cut

    def disturb(self) -> None:
        """What comes in front of the first answer."""
        self.disturbed = True
        self.say(bytes.fromhex(knob("BYTES")).decode("utf-8", "surrogateescape"))
        for size, end in ((number("FLOOD"), b"\r\n"), (number("LONG_LINE"), b"")):
            for block in generated(int(size), end):
                self.terminal.write(block)
        question = knob("ASK")
        while question:
            self.say(question)
            answer = self._line()
            if answer == "n":
                raise Cut
            if answer == "y":
                break
            self.say("Please answer y or n.\r\n")

    def play(self) -> str | None:
        """Play outputs up to the next recorded input, which is returned; None at the end of the recording."""
        while self.at < len(self.events):
            when, code, data = self.events[self.at][:3]
            if self.at == self.die_at:
                os._exit(1)
            while self.at == self.hang_at:
                time.sleep(3600)
            while self.at == self.busy_at:
                pass
            if self.speed > 0:
                time.sleep(max(0.0, (when - self.clock) / self.speed))
            self.clock = when
            self.at += 1
            if code == "o":
                self.show(data)
            elif code == "i":
                return str(data).rstrip("\r\n")
            elif code == "x":
                self.end(int(data or 0))
        return None

    def find(self, line: str) -> bool:
        """Go to the next recorded ``line``, from here on or from the beginning."""
        order = [*range(self.at, len(self.events)), *range(self.at)]
        for place in order:
            if self.events[place][1] == "i" and str(self.events[place][2]).rstrip("\r\n") == line:
                self.at, self.clock = place + 1, self.events[place][0]
                return True
        return False

    def obey(self, line: str, expected: str | None) -> None:
        """Answer one line that was typed."""
        if line.startswith("echo xcrash-"):
            self.say(line[5:] + "\r\n" + self.prompt)
        elif line in ("q", "quit", "exit") and not self._answers(line, expected):
            if not self.stubborn:
                self.end(0)
        elif self.strict and line != expected:
            self.say(f"\r\n--- recorded\r\n+++ typed\r\n-{expected}\r\n+{line}\r\n")
            self.end(MISMATCH)
        elif line == expected or self.find(line):
            return
        else:
            self.say(f"crash: command not found: {line.split(' ')[0]}\r\n{self.prompt}" if line else self.prompt)

    def _answers(self, line: str, expected: str | None) -> bool:
        """Is ``line`` the recorded answer to a pager or a question, rather than the end of the session?"""
        return line == expected and self.at < len(self.events) and self.events[self.at][1] == "o"

    def run(self) -> None:
        """Play until the recording or the terminal ends."""
        expected = self._until_input()
        while True:
            try:
                with self.interruptible():
                    line = self._line()
            except Cut as cut:
                self.typed = b""
                self.say(f"{cut}{self.prompt}")
                continue
            self.say(self.enter)
            before = self.at
            self.obey(line, expected)
            if line == expected or self.at != before:
                self.answering, self.lines = True, 0
                expected = self._until_input()

    def _line(self) -> str:
        while b"\n" not in self.typed:
            data = b""
            with contextlib.suppress(OSError):
                data = os.read(0, READ)
            if not data:
                self.end(1)
            self.typed += data
        line, _, self.typed = self.typed.partition(b"\n")
        return line.decode("utf-8", "surrogateescape")

    def _until_input(self) -> str | None:
        try:
            with self.interruptible():
                if self.answering and not self.disturbed:
                    self.disturb()
                return self.play()
        except Cut as cut:
            while self.at < len(self.events) and self.events[self.at][1] != "i":
                self.at += 1
            if self.at < len(self.events):
                self.clock = self.events[self.at][0]
            self.say(f"{cut}{self.prompt}")
            return self.play()


def main() -> None:
    """Behave like crash towards signals and the terminal, then play."""
    with contextlib.suppress(OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGUSR2)
    fake = FakeCrash(sys.argv[1])

    def clean_exit(_number: int, _frame: FrameType | None) -> None:
        if not fake.stubborn:
            fake.end(1)

    signal.signal(signal.SIGINT, fake.interrupt)
    signal.signal(signal.SIGUSR2, clean_exit)
    # Set either way: who was started by nohup has inherited that SIGHUP is ignored.
    obeys = signal.SIG_DFL if switched_on("MORTAL") else signal.SIG_IGN
    signal.signal(signal.SIGTERM, obeys)
    signal.signal(signal.SIGHUP, obeys)
    settings = termios.tcgetattr(0)
    if switched_on("ECHO"):
        settings[3] |= termios.ECHO
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(0, termios.TCSANOW, settings)
    fake.run()


if __name__ == "__main__":
    main()
