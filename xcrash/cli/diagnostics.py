# SPDX-License-Identifier: Apache-2.0
"""The only writer of stderr, and the only place that knows exit codes."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from types import FrameType
from typing import NoReturn

from xcrash.cli.documents import error_entry
from xcrash.cli.output import document_written, write_document
from xcrash.errors import XcrashError
from xcrash.literal import one_line, visible

INTERRUPTED = 130


def tell(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(visible(text.rstrip("\n")) + "\n")
    sys.stderr.flush()


def report(error: XcrashError, json: bool) -> int:
    """Say what happened and what to try; in JSON mode also as a document on stdout, unless one is there already.

    Returns the exit status.
    """
    if json and not document_written():
        write_document("error", {"error": error_entry(error)})
    tell(f"xcrash: {error.message}")
    if error.hint:
        tell(f"  try: {error.hint}")
    return error.exit_status


def report_bug(json: bool) -> int:
    """An exception nobody expected: the traceback goes to stderr only when XCRASH_DEBUG is set."""
    trace = traceback.format_exc()
    if os.environ.get("XCRASH_DEBUG"):
        tell(trace)
    last = trace.strip().splitlines()[-1]
    hint = "run it again with XCRASH_DEBUG=1 in the environment and report what it prints"
    return report(XcrashError("internal", f"a defect in xcrash: {last}", hint), json)


def reopen_closed_streams() -> None:
    """Standard streams that were closed (``<&-``, some daemons) become /dev/null, so that no file takes their place."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def end_on_signals() -> None:
    """SIGINT, SIGTERM and SIGHUP end a run once: crash is closed, the recording kept; further ones are ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)


class Progress:
    """The phases of a start on stderr: one line that is painted over on a terminal, nothing otherwise.

    With ``verbose`` each phase is a line of its own, wherever stderr goes; with ``quiet`` nothing is said.
    """

    def __init__(self, quiet: bool, verbose: bool) -> None:
        self._paint = sys.stderr.isatty() and not quiet and not verbose
        self._lines = verbose and not quiet
        self._began = time.monotonic()
        self._phase: str | None = None

    def phase(self, text: str) -> None:
        """crash entered a phase."""
        self._phase = text
        self._say(text)

    def activity(self, text: str) -> None:
        """What a silent crash does in this phase; nothing once it has started."""
        if self._phase and text:
            self._say(f"{self._phase}: {text}")

    def _say(self, text: str) -> None:
        elapsed = time.monotonic() - self._began
        if self._lines:
            tell(f"xcrash: {elapsed:5.1f} s  {text}")
        elif self._paint:
            sys.stderr.write(f"\r\x1b[Kxcrash: {one_line(text)} ({elapsed:.0f} s)")
            sys.stderr.flush()

    def started(self) -> None:
        """crash is at its prompt: what comes now belongs to a command."""
        self._phase = None
        self.done()

    def done(self) -> None:
        """Take the line away."""
        if self._paint:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
