# SPDX-License-Identifier: Apache-2.0
"""What others ask of the owner of a crash, and how it reaches the thread that waits for crash's output."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator

import msgspec

from xcrash.session.endings import not_started


class Submit(msgspec.Struct, frozen=True):
    """A command to send as soon as crash is at its prompt.

    ``timeout`` limits its time, ``idle`` its time without output and processor time; in seconds.
    ``background``: it waits until nobody has asked for anything else for a while, and gives way to who does.
    ``recorded``: it belongs to the recording.
    """

    id: int
    text: str
    data: bytes
    timeout: float | None
    idle: float | None = None
    background: bool = False
    recorded: bool = True


class Cancel(msgspec.Struct, frozen=True):
    """The command of this number is not wanted any more, whether it has begun or not."""

    id: int


class Interrupt(msgspec.Struct, frozen=True):
    """Ctrl-C."""


class Answer(msgspec.Struct, frozen=True):
    """A line for a question."""

    data: bytes


class Close(msgspec.Struct, frozen=True):
    """End the session."""


Request = Submit | Cancel | Interrupt | Answer | Close


class Mailbox:
    """A queue of requests and a pipe that becomes readable when one arrives.

    Any thread may post at any time, before the owner opened the mailbox and after it closed it.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._read = self._write = -1

    @property
    def wake(self) -> int:
        """The descriptor to wait for beside crash's output."""
        return self._read

    def open(self) -> None:
        """Make the pipe; called by the owner, which also closes it. Raises StartError when there can be none."""
        try:
            pipe = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise not_started("crash", error) from error
        with self._lock:
            self._read, self._write = pipe

    def post(self, request: Request) -> None:
        """Hand the owner a request, from any thread."""
        self._queue.put(request)
        # Under the lock, because the number of a closed descriptor may belong to another file by now.
        with self._lock, contextlib.suppress(BlockingIOError):
            if self._write >= 0:
                os.write(self._write, b"!")

    def take(self) -> Iterator[Request]:
        """Every request that has arrived, in order."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._read, 4096)
        while True:
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return

    def close(self) -> None:
        """Close the pipe; what is posted from now on is never read."""
        with self._lock:
            for descriptor in (self._read, self._write):
                if descriptor >= 0:
                    os.close(descriptor)
            self._read = self._write = -1
