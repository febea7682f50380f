# SPDX-License-Identifier: Apache-2.0
"""An open session with everything that belongs to it: the target, the plan, the recording, the private directory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from xcrash import locations
from xcrash.discovery.crash_program import crash_not_found
from xcrash.errors import SessionError, StartError, XcrashError
from xcrash.images.unpack import unpack
from xcrash.literal import one_line
from xcrash.plan import LaunchPlan, Recipe
from xcrash.session import Event, Notice, PtyTransport, Session, Spool, Timing
from xcrash.target import Choices, Target, plan_for
from xcrash.transcript.asciicast import Facts
from xcrash.transcript.record import CastRecorder, recording_path
from xcrash.transcript.replay import ReplayTransport


def _spool() -> Spool:
    """A spool in the state directory, or where temporary files go if that cannot be written."""
    try:
        return Spool.create(locations.state())
    except SessionError:
        return Spool.create(Path(tempfile.gettempdir()))


class OpenSession:
    """A session with what belongs to it: the target, the recording, the private directory."""

    def __init__(self, target: Target, choices: Choices, listener: Callable[[Event], None] | None = None) -> None:
        """Prepare the session; ``session.start()`` starts it. Raises XcrashError."""
        self.target = target
        self.plan: LaunchPlan | None = None
        self.recording: str | None = target.path if target.recording else None
        self.recording_stopped = False
        self._workdir: Path | None = None
        self._listener = listener
        if target.recording:
            transport = ReplayTransport(target.recording, choices.speed)
            timing = Timing(settle=0.0, settle_glued=0.0) if choices.speed == 0 else Timing()
            self.session = Session(transport, _spool(), listener=listener, timing=timing)
        else:
            self._prepare_crash(choices)

    def _prepare_crash(self, choices: Choices) -> None:
        if self.target.crash is None:
            raise crash_not_found(choices.crash)
        try:
            self._workdir = locations.working_directory()
        except OSError as error:
            raise StartError(
                "no-workdir",
                f"cannot make a private directory for crash: {error}",
                "set TMPDIR to a writable directory",
            ) from error
        try:
            recipe = Recipe(
                crash=Path(self.target.crash),
                workdir=self._workdir,
                environ=os.environ,
                cache=locations.cache(),
                extra=choices.crash_args,
            )
            self.plan = plan_for(self.target, recipe)
            if self.plan.refusal:
                raise self.plan.refusal.as_error()
            self._make_ready(self.plan)
            spool = _spool()
            recorder = self._recorder(choices)
        except BaseException:
            self._remove_workdir()
            raise
        transport = PtyTransport(self.plan.argv, self.plan.env, Path(self.plan.cwd))
        self.session = Session(transport, spool, listener=self._listener, recorder=recorder)

    def _make_ready(self, plan: LaunchPlan) -> None:
        """Links to names that crash cannot take, and kernels in a compression that it cannot read."""
        for link in plan.links:
            Path(link.path).symlink_to(link.target)
        for work in plan.unpacking:
            target = Path(work.target)
            if not target.exists():
                self._notice(f"unpacking {one_line(work.source)} into {target.parent}")
                unpack(Path(work.source), target)

    def _recorder(self, choices: Choices) -> CastRecorder | None:
        """Start the recording; when that fails the session goes on without, and says so."""
        if not choices.record or self.plan is None:
            return None
        try:
            recorder = CastRecorder(
                recording_path(locations.recordings(), self.target.name),
                self._facts(self.plan),
                self._recording_stopped,
            )
        except OSError as error:
            self._notice(f"this session is not recorded: {error}")
            return None
        self.recording = str(recorder.path)
        return recorder

    def _facts(self, plan: LaunchPlan) -> Facts:
        target, kernel = self.target, plan.namelist
        wanted = target.wanted
        return Facts(
            argv=plan.argv,
            kind="live" if target.kind == "live" else "vmcore",
            release=(wanted.release if wanted else None) or (kernel.release if kernel else None),
            build_id=wanted.build_id if wanted else None,
            dump=plan.memory.chosen,
            dump_format=wanted.format if wanted else None,
            namelist=kernel.path if kernel else None,
            namelist_build_id=kernel.build_id if kernel else None,
        )

    def _recording_stopped(self, text: str) -> None:
        self.recording_stopped = True
        self._notice(text)

    def _notice(self, text: str) -> None:
        if self._listener:
            self._listener(Notice(text))

    def explain(self, error: XcrashError) -> XcrashError:
        """``error`` of a failed start, with what is known of the files in its hint."""
        if self.target.recording and self.target.recording.abandoned:
            return StartError(
                "start-abandoned",
                "this recording ends where its user ended the start of crash",
                "open the dump itself again",
            )
        missing = self.target.dump.missing_bytes if self.target.dump else None
        if isinstance(error, StartError) and missing:
            hint = f"the dump lacks at least {missing:,} bytes: copy it again and compare sizes"
            return StartError(error.code, error.message, hint)
        return error

    def close(self) -> None:
        """End crash and remove the private directory; the recording stays."""
        self.session.close()
        self.session.spool.close()
        self._remove_workdir()

    def _remove_workdir(self) -> None:
        if self._workdir:
            shutil.rmtree(self._workdir, ignore_errors=True)
            self._workdir = None
