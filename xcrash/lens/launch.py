# SPDX-License-Identifier: Apache-2.0
"""Start a program that sees the lens in place of /proc/kcore; whichever of the processes ends, all of them end.

    watcher      what was started: the head of the terminal's session; in a mount namespace of its own
    ├── lens     serves the file; in another session, so that Ctrl-C does not reach it
    └── program  crash, on the terminal, in the watcher's process group

The watcher ends as crash ends, with its status or its signal. When the lens ends first it ends crash, which could read
nothing any more. When the watcher is killed the kernel ends both. When who started the watcher is gone, or the terminal
is, it ends crash and then itself. With the last of them the namespace goes, and with that every mount in it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

from xcrash.errors import LensError
from xcrash.lens.kcore import open_kcore
from xcrash.lens.namespace import end_with, enter_private_mounts, put_over
from xcrash.lens.serving import DOING, NAME, READY, REFUSED, serve_lens

PREFIX = "lens: "
"""How the watcher's own lines begin on the terminal, as an error of crash begins with a name."""

NO_LENS = 4
"""The exit status when there can be no lens: that of a LensError."""

PATIENCE = 5.0
"""Seconds that crash gets to end by itself."""

_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2)
_IGNORED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
_WITHOUT = "start without the lens: --lens off --crash-arg=--minimal"


class Order(NamedTuple):
    """What to start, and where its lens looks and is mounted."""

    program: tuple[str, ...]
    directory: Path
    kcore: Path = Path("/proc/kcore")
    kallsyms: Path = Path("/proc/kallsyms")
    vmlinux: Path | None = None

    @classmethod
    def of(cls, arguments: list[str]) -> Order:
        """``--directory DIR [--kcore FILE] [--kallsyms FILE] [--vmlinux FILE] -- PROGRAM ARGUMENT...``."""
        at = arguments.index("--")
        names = [name.removeprefix("--") for name in arguments[0:at:2]]
        return cls(tuple(arguments[at + 1 :]), **dict(zip(names, map(Path, arguments[1:at:2]), strict=True)))


def main() -> NoReturn:
    """Do what the command line says, and end as the program ends."""
    status = NO_LENS
    try:
        status = Watcher(Order.of(sys.argv[1:])).run()
    except LensError as error:
        _say(f"{error.message}; try: {error.hint}" if error.hint else error.message)
    except OSError as error:
        _say(f"{error.strerror}; try: {_WITHOUT}")
    if status < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if -status != signal.SIGKILL:
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status if status >= 0 else 128 - status)


def _say(text: str) -> None:
    """One line on the terminal, which may be gone."""
    with contextlib.suppress(OSError):
        os.write(2, f"{PREFIX}{text}\n".encode(errors="backslashreplace"))


class Watcher:
    """The process that was started; it has one thread, so that a fork is all it takes to make another."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._lens = self._program = 0
        self._status: int | None = None
        self._since: float | None = None
        self._ear = -1
        self._heard = b""
        self._last_words: list[str] = []

    def run(self) -> int:
        """Start both and wait; the exit status of the program, negative for a signal. Raises LensError, OSError."""
        os.environ.pop("PYTHONPATH", None)  # it was for this interpreter, not for those that crash starts
        self._listen_to_signals()
        kcore = open_kcore(self._order.kcore)
        try:
            enter_private_mounts()
            self._start_lens(kcore)
            os.close(kcore)
            self._wait_for_lens()
            if self._since is None:
                put_over(self._order.directory / NAME, self._order.kcore)
                self._start_program()
            while self._program:
                self._wait()
        finally:
            for pid in (self._program, self._lens):
                if pid:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
        return 1 if self._status is None else self._status

    def _listen_to_signals(self) -> None:
        self._bell, ringing = os.pipe()
        for end in (self._bell, ringing):
            os.set_blocking(end, False)
        for number in _IGNORED:
            signal.signal(number, signal.SIG_IGN)
        for number in (*_ENDING, signal.SIGCHLD):
            signal.signal(number, self._signalled)
        signal.set_wakeup_fd(ringing, warn_on_full_buffer=False)
        end_with(os.getppid(), signal.SIGTERM)

    def _signalled(self, number: int, frame: object) -> None:
        if number != signal.SIGCHLD:
            self._end_program()

    def _end_program(self) -> None:
        """Let crash remove its temporary files, which it does over this signal alone; ``_wait`` sees to its end."""
        if self._since is None:
            self._since = time.monotonic()
            self._send(signal.SIGUSR2)

    def _send(self, number: signal.Signals) -> None:
        if self._program:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._program, number)

    def _start_lens(self, kcore: int) -> None:
        self._order.directory.mkdir(mode=0o700, exist_ok=True)
        self._ear, mouth = os.pipe()
        watcher = os.getpid()
        self._lens = os.fork()
        if self._lens:
            os.close(mouth)
            os.set_blocking(self._ear, False)
            return
        try:
            _become_child(watcher)
            os.setsid()
            for old, new in ((os.open(os.devnull, os.O_RDONLY), 0), (mouth, 1), (mouth, 2)):
                os.dup2(old, new)
            order = self._order
            serve_lens(kcore, order.directory, order.kallsyms, order.vmlinux, _tell)
        except BaseException as bug:
            _tell(f"{bug!r}")
        finally:
            os._exit(1)

    def _wait_for_lens(self) -> None:
        """Return when the lens is there, or not wanted any more. Raises LensError when it cannot be."""
        while self._since is None:
            for line in self._wait():
                if line == READY:
                    return
                if line.startswith(REFUSED):
                    what, _, hint = line.removeprefix(REFUSED).partition("; try: ")
                    raise LensError("lens-refused", what, hint)
                if line.startswith(DOING):
                    # In crash's own form, which whoever watches a start knows.
                    os.write(1, f"please wait... ({line.removeprefix(DOING)})\n".encode())
            if not self._lens:
                why = "; ".join(self._last_words) or "it did not say why"
                raise LensError("lens-failed", f"the file cannot be mounted: {why}", f"xcrash doctor, or {_WITHOUT}")

    def _start_program(self) -> None:
        watcher = os.getpid()
        self._program = os.fork()
        if self._program:
            return
        try:
            _become_child(watcher)
            os.execvp(self._order.program[0], self._order.program)  # noqa: S606 - no shell: the program that was named
        except OSError as error:
            _say(f"cannot start {self._order.program[0]}: {error.strerror}; try: name the crash utility: --crash PATH")
        finally:
            os._exit(NO_LENS)

    def _wait(self) -> list[str]:
        """Wait until something happens and see to it; returns what the lens has said."""
        waiting = select.poll()
        for end in (self._bell, self._ear) if self._lens else (self._bell,):
            waiting.register(end, select.POLLIN)
        waiting.poll(1000)
        with contextlib.suppress(BlockingIOError):
            os.read(self._bell, 4096)
        lines = self._listen()
        if self._program and (status := _ended(self._program)) is not None:
            self._program, self._status = 0, status
        if self._lens and (status := _ended(self._lens)) is not None:
            lines += self._listen()
            self._lens = 0
            if self._program:
                how = f"signal {-status}" if status < 0 else f"status {status}"
                why = ": ".join((f"the lens has ended ({how}), and crash with it", *self._last_words))
                _say(f"{why}; try: start again")
                self._end_program()
        if self._since is not None and time.monotonic() - self._since > PATIENCE:
            self._send(signal.SIGKILL)
        return lines

    def _listen(self) -> list[str]:
        """The whole lines that the lens has said since; those for nobody are kept for the case that it ends."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._ear, 1 << 16)
        *whole, self._heard = (self._heard[-4096:] + data).split(b"\n")
        lines = [line.decode(errors="replace").strip() for line in whole]
        self._last_words += [line for line in lines if line and not line.startswith((READY, DOING, REFUSED))]
        self._last_words = self._last_words[-3:]
        return lines


def _become_child(watcher: int) -> None:
    """Nothing of the watcher's signals, and an end with it."""
    signal.set_wakeup_fd(-1)
    for number in (*_ENDING, *_IGNORED, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    end_with(watcher, signal.SIGKILL)


def _tell(line: str) -> None:
    with contextlib.suppress(OSError):
        os.write(1, f"{line}\n".encode(errors="backslashreplace"))


def _ended(pid: int) -> int | None:
    """How a child ended, as Python writes it; None while it runs."""
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None
