# SPDX-License-Identifier: Apache-2.0
"""Every view of one Xen dump side by side: the Dom0's crash, the hypervisor's, one roof and one recording."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, cast, get_args

import msgspec

from xcrash import locations
from xcrash.errors import SessionError, UsageError, XcrashError
from xcrash.images.identity import View
from xcrash.literal import one_line
from xcrash.open_session import OpenSession
from xcrash.session import CommandResult, Event, Notice, SessionGone, SessionReady
from xcrash.session.command_line import read_line
from xcrash.target import Choices, Target
from xcrash.transcript.asciicast import ViewFacts
from xcrash.transcript.record import CastRecorder, recording_path

XEN_COMMANDS = frozenset(("doms", "domain", "vcpus", "vcpu", "pcpus", "sched", "dumpinfo"))
"""What only the hypervisor's view knows (crash: xen_hyper_global_data.c, xen_hyper_command_table)."""

Listener = Callable[[View, Event], None]
_PREFIX = re.compile(rf"\s*({'|'.join(get_args(View))}):(?:\s+|$)(.*)", re.DOTALL)


class Addressed(NamedTuple):
    """A command and the view that is to answer it."""

    view: View
    command: str


class OpenViews:
    """A main session and its companions, each a crash of its own on another view of the same dump.

    ``sessions`` are those that could be prepared, by view, in the order of the targets; ``errors`` says of a view why
    it is not open: it could not be prepared, or its crash did not reach a prompt. The main view is the first one
    without an error. A target without views, a native dump for one, is a single session under the name "dom0".
    ``listener`` is called with the view and each of its events, on the thread of that view's session.
    """

    def __init__(self, targets: Iterable[Target], choices: Choices, listener: Listener | None = None) -> None:
        """Prepare the sessions; raises the XcrashError of the first view when none can be opened."""
        self.choices = choices
        self._listener = listener
        self._lock = threading.Lock()
        self._errors: dict[View, XcrashError] = {}
        self._sessions: dict[View, OpenSession] = {}
        self._file: CastRecorder | None = None
        self._ended = False
        self.targets: dict[View, Target] = {}
        for target in _each(targets, choices):
            self.targets.setdefault(target.view or "dom0", target)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        several = len(self.targets) > 1
        single = msgspec.structs.replace(self.choices, record=False) if several else self.choices
        for view, target in self.targets.items():
            try:
                self._sessions[view] = OpenSession(target, single, self._ear(view))
            except XcrashError as error:
                self._errors[view] = error
        if not self._sessions:
            raise next(iter(self._errors.values()))
        if several and self.choices.record and not self.main.target.recording:
            self._record()
        for view, refusal in self._errors.items():
            self._tell_error(view, refusal)

    @property
    def sessions(self) -> Mapping[View, OpenSession]:
        """By view; of those in ``errors``, too, if there was something to start."""
        return MappingProxyType(self._sessions)

    @property
    def errors(self) -> Mapping[View, XcrashError]:
        """Why a view is not open, with what to do about it."""
        return MappingProxyType(self._errors)

    @property
    def several(self) -> bool:
        """Are there views to be told apart?"""
        return len(self.targets) > 1

    @property
    def main_view(self) -> View:
        """The first view that is open, or still starting; the first of all when none is."""
        with self._lock:
            return next((view for view in self._sessions if view not in self._errors), next(iter(self._sessions)))

    @property
    def main(self) -> OpenSession:
        """The session of the main view."""
        return self._sessions[self.main_view]

    @property
    def companions(self) -> Mapping[View, OpenSession]:
        """The other sessions that are open or starting."""
        main = self.main_view
        with self._lock:
            return {view: one for view, one in self._sessions.items() if view != main and view not in self._errors}

    # how they are started

    def start(self) -> None:
        """Start every crash and return; each view's events follow."""
        for opened in self._sessions.values():
            opened.session.start()

    def bring_up(self) -> None:
        """Start every crash and wait for their prompts, with rescue where the user chose so.

        A view that does not start is in ``errors``, explained, and told as a notice. Raises the error of the first
        one when none starts.
        """
        self.start()
        for view, opened in self._sessions.items():
            try:
                opened.wait_up()
            except XcrashError as error:
                self._failed(view, error)
            else:
                # The session's own thread may not have said so yet.
                self._reached(view)
        if all(view in self._errors for view in self._sessions):
            raise self._errors[next(iter(self._sessions))]

    def restart(self, view: View, automatic: Iterable[int] = ()) -> None:
        """Start a new crash in place of a view's one that is gone; raises SessionError when there is nothing to."""
        opened = self._sessions.get(view)
        if opened is None:
            raise SessionError("no-restart", f"the view {view} is not open", "open the target again")
        opened.restart(frozenset(automatic))
        opened.session.start()

    # what is asked

    def address(self, line: str) -> Addressed:
        """Which view answers ``line``: the one named in front of it (``xen: log``), else the one that knows it.

        Xen's own commands go to the hypervisor's view, all others to the main one. Raises UsageError ``no-view`` for a
        named view that this target does not have.
        """
        view, command = named_view(line)
        if view and view not in self.targets:
            names = ", ".join(self.targets)
            raise UsageError(
                "no-view", f"{line!r}: the view {view} is not open", f"open it with --view {view} or all; open: {names}"
            )
        if view:
            return Addressed(view, command)
        if "xen" in self.targets and read_line(line).word in XEN_COMMANDS:
            return Addressed("xen", line)
        return Addressed(self.main_view, line)

    def opened(self, view: View) -> OpenSession:
        """The session of a view; raises the error it is not open for."""
        if view in self._errors or view not in self._sessions:
            raise self._errors.get(view) or UsageError("no-view", f"there is no view {view}", "leave it out")
        return self._sessions[view]

    def run(self, line: str, timeout: float | None = None, idle: float | None = None) -> CommandResult:
        """Send ``line`` to the view it belongs to and wait; raises as ``address``, ``opened`` and OpenSession.run."""
        view, command = self.address(line)
        return self.opened(view).run(command, timeout, idle)

    # how they end

    def end(self) -> None:
        """End every crash, all of them at once; may be called from any thread."""
        self._ended = True
        for opened in self._sessions.values():
            opened.end(wait=False)
        for opened in self._sessions.values():
            opened.end()

    def close(self) -> None:
        """End every crash and remove what belonged to them; the recording stays."""
        try:
            self.end()
        finally:
            for opened in self._sessions.values():
                opened.close()
            if self._file:
                self._file.close()

    # the recording of all of them

    def _record(self) -> None:
        facts = self.main.facts()
        views = tuple(
            ViewFacts(
                view=view,
                release=own.release,
                build_id=own.build_id,
                argv=own.argv,
                namelist=own.namelist,
                namelist_build_id=own.namelist_build_id,
            )
            for view, own in ((view, opened.facts()) for view, opened in self._sessions.items())
        )
        try:
            self._file = CastRecorder(
                recording_path(locations.recordings(), self.main.target.name),
                msgspec.structs.replace(facts, views=views if len(views) > 1 else ()),
                self._recording_stopped,
            )
        except OSError as error:
            self._tell(self.main_view, f"this session is not recorded: {error}")
            return
        for view, opened in self._sessions.items():
            opened.record_in(self._file.lane(view if len(views) > 1 else None), str(self._file.path))

    def _recording_stopped(self, text: str) -> None:
        for opened in self._sessions.values():
            opened.recording_stopped = True
        self._tell(self.main_view, text)

    # what they say

    def _ear(self, view: View) -> Callable[[Event], None]:
        return lambda event: self._hear(view, event)

    def _hear(self, view: View, event: Event) -> None:
        if isinstance(event, SessionReady):
            self._reached(view)
        elif isinstance(event, SessionGone) and event.error and not self._ended:
            with self._lock:
                opened = self._sessions.get(view)
                if opened and not opened.session.was_ready:
                    self._errors[view] = event.error
        if self._listener:
            self._listener(view, event)

    def _reached(self, view: View) -> None:
        with self._lock:
            self._errors.pop(view, None)

    def _failed(self, view: View, error: XcrashError) -> None:
        with self._lock:
            self._errors[view] = error
        self._tell_error(view, error)

    def _tell_error(self, view: View, error: XcrashError) -> None:
        if self.several:
            remedy = f"; try: {error.hint}" if error.hint else ""
            self._tell(self.main_view, f"the view {view} is not open: {one_line(error.message)}{remedy}")

    def _tell(self, view: View, text: str) -> None:
        if self._listener:
            self._listener(view, Notice(text))


def named_view(line: str) -> tuple[View | None, str]:
    """The view that is named in front of a command, if there is one, and the command."""
    named = _PREFIX.match(line)
    return (cast(View, named[1]), named[2].strip()) if named else (None, line)


def _each(targets: Iterable[Target], choices: Choices) -> list[Target]:
    """The targets; of a recording with several views, one for each of them, or the one that is asked for."""
    found = []
    for target in targets:
        recording = target.recording
        found.append(target)
        if recording and recording.view in get_args(View):
            found[-1] = msgspec.structs.replace(target, view=recording.view)
        for other in recording.others if recording else ():
            if other.view in get_args(View):
                found.append(msgspec.structs.replace(target, recording=other, view=other.view))
    wanted = choices.wish
    if wanted in get_args(View) and any(target.recording for target in found):
        found = [target for target in found if target.view == wanted]
        if not found:
            raise UsageError("view-not-there", f"the recording has no view {wanted}", "leave --view out")
    return found
