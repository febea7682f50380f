# SPDX-License-Identifier: Apache-2.0
"""Why ssh could not connect, or lost the connection: its own words, and what to do about them."""

from __future__ import annotations

import re
from typing import NamedTuple

from xcrash.errors import MemorySourceError
from xcrash.literal import one_line
from xcrash.ssh.address import Address

OWN_FAILURE = 255
"""ssh's exit status when it failed itself, rather than what it ran (ssh(1))."""


class _Known(NamedTuple):
    said: re.Pattern[str]
    code: str
    hint: str


_KNOWN = (
    _Known(
        re.compile(r"host key verification failed|remote host identification has changed", re.IGNORECASE),
        "ssh-host-key",
        "log in once by hand and compare its key: {command}",
    ),
    _Known(
        re.compile(r"permission denied|too many authentication failures|no more authentication", re.IGNORECASE),
        "ssh-authentication",
        "xcrash never asks for a password: load a key (ssh-add), or name another user; this must work: {command} true",
    ),
    _Known(
        re.compile(r"could not resolve|name or service not known", re.IGNORECASE),
        "ssh-unknown-host",
        "check the name, or define it in ~/.ssh/config",
    ),
    _Known(
        re.compile(r"connection refused|timed out|no route to host|network is unreachable|reset by", re.IGNORECASE),
        "ssh-unreachable",
        "check that the host is up and its sshd listens on that port: {command} true",
    ),
)


def unreachable(address: Address, said: str, status: int | None, why: str = "") -> MemorySourceError:
    """The error for a connection that did not come up or broke; ``why`` is our own reason for giving it up."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = one_line("; ".join(lines[-3:]))[:500]
    command = " ".join(("ssh", "-o", "BatchMode=yes", *(word for word in address.words if word != "--")))
    for known in _KNOWN:
        if known.said.search(words) and not why:
            return MemorySourceError(known.code, f"{address}: {words}", known.hint.format(command=command))
    ended = (
        "" if status is None else f"ssh ended with status {status}" if status >= 0 else f"signal {-status} ended ssh"
    )
    reason = "; ".join(filter(None, (why, words or ended))) or "the connection is closed"
    return MemorySourceError("ssh-lost", f"{address}: {reason}", f"this must work without a question: {command} true")
