# SPDX-License-Identifier: Apache-2.0
"""Where xcrash keeps its files (XDG base directory specification)."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import platformdirs

_ABANDONED = 86400.0
_PLAIN = re.compile(r"/[\w/.,+=%-]*", re.ASCII)


def state() -> Path:
    """``$XDG_STATE_HOME/xcrash``: spools and recordings."""
    return platformdirs.user_state_path("xcrash")


def config() -> Path:
    """``$XDG_CONFIG_HOME/xcrash/config.toml``: what the user set once and for all."""
    return platformdirs.user_config_path("xcrash") / "config.toml"


def recordings() -> Path:
    """Where every session is recorded."""
    return state() / "recordings"


def cache() -> Path:
    """``$XDG_CACHE_HOME/xcrash``: what can be made again, such as unpacked kernels."""
    return platformdirs.user_cache_path("xcrash")


class UserRc(NamedTuple):
    """The user's own start-up files that are there: gdb's and crash's; None for one that is not."""

    gdbinit: str | None = None
    crashrc: str | None = None


def user_rc(environ: Mapping[str, str]) -> UserRc:
    """Find the user's start-up files: gdb's in the configuration directory goes first, as with gdb itself."""
    home = environ.get("HOME", "")
    if not home.startswith("/"):
        return UserRc()
    config = environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    return UserRc(_first_file(f"{config}/gdb/gdbinit", f"{home}/.gdbinit"), _first_file(f"{home}/.crashrc"))


def _first_file(*paths: str) -> str | None:
    return next((path for path in paths if path.startswith("/") and Path(path).is_file()), None)


def working_base(environ: Mapping[str, str] = os.environ) -> Path:
    """Where private directories are made: TMPDIR or /var/tmp, because crash unpacks kernels of a gigabyte there.

    A TMPDIR with characters that crash would hand to a shell is not used.
    """
    base = environ.get("TMPDIR", "")
    return Path(base if _PLAIN.fullmatch(base) else "/var/tmp")  # noqa: S108 - crash's default; mkdtemp is private


def working_directory() -> Path:
    """Make a private directory for one session: crash's HOME, its current directory and its TMPDIR. Raises OSError."""
    base = working_base()
    remove_abandoned(base)
    return Path(tempfile.mkdtemp(prefix=f"xcrash-{os.getpid()}-", dir=base))


def remove_abandoned(base: Path) -> None:
    """Remove our own directories whose process was killed; only after a day, as it may have another PID namespace."""
    for entry in base.glob("xcrash-*-*"):
        number = entry.name.split("-")[1]
        with contextlib.suppress(OSError):
            facts = entry.lstat()
            ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()
            abandoned = number.isdigit() and not Path("/proc", number).exists()
            if ours and abandoned and time.time() - facts.st_mtime > _ABANDONED:
                shutil.rmtree(entry, ignore_errors=True)
