# SPDX-License-Identifier: Apache-2.0
"""Work beside the screen that may wait for a disk or a server: on daemon threads, so that leaving never waits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from textual.message import Message
from textual.message_pump import MessagePump


def aside(work: Callable[[], None], name: str) -> None:
    """Do ``work`` on a daemon thread of its own."""
    threading.Thread(target=work, name=f"xcrash-{name}", daemon=True).start()


def tell(pump: MessagePump, message: Message) -> None:
    """Post ``message`` from any thread; where nobody is left to hear it, it is lost."""
    with contextlib.suppress(RuntimeError):
        pump.post_message(message)


class Latest:
    """Carries out one job at a time; of the jobs that come meanwhile only the latest is kept."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._next: Callable[[], None] | None = None
        self._busy = False
        self._lock = threading.Lock()

    def want(self, job: Callable[[], None]) -> None:
        """Do ``job`` as soon as the one before has ended."""
        with self._lock:
            self._next = job
            if self._busy:
                return
            self._busy = True
        aside(self._work, self._name)

    def drop(self) -> None:
        """Forget the job that waits."""
        with self._lock:
            self._next = None

    def _work(self) -> None:
        while True:
            with self._lock:
                job, self._next = self._next, None
                if job is None:
                    self._busy = False
                    return
            # Whatever a job raises, the next one is to be done.
            with contextlib.suppress(Exception):
                job()
