# SPDX-License-Identifier: Apache-2.0
"""From what the user named to an open session: look at it, plan, start, record. The way in for both faces."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from xcrash import locations
from xcrash.errors import MemorySourceError, NamelistError, SessionError, StartError, UsageError, XcrashError
from xcrash.images import (
    DumpIdentity,
    KernelImage,
    Match,
    check_namelist,
    identify_dump,
    identify_kernel,
    require_match,
)
from xcrash.plan import LaunchPlan, plan_dump
from xcrash.session import Event, Notice, PtyTransport, Session, Spool, Timing
from xcrash.transcript.asciicast import Facts, looks_like_cast
from xcrash.transcript.record import CastRecorder, recording_path
from xcrash.transcript.recording import Recording, read_recording
from xcrash.transcript.replay import ReplayTransport

_SESSION_TEXT = re.compile(
    rb"^[>| \t]*(?:%?[\w.+-]*crash[\w.+-]*> |crash \d+\.\d|crash: |GNU gdb "
    rb"|(?:KERNEL|DUMPFILE|CPUS|TASKS|RELEASE|PANIC): )",
    re.MULTILINE,
)


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the user said: the target and everything that shapes the session."""

    target: str | None = None
    vmlinux: str | None = None
    crash: str | None = None
    crash_args: tuple[str, ...] = ()
    record: bool = True
    speed: float = 0.0


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What the user named, looked at: a dump with its vmlinux, or a recording. Nothing has been started."""

    kind: Literal["dump", "recording"]
    path: str
    crash: str | None = None
    dump: DumpIdentity | None = None
    kernel: KernelImage | None = None
    match: Match | None = None
    recording: Recording | None = None
    warnings: tuple[str, ...] = ()


def look_at(choices: Choices) -> Target:
    """Find out what the target is by looking at it, never by its name; raises XcrashError with the next step."""
    if choices.target is None:
        raise MemorySourceError(
            "no-target",
            "no dump or recording was named, and this version does not open the running kernel",
            "xcrash DUMP --vmlinux VMLINUX opens a dump, xcrash demo shows a recorded session",
        )
    if not choices.target:
        raise UsageError("empty-target", "the name of the target is empty", "name a dump or a recording")
    path = Path(choices.target).absolute()
    if _is_recording(path):
        return Target(kind="recording", path=str(path), recording=read_recording(path))
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        path = _dump_in(path)
    dump = identify_dump(path)
    kernel = _namelist(choices, dump)
    match = require_match(kernel, dump)
    return Target(
        kind="dump",
        path=str(path),
        crash=_find_crash(choices.crash),
        dump=dump,
        kernel=kernel,
        match=match,
        warnings=_warnings(dump, match),
    )


def _is_recording(path: Path) -> bool:
    """An asciicast, or a text with crash's prompt or banner in it."""
    try:
        with path.open("rb") as handle:
            head = handle.read(1 << 18)
    except OSError:
        return False
    return looks_like_cast(head) or (b"\0" not in head and bool(_SESSION_TEXT.search(head)))


def _dump_in(directory: Path) -> Path:
    """The one dump a directory holds, as kdump leaves it in /var/crash."""
    found: list[Path] = []
    try:
        files = sorted(entry for entry in directory.iterdir() if entry.is_file())
    except OSError as error:
        raise MemorySourceError(
            "directory-unreadable", f"cannot read {directory}: {error.strerror}", "check path and rights"
        ) from error
    for file in files[:1000]:
        with contextlib.suppress(XcrashError):
            identify_dump(file)
            found.append(file)
    if len(found) == 1:
        return found[0]
    what = "holds no dump" if not found else "holds several dumps: " + ", ".join(file.name for file in found[:8])
    raise MemorySourceError("directory-dumps", f"{directory} {what}", "name the dump file itself")


def _namelist(choices: Choices, dump: DumpIdentity) -> KernelImage:
    if choices.vmlinux is None:
        who = f"kernel {dump.release or 'unknown'}, build-id {dump.build_id or 'unknown'}"
        raise NamelistError(
            "namelist-required",
            f"no vmlinux was named for {dump.path} ({who})",
            "install that kernel's debuginfo package and name its vmlinux: --vmlinux FILE",
        )
    kernel = identify_kernel(Path(choices.vmlinux).absolute())
    check_namelist(kernel)
    return kernel


def _find_crash(named: str | None) -> str:
    found = shutil.which(named or "crash")
    if found is None:
        raise StartError(
            "crash-not-found",
            f"{named} is not a program that can be run" if named else "the crash utility is not installed",
            "install the package crash (apt, dnf, zypper), or name the program: --crash PATH",
        )
    return str(Path(found).absolute())


def _warnings(dump: DumpIdentity, match: Match) -> tuple[str, ...]:
    warnings = []
    if dump.missing_bytes:
        warnings.append(f"the dump is truncated: at least {dump.missing_bytes:,} bytes are missing")
    if dump.incomplete:
        warnings.append("the dump is incomplete: its writer ran out of space")
    if match.verdict == "build-id-differs":
        warnings.append("vmlinux and dump have different build-ids: " + "; ".join(match.evidence))
    if match.verdict == "unknown":
        warnings.append(
            "nothing in the dump tells which kernel it is of; crash itself will compare it with the vmlinux"
        )
    return tuple(warnings)


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
        target = self.target
        if target.dump is None or target.kernel is None or target.crash is None:
            raise UsageError("no-dump", f"{target.path} is not a dump", "name a dump and its vmlinux")
        try:
            self._workdir = locations.working_directory()
        except OSError as error:
            raise StartError(
                "no-workdir",
                f"cannot make a private directory for crash: {error}",
                "set TMPDIR to a writable directory",
            ) from error
        try:
            self.plan = plan_dump(
                target.dump,
                target.kernel,
                crash=Path(target.crash),
                workdir=self._workdir,
                environ=os.environ,
                extra=choices.crash_args,
            )
            for link in self.plan.links:
                Path(link.path).symlink_to(link.target)
            spool = _spool()
            recorder = self._recorder(choices)
        except BaseException:
            self._remove_workdir()
            raise
        transport = PtyTransport(self.plan.argv, self.plan.env, Path(self.plan.cwd))
        self.session = Session(transport, spool, listener=self._listener, recorder=recorder)

    def _recorder(self, choices: Choices) -> CastRecorder | None:
        """Start the recording; when that fails the session goes on without, and says so."""
        if not choices.record or self.target.dump is None or self.target.kernel is None or self.plan is None:
            return None
        dump, kernel = self.target.dump, self.target.kernel
        facts = Facts(
            argv=self.plan.argv,
            kind="vmcore",
            release=dump.release or kernel.release,
            build_id=dump.build_id,
            dump=dump.path,
            dump_format=dump.format,
            namelist=kernel.path,
            namelist_build_id=kernel.build_id,
        )
        try:
            recorder = CastRecorder(
                recording_path(locations.recordings(), Path(dump.path).name), facts, self._recording_stopped
            )
        except OSError as error:
            self._notice(f"this session is not recorded: {error}")
            return None
        self.recording = str(recorder.path)
        return recorder

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
