# SPDX-License-Identifier: Apache-2.0
"""Where xcrash keeps its files (XDG base directory specification)."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import platformdirs

_PLAIN = re.compile(r"/[\w/.,+=%-]*", re.ASCII)


def state() -> Path:
    """``$XDG_STATE_HOME/xcrash``: spools, recordings, history."""
    return platformdirs.user_state_path("xcrash")


def recordings() -> Path:
    """Where every session is recorded."""
    return state() / "recordings"


def working_directory() -> Path:
    """Make a private directory for one session: crash's HOME, its current directory and its TMPDIR.

    Under TMPDIR or /var/tmp, because crash unpacks kernels of a gigabyte there; a TMPDIR with characters that crash
    would hand to a shell is not used. Raises OSError.
    """
    base = os.environ.get("TMPDIR", "")
    if not _PLAIN.fullmatch(base):
        base = "/var/tmp"  # noqa: S108 - crash's own default; mkdtemp makes it private
    return Path(tempfile.mkdtemp(prefix="xcrash-", dir=base))
