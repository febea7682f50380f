# SPDX-License-Identifier: Apache-2.0
"""One attempt to open something: look at it, ask for consent where it is needed, prepare its sessions."""

from __future__ import annotations

import importlib.resources
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future

import msgspec
from textual.message import Message

from xcrash.consent import prepare
from xcrash.errors import XcrashError
from xcrash.guests import with_guest
from xcrash.open_views import OpenViews
from xcrash.plan import Step
from xcrash.target import Choices, Target, look_at, survey_views
from xcrash.tui.aside import aside
from xcrash.tui.listener import Listeners
from xcrash.tui.opening_messages import AttemptEnded, AttemptProgressed, StepAsked

_numbers = itertools.count(1)


class CancelledError(Exception):
    """The user does not want it any more."""


class Attempt:
    """Runs on a daemon thread; ``tell`` takes its messages from there, AttemptEnded last.

    ``listeners`` are those of its views; ``opens`` False: only the steps are carried out. ``demo``: the bundled
    recording is opened.
    """

    def __init__(
        self,
        choices: Choices,
        tell: Callable[[Message], None],
        listeners: Listeners,
        opens: bool = True,
        demo: bool = False,
    ) -> None:
        self.number = next(_numbers)
        self.choices = choices
        self.listeners = listeners
        self._tell = tell
        self._opens, self._demo = opens, demo
        self._cancelled = threading.Event()
        self._asked: Future[bool] | None = None

    @property
    def subject(self) -> str:
        """What is being opened."""
        return "the bundled recording" if self._demo else self.choices.target or "the running kernel"

    def start(self) -> None:
        """Begin; returns at once."""
        aside(self._run, "attempt")

    def cancel(self) -> None:
        """End it as soon as it can be ended; no session comes out of it any more."""
        self._cancelled.set()
        asked = self._asked
        if asked and not asked.done():
            asked.set_result(False)

    def _run(self) -> None:
        try:
            opened, done = self._open()
        except CancelledError:
            self._tell(AttemptEnded(self.number, None))
        except XcrashError as error:
            self._tell(AttemptEnded(self.number, None, error))
        except Exception as error:
            defect = XcrashError("internal", f"a defect in xcrash: {error!r}", "report it with the name of the target")
            self._tell(AttemptEnded(self.number, None, defect))
        else:
            self._tell(AttemptEnded(self.number, opened, done=done))

    def _open(self) -> tuple[OpenViews | None, tuple[str, ...]]:
        self.choices = with_guest(self.choices, lambda text: self._tell(AttemptProgressed(self.number, text)))
        self._stop_if_cancelled()
        target, done = self._target()
        self._stop_if_cancelled()
        if not self._opens:
            return None, done
        self._tell(AttemptProgressed(self.number, "preparing the session"))
        opened = OpenViews(self._views(target), self.choices, self.listeners.hear)
        if self._cancelled.is_set():
            opened.close()
            raise CancelledError
        return opened, done

    def _target(self) -> tuple[Target, tuple[str, ...]]:
        if not self._demo:
            return prepare(self.choices, self._ask, self._progress)
        bundled = importlib.resources.files("xcrash.transcript").joinpath("demo.cast")
        with importlib.resources.as_file(bundled) as path:
            self.choices = msgspec.structs.replace(self.choices, target=str(path), root=None)
            return look_at(self.choices), ()

    def _views(self, target: Target) -> tuple[Target, ...]:
        """The target, and all other views of a Xen dump unless one of them was asked for."""
        several = target.kind == "dump" and target.view is not None and self.choices.view in ("auto", "all")
        return survey_views(self.choices) if several else (target,)

    def _ask(self, step: Step) -> bool:
        self._stop_if_cancelled()
        answer: Future[bool] = Future()
        self._asked = answer
        self._tell(StepAsked(step, answer))
        wanted = answer.result()
        self._stop_if_cancelled()
        return wanted

    def _progress(self, done: int, whole: int | None) -> None:
        self._stop_if_cancelled()
        of = f" of {whole / 1e6:,.0f}" if whole else ""
        self._tell(AttemptProgressed(self.number, f"fetching debuginfo, {done / 1e6:,.0f}{of} MB"))

    def _stop_if_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise CancelledError
