# SPDX-License-Identifier: Apache-2.0
"""A program that behaves like the crash of a recording: it plays an asciicast over the terminal it runs on.

For tests of the real pty transport only; nothing in the package imports it. It needs the standard library alone:

    python3 -I -S fakecrash.py CAST

Like crash it is signalled when its parent thread ends, ignores SIGTERM and SIGHUP, cleans up on SIGUSR2 and returns to
its prompt on Ctrl-C. Environment: XC_REPLAY_SPEED (0 at once, 1 as recorded), XC_REPLAY_STRICT (a line that was not
recorded next ends it with status 97 and a diff), XC_REPLAY_CHUNK (bytes per write), XC_REPLAY_ECHO, XC_REPLAY_DIE_AT
and XC_REPLAY_HANG_AT (event number), XC_REPLAY_PROMPT_PAUSE (seconds to stop behind each prompt inside the output),
XC_REPLAY_DEAF (seconds during which Ctrl-C is ignored).
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
from types import FrameType

PR_SET_PDEATHSIG = 1
MISMATCH = 97


class Interrupted(Exception):  # noqa: N818 - an event, not an error
    """Ctrl-C was pressed."""


class FakeCrash:
    """The state of one play."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as handle:  # noqa: PTH123 - pathlib would double the start-up time
            header = json.loads(handle.readline())
            self.events = [json.loads(line) for line in handle if line.endswith("\n")]
        self.prompt = header.get("xcrash", {}).get("prompt", "crash> ")
        self.at = 0
        self.clock = 0.0
        self.speed = float(os.environ.get("XC_REPLAY_SPEED", "0"))
        self.strict = os.environ.get("XC_REPLAY_STRICT", "") not in ("", "0")
        self.chunk = int(os.environ.get("XC_REPLAY_CHUNK", "65536"))
        self.die_at = int(os.environ.get("XC_REPLAY_DIE_AT", "-1"))
        self.hang_at = int(os.environ.get("XC_REPLAY_HANG_AT", "-1"))
        self.pause = float(os.environ.get("XC_REPLAY_PROMPT_PAUSE", "0"))
        self.deaf_until = time.monotonic() + float(os.environ.get("XC_REPLAY_DEAF", "0"))

    def say(self, text: str) -> None:
        """Write to the terminal in pieces, stopping behind prompts inside the text if told to."""
        data = text.encode("utf-8", "replace")
        prompt = self.prompt.encode()
        while data:
            inside = data.find(prompt) + len(prompt) if self.pause and prompt in data[:-1] else 0
            size = min(self.chunk, inside or len(data))
            piece, data = data[:size], data[size:]
            while piece:
                piece = piece[os.write(1, piece) :]
            if size == inside and data:
                time.sleep(self.pause)

    def play(self) -> str | None:
        """Play outputs up to the next recorded input, which is returned; None at the end of the recording."""
        while self.at < len(self.events):
            when, code, data = self.events[self.at][:3]
            if self.at == self.die_at:
                os._exit(1)
            while self.at == self.hang_at:
                time.sleep(0.05)
            if self.speed > 0:
                time.sleep(max(0.0, (when - self.clock) / self.speed))
            self.clock = when
            self.at += 1
            if code == "o":
                self.say(data)
            elif code == "i":
                return str(data).rstrip("\r\n")
            elif code == "x":
                sys.exit(int(data or 0))
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
        elif line in ("q", "quit", "exit"):
            sys.exit(0)
        elif self.strict and line != expected:
            self.say(f"\r\n--- recorded\r\n+++ typed\r\n-{expected}\r\n+{line}\r\n")
            sys.exit(MISMATCH)
        elif line == expected or self.find(line):
            return
        else:
            self.say(f"crash: command not found: {line.split(' ')[0]}\r\n{self.prompt}" if line else self.prompt)

    def run(self) -> None:
        """Play until the recording or the terminal ends."""
        expected = self._until_input()
        while True:
            try:
                line = sys.stdin.readline()
            except Interrupted:
                self.say("^C\r\n" + self.prompt)
                continue
            if not line:
                sys.exit(1)
            line = line.rstrip("\n")
            before = self.at
            self.obey(line, expected)
            if line == expected or self.at != before:
                expected = self._until_input()

    def _until_input(self) -> str | None:
        try:
            return self.play()
        except Interrupted:
            while self.at < len(self.events) and self.events[self.at][1] != "i":
                self.at += 1
            self.say("^C\r\n" + self.prompt)
            return self.play()


def main() -> None:
    """Behave like crash towards signals and the terminal, then play."""
    with contextlib.suppress(OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGUSR2)
    fake = FakeCrash(sys.argv[1])

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if time.monotonic() >= fake.deaf_until:
            raise Interrupted

    def clean_exit(_number: int, _frame: FrameType | None) -> None:
        os._exit(1)

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGUSR2, clean_exit)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if os.environ.get("XC_REPLAY_ECHO", "") not in ("", "0"):
        settings = termios.tcgetattr(0)
        settings[3] |= termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, settings)
    settings = termios.tcgetattr(0)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(0, termios.TCSANOW, settings)
    fake.run()


if __name__ == "__main__":
    main()
