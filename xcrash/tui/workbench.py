# SPDX-License-Identifier: Apache-2.0
"""What the views of one session share: the session, what crash answered, and the lines of the console."""

from __future__ import annotations

import time
from collections.abc import Callable

from xcrash.answers import Answer, Answers
from xcrash.completion import Completions
from xcrash.hypervisor import COMMANDS, Hypervisor, of_answers
from xcrash.open_session import OpenSession
from xcrash.parse import ps, sys
from xcrash.session import CommandResult
from xcrash.timeline import Ended
from xcrash.transcript.play import Play
from xcrash.tui.around import Around
from xcrash.tui.widgets.session_text import SessionText


class Workbench:
    """One session as its views see it; ``play`` is there for a recording only.

    ``waiting`` are the commands its user sent that were not begun yet, by their numbers. ``view`` is its name among the
    views of the crash, which are ``around`` it; empty where it is the only one.
    """

    def __init__(self, opened: OpenSession, tell: Callable[[Answer], None]) -> None:
        self.opened = opened
        self.answers = Answers(opened, tell)
        self.text = SessionText(opened.session.spool)
        self.names: Completions | None = None
        self.banner: sys.Banner | None = None
        recording = opened.target.recording
        replay = opened.replay
        self.play = Play(recording, opened.session, replay) if recording and replay else None
        self.ended: list[Ended] = []
        self.waiting: dict[int, str] = {}
        self.view = ""
        self.around = Around()
        self._began = time.monotonic()

    def ready(self) -> None:
        """crash is at its first prompt: what is wanted is asked for; a recording begins to play."""
        self.answers.ready()
        if self.play:
            self.play.next()

    def forget(self) -> None:
        """crash is started again: what is known is of the last one, whose lines stay above the new ones."""
        self.banner = None
        self.answers.reset()
        self.waiting.clear()
        self.text.begin("", self.opened.session.spool.size, folded=False)

    def finished(self, result: CommandResult, wanted: bool, shown: bool) -> None:
        """A command ended; ``wanted``: a view shows its answer; ``shown``: it is in the console."""
        if shown:
            self.ended.append(Ended(result, time.monotonic() - self._began))
        self.answers.finished(result, wanted)
        if self.play and self.play.sent == result.id:
            self.text.played(result.id)
        if self.play:
            self.play.finished(result.id)

    @property
    def live(self) -> bool:
        """Is it a running machine, on which an answer grows old?"""
        return self.opened.target.kind == "live"

    @property
    def tasks(self) -> ps.Ps | None:
        """The task list, if it was read."""
        value = self.answers.value("ps")
        return value if isinstance(value, ps.Ps) else None

    @property
    def dom0_is_open(self) -> bool:
        """Is there a view of Dom0 beside this one, which is of its hypervisor?"""
        return self.around.other("dom0", self.view) is not None and "dom0" not in self.around.problems

    @property
    def xen(self) -> Workbench | None:
        """The view of the hypervisor beside this one."""
        return self.around.other("xen", self.view)

    def hypervisor(self) -> Hypervisor:
        """What was read of a session on a hypervisor."""
        whys = {command: self.answers.progress(command).why for command in COMMANDS}
        return of_answers(self.banner, self.answers.value, {command: why for command, why in whys.items() if why})
