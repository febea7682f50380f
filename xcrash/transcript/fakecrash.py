# SPDX-License-Identifier: Apache-2.0
"""A program that behaves like the crash of a recording: it plays an asciicast over the terminal it runs on.

For tests of the real pty transport only; nothing in the package imports it. It needs the standard library alone:

    python3 -I -S fakecrash.py CAST

Like crash it is signalled when its parent thread ends, ignores SIGTERM and SIGHUP, cleans up on SIGUSR2 and returns to
its prompt on Ctrl-C. Questions and pagers are outputs that end without a prompt, and the answer is the next input.
Bytes that are not UTF-8 stand in the recording as lone surrogates. Environment:

    XC_REPLAY_SPEED         0 at once, 1 as recorded
    XC_REPLAY_STRICT        a line that was not recorded next ends it with status 97 and a diff
    XC_REPLAY_CHUNK         bytes per write
    XC_REPLAY_ECHO          the terminal echoes what is typed
    XC_REPLAY_ENTER         printed after each line that was typed (readline: end of bracketed paste)
    XC_REPLAY_DIE_AT        event number at which it ends with status 1
    XC_REPLAY_HANG_AT       event number at which it stops for ever
    XC_REPLAY_BUSY_AT       event number at which it computes for ever and says nothing
    XC_REPLAY_PROMPT_PAUSE  seconds to stop behind each prompt inside the output
    XC_REPLAY_DEAF          seconds during which Ctrl-C is ignored
    XC_REPLAY_DEAF_PRESSES  how often Ctrl-C is ignored
    XC_REPLAY_STUBBORN      quitting and SIGUSR2 are ignored as well: only SIGKILL ends it
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import termios
import time
from collections.abc import Iterator
from types import FrameType

PR_SET_PDEATHSIG = 1
MISMATCH = 97
READ = 65536


class Interrupted(Exception):  # noqa: N818 - an event, not an error
    """Ctrl-C was pressed."""


def switched_on(name: str) -> bool:
    """Is the environment variable ``name`` set to something other than 0?"""
    return os.environ.get(name, "") not in ("", "0")


class FakeCrash:
    """The state of one play."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as handle:  # noqa: PTH123 - pathlib would double the start-up time
            header = json.loads(handle.readline())
            self.events = [json.loads(line) for line in handle if line.endswith("\n")]
        self.prompt = header.get("xcrash", {}).get("prompt", "crash> ")
        self.at = 0
        self.clock = 0.0
        self.typed = b""
        self.speed = float(os.environ.get("XC_REPLAY_SPEED", "0"))
        self.strict = switched_on("XC_REPLAY_STRICT")
        self.stubborn = switched_on("XC_REPLAY_STUBBORN")
        self.chunk = int(os.environ.get("XC_REPLAY_CHUNK", "65536"))
        self.enter = os.environ.get("XC_REPLAY_ENTER", "")
        self.die_at = int(os.environ.get("XC_REPLAY_DIE_AT", "-1"))
        self.hang_at = int(os.environ.get("XC_REPLAY_HANG_AT", "-1"))
        self.busy_at = int(os.environ.get("XC_REPLAY_BUSY_AT", "-1"))
        self.pause = float(os.environ.get("XC_REPLAY_PROMPT_PAUSE", "0"))
        self.deaf_until = time.monotonic() + float(os.environ.get("XC_REPLAY_DEAF", "0"))
        self.deaf_presses = int(os.environ.get("XC_REPLAY_DEAF_PRESSES", "0"))
        self.may_interrupt = False
        self.was_interrupted = False

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """The handler of SIGINT; it jumps only out of places that can be left."""
        self.deaf_presses -= 1
        if self.deaf_presses >= 0 or time.monotonic() < self.deaf_until:
            return
        if self.may_interrupt:
            self.may_interrupt = False
            raise Interrupted
        self.was_interrupted = True

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """A stretch that Ctrl-C ends, also one that was pressed shortly before."""
        try:
            self.may_interrupt = True
            if self.was_interrupted:
                raise Interrupted
            yield
        finally:
            self.may_interrupt = self.was_interrupted = False

    def say(self, text: str) -> None:
        """Write to the terminal in pieces, stopping behind prompts inside the text if told to."""
        data = memoryview(text.encode("utf-8", "surrogateescape"))
        pauses = self._pauses(bytes(data)) if self.pause else []
        at = 0
        while at < len(data):
            end = min([at + self.chunk, len(data), *pauses[:1]])
            at += os.write(1, data[at:end])
            if pauses and at == pauses[0]:
                del pauses[0]
                time.sleep(self.pause)

    def _pauses(self, data: bytes) -> list[int]:
        prompt, places = self.prompt.encode(), []
        at = data.find(prompt)
        while 0 <= at < len(data) - len(prompt):
            places.append(at + len(prompt))
            at = data.find(prompt, at + 1)
        return places

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
                self.say(data)
            elif code == "i":
                return str(data).rstrip("\r\n")
            elif code == "x":
                os._exit(int(data or 0))
        return None

    def find(self, line: str) -> bool:
        """Go to the next recorded ``line``, from here on or from the beginning."""
        order = [*range(self.at, len(self.events)), *range(self.at)]
        for number in order:
            if self.events[number][1] == "i" and str(self.events[number][2]).rstrip("\r\n") == line:
                self.at, self.clock = number + 1, self.events[number][0]
                return True
        return False

    def obey(self, line: str, expected: str | None) -> None:
        """Answer one line that was typed."""
        if line.startswith("echo xcrash-"):
            self.say(line[5:] + "\r\n" + self.prompt)
        elif line in ("q", "quit", "exit") and not self._answers(line, expected):
            if not self.stubborn:
                os._exit(0)
        elif self.strict and line != expected:
            self.say(f"\r\n--- recorded\r\n+++ typed\r\n-{expected}\r\n+{line}\r\n")
            os._exit(MISMATCH)
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
            except Interrupted:
                self.typed = b""
                self.say("^C\r\n" + self.prompt)
                continue
            self.say(self.enter)
            before = self.at
            self.obey(line, expected)
            if line == expected or self.at != before:
                expected = self._until_input()

    def _line(self) -> str:
        while b"\n" not in self.typed:
            data = b""
            with contextlib.suppress(OSError):
                data = os.read(0, READ)
            if not data:
                os._exit(1)
            self.typed += data
        line, _, self.typed = self.typed.partition(b"\n")
        return line.decode("utf-8", "surrogateescape")

    def _until_input(self) -> str | None:
        try:
            with self.interruptible():
                return self.play()
        except Interrupted:
            while self.at < len(self.events) and self.events[self.at][1] != "i":
                self.at += 1
            if self.at < len(self.events):
                self.clock = self.events[self.at][0]
            self.say("^C\r\n" + self.prompt)
            return self.play()


def main() -> None:
    """Behave like crash towards signals and the terminal, then play."""
    with contextlib.suppress(OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGUSR2)
    fake = FakeCrash(sys.argv[1])

    def clean_exit(_number: int, _frame: FrameType | None) -> None:
        if not fake.stubborn:
            os._exit(1)

    signal.signal(signal.SIGINT, fake.interrupt)
    signal.signal(signal.SIGUSR2, clean_exit)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    settings = termios.tcgetattr(0)
    if switched_on("XC_REPLAY_ECHO"):
        settings[3] |= termios.ECHO
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(0, termios.TCSANOW, settings)
    fake.run()


if __name__ == "__main__":
    main()
