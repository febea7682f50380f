# SPDX-License-Identifier: Apache-2.0
"""The program as its user has it: xcrash on a terminal of its own, the real crash, keys in and a screen out."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from tests.lab.paths import Lab
from tests.real.processes import running_on

pytestmark = pytest.mark.real

ROWS, COLUMNS = 40, 140
DEADLINE = 120.0


class Terminal:
    """xcrash on a pty whose output an emulator of a terminal obeys."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "xcrash", *arguments],
            dimensions=(ROWS, COLUMNS),
            env=environment,
            encoding="utf-8",
            codec_errors="replace",
        )
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self.screen)
        self.raw = ""

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.screen.display)

    def until(self, condition: Callable[[str], bool], what: str) -> str:
        """Let it paint until the screen is as wanted."""
        deadline = time.monotonic() + DEADLINE
        while not condition(self.text):
            assert time.monotonic() < deadline, f"not reached: {what}\n{self.text}"
            self._read()
        return self.text

    def leave(self) -> int:
        """Press ctrl+q; gives the exit status."""
        self.child.send("\x11")
        deadline = time.monotonic() + DEADLINE
        while self.child.isalive() and time.monotonic() < deadline:
            self._read()
        self.child.close()
        assert self.child.exitstatus is not None
        return self.child.exitstatus

    def _read(self) -> None:
        try:
            read = self.child.read_nonblocking(1 << 16, timeout=0.2)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.raw += read
        self._stream.feed(read)


@pytest.fixture
def terminal(lab: Lab, workdir: Path) -> Iterator[Callable[..., Terminal]]:
    """A way to start xcrash on a terminal; what still runs at the end is ended."""
    begun: list[Terminal] = []

    def start(*arguments: str, **environment: str) -> Terminal:
        inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
        found = Terminal(list(arguments), {**inherited, "TERM": "xterm-256color", **environment})
        begun.append(found)
        return found

    yield start
    for one in begun:
        one.child.close(force=True)


@pytest.mark.parametrize("looks", [{}, {"TERM": "linux", "NO_COLOR": "1"}], ids=["xterm", "linux without colour"])
def test_from_the_plan_to_a_stack_and_out(
    lab: Lab, workdir: Path, terminal: Callable[..., Terminal], looks: dict[str, str]
) -> None:
    dump, crash = lab.dump("null-deref-6.12"), lab.default_crash
    one = terminal(str(dump.path), "--vmlinux", str(lab.vmlinux), "--crash", str(crash), **looks)
    one.until(lambda text: "First findings" in text, "the overview")
    one.until(lambda text: "Oops in the log" in text, "what happened")
    one.child.send("3")
    one.until(lambda text: "kthreadd" in text and "PPID" in text, "the tasks")
    one.child.send("4")
    one.until(lambda text: "RIP: 0010" in text, "the log, at the oops")
    one.child.send(":")
    one.until(lambda text: "crash>" in text, "the prompt")
    one.child.send("p 6*7\r")
    one.until(lambda text: " = 42" in text, "the answer")
    one.child.send("\x1b")
    one.until(lambda text: "Leave" not in text.splitlines()[-1], "out of the prompt")
    one.child.send("?")
    one.until(lambda text: "of what has the focus first" in text, "the page of keys")
    one.child.send("\x1b")
    one.until(lambda text: "of what has the focus first" not in text, "back")
    assert one.leave() == 0
    assert "\x1b[?1049l" in one.raw, "the screen of before is back"
    assert list(workdir.iterdir()) == []
    assert running_on(str(dump.path)) == []
