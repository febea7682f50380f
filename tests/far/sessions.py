# SPDX-License-Identifier: Apache-2.0
"""Sessions on a fake crash at the far end of a real ssh, and what is left of them there."""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.far.daemon import Daemon
from tests.processes import directory_of, pids, words_of
from tests.pty.casts import Script
from tests.pty.running import DEADLINE, until
from tests.unit.images import builders
from xcrash.discovery.survey import Far as FarMachine
from xcrash.discovery.survey import Survey
from xcrash.images import DumpIdentity, identify_kernel
from xcrash.open_session import OpenSession
from xcrash.plan import Decision, MemoryChoice, NamelistChoice
from xcrash.plan.memory import MemoryPlan
from xcrash.session import CommandResult, Event, Notice, SessionGone
from xcrash.ssh import Connection, connect, parse_address
from xcrash.target import Choices, Target
from xcrash.transcript import fakecrash

E = TypeVar("E")


class FarSession:
    """One session as both faces open it, and every event it published."""

    def __init__(self, opened: Callable[[Callable[[Event], None]], OpenSession]) -> None:
        self.events: list[Event] = []
        self._heard = threading.Condition()
        self.opened = opened(self._listen)

    def _listen(self, event: Event) -> None:
        with self._heard:
            self.events.append(event)
            self._heard.notify_all()

    def event(self, kind: type[E], number: int = 0) -> E:
        """The event of a kind with this number, which is waited for."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self._all(kind)) > number, DEADLINE), f"no {kind.__name__}"
        return self._all(kind)[number]

    def _all(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def notices(self) -> list[str]:
        """What the user was told so far."""
        return [event.text for event in self._all(Notice)]

    def output(self, result: CommandResult) -> bytes:
        """Exactly what crash printed as the answer."""
        return self.opened.session.spool.read(result.start, result.end)

    def streams(self, text: bytes) -> None:
        """Wait until crash has printed ``text``."""
        spool = self.opened.session.spool
        until(lambda: text in spool.read(0, spool.size), f"{text!r} in the output")

    def gone(self, number: int = 0) -> SessionGone:
        """The end of the session, which is waited for."""
        return self.event(SessionGone, number)

    @property
    def directory(self) -> str:
        """The private directory over there."""
        plan = self.opened.plan
        assert plan is not None
        return plan.cwd


class Far:
    """Makes sessions for one test, and ends them; over there is here, so that one can look what is left."""

    def __init__(self, daemon: Daemon, directory: Path) -> None:
        self.daemon = daemon
        self._directory = directory
        self._made: list[FarSession] = []
        self._count = 0

    def connection(self) -> Connection:
        """The connection that this process has to the far machine."""
        return connect(parse_address(self.daemon.address))

    def __call__(self, script: Script, **knobs: object) -> FarSession:
        """A session on a fake crash that plays ``script``; it is not started yet."""
        return self.on(self.target(script, **knobs))

    def on(self, target: Target) -> FarSession:
        """A session on ``target``; it is not started yet."""
        self._made.append(FarSession(lambda listen: OpenSession(target, self.choices, listen)))
        return self._made[-1]

    @property
    def choices(self) -> Choices:
        """What the user said."""
        return Choices(target=self.daemon.address)

    def target(self, script: Script, **knobs: object) -> Target:
        """A machine whose crash is fake and plays ``script``. Its vmlinux needs a link."""
        base = self._directory / f"far-{self._count}"
        self._count += 1
        base.mkdir()
        cast, vmlinux, crash = base / "played.cast", base / "vm linux", base / "crash"
        script.write(cast)
        vmlinux.write_bytes(builders.vmlinux().build())
        settings = [f"XC_REPLAY_{name}={value}" for name, value in {"STRICT": 1, **knobs}.items()]
        play = shlex.join(["env", *settings, sys.executable, "-I", "-S", str(fakecrash.__file__), str(cast)])
        crash.write_text(
            f'#!/bin/sh\nenv >{base}/env\npwd >{base}/pwd\nstty -a >{base}/stty\nprintf "%s\\n" "$@" >{base}/argv\n'
            f"exec {play}\n"
        )
        crash.chmod(0o755)
        return target_there(self.daemon.address, vmlinux, crash)

    def seen(self, name: str) -> str:
        """What the last crash saw when it started: "env", "pwd", "stty" or "argv"."""
        return (self._directory / f"far-{self._count - 1}" / name).read_text()

    def end(self) -> None:
        """End every session; neither a process nor a file may be left."""
        for one in self._made:
            one.opened.close()
            until(lambda one=one: not left(one.directory), "nothing left over there")  # type: ignore[misc]


def running_in(directory: str) -> list[str]:
    """The command lines of the processes whose current directory is this one, also when it was removed."""
    inside = [pid for pid in pids() if directory_of(pid).removesuffix(" (deleted)") == directory]
    return [b" ".join(words_of(pid)).decode() for pid in inside]


def left(directory: str) -> list[str]:
    """What a session left over there: processes, and the directory itself."""
    return [*running_in(directory), *([directory] if Path(directory).exists() else [])]


def target_there(address: str, vmlinux: Path, crash: Path, memory: str = "/proc/kcore") -> Target:
    """A machine over there, with what a survey of it would have found."""
    kernel = identify_kernel(vmlinux)
    wanted = DumpIdentity(path="/proc/kcore", size=0, format="live", release=kernel.release, build_id=kernel.build_id)
    names = NamelistChoice(kernel, None, None, (), (), None)
    source = MemoryChoice(chosen=memory, candidates=())
    plan = MemoryPlan(source, Decision(what="memory", chosen=memory, reason="a test"), (), None)
    found = Survey(
        wanted=wanted,
        names=names,
        memory=plan,
        far=FarMachine(address=parse_address(address), uid=0, environ={"PATH": "/usr/bin:/bin", "USER": "who"}),
    )
    return msgspec.structs.replace(
        Target(kind="live", path="/proc/kcore", crash=str(crash), crash_version="8.0.2"), found=found
    )
