# SPDX-License-Identifier: Apache-2.0
"""A mount namespace of one's own, and children that do not outlive their parent: what Python 3.10 has no calls for."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

# include/uapi/linux/{sched,mount,prctl}.h
_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG = 1


def enter_private_mounts() -> None:
    """Leave the mounts that everybody sees; what is mounted from now on is gone with the last process that sees it.

    Raises OSError: without CAP_SYS_ADMIN nobody may.
    """
    _call("unshare", _CLONE_NEWNS)
    _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)


def put_over(shown: Path, hidden: Path) -> None:
    """Let ``hidden`` show the file ``shown``, read-only. Raises OSError."""
    _call("mount", os.fsencode(shown), os.fsencode(hidden), None, _MS_BIND, None)
    _call("mount", None, os.fsencode(hidden), None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY, None)


def end_with(parent: int, number: signal.Signals) -> None:
    """Let the kernel send this process a signal when the thread of ``parent`` that started it ends; now, if it has."""
    _call("prctl", _PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def _call(name: str, *arguments: bytes | int | None) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    passed = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in arguments]
    if getattr(library, name)(*passed) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
