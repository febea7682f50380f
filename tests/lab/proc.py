# SPDX-License-Identifier: Apache-2.0
"""Programs that the lab starts: each has a deadline and none outlives the lab."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_STARTED = time.monotonic()

# What to install for a program that is missing.
_PACKAGES = {
    "apt-get": "apt",
    "apt-cache": "apt",
    "apt-config": "apt",
    "dpkg-deb": "dpkg",
    "dpkg": "dpkg",
    "tar": "tar",
    "cp": "coreutils",
    "ssh": "openssh-client",
    "gcc": "gcc",
    "make": "make",
    "bison": "bison",
    "flex": "flex",
    "python3": "python3",
    "ssh-keygen": "openssh-client",
}


class LabError(Exception):
    """The lab cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    """Print one line of progress with the time since the start."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {text}", flush=True)


def megabytes(size: int) -> str:
    """Return a size in megabytes for people."""
    return f"{size / 1e6:.1f} MB"


def require(*programs: str) -> None:
    """Refuse to go on without these programs, naming the packages that have them."""
    missing = sorted({_PACKAGES[name] for name in programs if shutil.which(name) is None})
    if missing:
        raise LabError(f"missing programs; install them with: apt-get install {' '.join(missing)}")


def _die_with_parent() -> None:
    # A lab that is killed outright must not leave a QEMU or an apt behind.
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def start(
    argv: Sequence[str],
    *,
    stdout: IO[bytes] | int,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program that ends when the lab ends."""
    return subprocess.Popen(
        argv,
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=None if env is None else dict(env),
        pass_fds=pass_fds,
        preexec_fn=_die_with_parent,
    )


def run(
    argv: Sequence[str],
    *,
    seconds: float = 300,
    stdin: str = "",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    ok: Sequence[int] = (0,),
) -> str:
    """Run a program to its end and return all it printed; anything but an `ok` status is an error."""
    child = start(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=cwd, env=env)
    try:
        output, _ = child.communicate(stdin.encode(), timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end after {seconds:.0f} s: {' '.join(argv)}") from error
    finally:
        end(child)
    text = output.decode("utf-8", "replace")
    if child.returncode not in ok:
        raise LabError(f"status {child.returncode}: {' '.join(argv)}\n{text.strip()[-3000:]}")
    return text


def end(child: subprocess.Popen[bytes], grace: float = 5) -> None:
    """End a program that was started here and take its status."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_until(condition: Callable[[], bool], seconds: float, what: str, pause: float = 0.2) -> None:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(pause)


def plain_environment(**extra: str) -> dict[str, str]:
    """Return an environment without the user's settings."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": os.environ.get("HOME", "/"), **extra}
