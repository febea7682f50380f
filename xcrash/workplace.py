# SPDX-License-Identifier: Apache-2.0
"""Where crash is started: in a private directory of this machine, or of another one."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import time
from pathlib import Path
from typing import Protocol

from xcrash import locations
from xcrash.discovery.survey import Far
from xcrash.errors import MemorySourceError, StartError
from xcrash.plan import LaunchPlan
from xcrash.session import PtyTransport
from xcrash.session.far_transport import FarTransport
from xcrash.ssh import Connection, Request, connect
from xcrash.start_files import write_start_files

_TRIES = 50
_BEAT = 0.2


class Workplace(Protocol):
    """A private directory, made already, in which sessions are started one after the other."""

    @property
    def directory(self) -> Path: ...
    @property
    def local(self) -> Path | None: ...
    def write(self, plan: LaunchPlan) -> str | None: ...
    def transport(self, plan: LaunchPlan, argv: tuple[str, ...]) -> PtyTransport: ...
    def remove(self) -> None: ...


def workplace(far: Far | None) -> Workplace:
    """A new one, here or on the machine that is meant; XcrashError when the directory cannot be made."""
    return There(far) if far else Here()


class Here:
    """On this machine."""

    def __init__(self) -> None:
        """Make the directory; StartError "no-workdir"."""
        try:
            self.directory = self.local = locations.working_directory()
        except OSError as error:
            raise StartError(
                "no-workdir",
                f"cannot make a private directory for crash: {error}",
                "set TMPDIR to a writable directory",
            ) from error

    def write(self, plan: LaunchPlan) -> str | None:
        """The plan's files and links; returns why there is no index cache, if there is none. Raises OSError."""
        return write_start_files(plan)

    def transport(self, plan: LaunchPlan, argv: tuple[str, ...]) -> PtyTransport:
        """crash with this command line and the plan's environment."""
        return PtyTransport(argv, plan.env, Path(plan.cwd))

    def remove(self) -> None:
        """Remove the directory and all that is in it."""
        shutil.rmtree(self.directory, ignore_errors=True)


class There:
    """On a machine behind a connection.

    The directory lives as long as the connection does: when that breaks, the attendant at its far end ends crash and
    removes the directory, and the next start makes both anew, under the same name.
    """

    local = None

    def __init__(self, far: Far) -> None:
        """Make the directory; MemorySourceError without a connection, StartError "no-workdir"."""
        self._address = far.address
        # As unguessable as mkdtemp's, and known here before it is made; mkdir follows no link and takes no old one.
        self.directory = far.working_base / f"xcrash-{secrets.token_hex(8)}"
        self._links: dict[str, str] = {}
        self._connection: Connection | None = None
        self._reach()

    def _reach(self) -> Connection:
        connection = connect(self._address)
        if connection is not self._connection:
            self._make(connection)
            self._connection = connection
        return connection

    def _make(self, connection: Connection) -> None:
        path = str(self.directory)
        for _ in range(_TRIES):
            result = connection.ask(Request("directory", path)).result
            # Of a connection that broke just now the attendant may not be done yet.
            if not result.endswith("File exists"):
                break
            time.sleep(_BEAT)
        if result != "ok":
            raise StartError(
                "no-workdir",
                f"cannot make a private directory for crash on {self._address}: {path}: {_reason(result)}",
                "make room there, or log in as a user who may write to /var/tmp",
            )
        for link, target in self._links.items():
            self._link(connection, link, target)

    def _link(self, connection: Connection, link: str, target: str) -> None:
        result = connection.ask(Request("link", link, words=(target,))).result
        if result != "ok":
            raise StartError("no-link", f"cannot make {link} on {self._address}: {_reason(result)}", "start again")

    def write(self, plan: LaunchPlan) -> None:
        """The plan's links; it has no files there."""
        for link in plan.links:
            self._link(self._reach(), link.path, link.target)
            self._links[link.path] = link.target

    def transport(self, plan: LaunchPlan, argv: tuple[str, ...]) -> PtyTransport:
        """crash with this command line and the plan's environment, on a terminal there."""
        return FarTransport(self._reach, str(self.directory), argv, plan.env)

    def remove(self) -> None:
        """End what still runs in the directory, and remove it; the connection stays for the next session."""
        if self._connection and self._connection.alive:
            with contextlib.suppress(MemorySourceError):
                self._connection.ask(Request("tidy", str(self.directory)))


def _reason(result: str) -> str:
    return result.removeprefix("failed ")
