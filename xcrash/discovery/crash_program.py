# SPDX-License-Identifier: Apache-2.0
"""Find the crash utility and ask it which version it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec

from xcrash.errors import StartError
from xcrash.host.command import run_command
from xcrash.host.ssh_root import SshRoot
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import HostFacts

_PLACES = ("/usr/bin/crash", "/usr/sbin/crash", "/usr/local/bin/crash")
_DIRECTORIES = ("/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin", "/bin", "/sbin")
_VERSION = re.compile(r"^\S*crash\S* (\d+\.\d[\w.+-]*)", re.MULTILINE)


class CrashProgram(msgspec.Struct, frozen=True, kw_only=True):
    """The program to start; ``version`` is what it prints with ``--version``, None when that is not understood."""

    path: str
    version: str | None = None


def find_crash(named: str | None) -> CrashProgram | None:
    """The program named by the user, or ``crash`` from PATH; None when nothing is named and nothing installed.

    StartError "crash-not-found" when the named one cannot be run.
    """
    found = shutil.which(named or "crash")
    if found is None:
        if named:
            raise crash_not_found(named)
        return None
    path = str(Path(found).absolute())
    printed = _VERSION.search(run_command((path, "--version"), {}) or "")
    return CrashProgram(path=path, version=printed[1] if printed else None)


def crash_in(root: Sysroot, host: HostFacts) -> CrashProgram | None:
    """The program on a machine of which only a copy is here; its version is that of the installed package."""
    path = next((path for path in _PLACES if root.kind_of(path) == "file"), None)
    version = host.stack.get("crash")
    if path is None and version is None:
        return None
    printed = re.search(r"\d+\.\d+(?:\.\d+)?", version or "")
    return CrashProgram(path=path or _PLACES[0], version=printed[0] if printed else None)


def find_far_crash(root: SshRoot, named: str | None) -> CrashProgram | None:
    """``find_crash`` on the machine behind a connection."""
    path = named if named and "/" in named else on_far_path(root, named or "crash")
    if path is None or not path.startswith("/") or root.kind_of(path) != "file":
        if named:
            raise crash_not_found(named, f" on {root.where}")
        return None
    printed = _VERSION.search(root.command(path, "--version") or "")
    return CrashProgram(path=path, version=printed[1] if printed else None)


def on_far_path(root: SshRoot, name: str) -> str | None:
    """A program on the machine behind a connection; the PATH of a login over ssh often leaves out some places."""
    directories = (*root.myself.path.split(":"), *_DIRECTORIES)
    places = dict.fromkeys(f"{part.rstrip('/')}/{name}" for part in directories if part.startswith("/"))
    return next((path for path in places if root.kind_of(path) == "file"), None)


def crash_not_found(named: str | None, where: str = "") -> StartError:
    """The error for a session that has no program to start."""
    return StartError(
        "crash-not-found",
        f"{named} is not a program that can be run{where}" if named else f"the crash utility is not installed{where}",
        "install the package crash (apt, dnf, zypper), or name the program: --crash PATH",
    )
