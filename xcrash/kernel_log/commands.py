# SPDX-License-Identifier: Apache-2.0
"""Which commands print the kernel's log, and which of them tells most."""

from __future__ import annotations

import re
from collections.abc import Iterable

BEST = "log -m"
"""The one that prints levels beside times."""

_LOG = re.compile(r"(?:log|dmesg)((?: -[Ttmdc]{1,8})*)")
_RANKS = (("t", 1), ("T", 2), ("m", 4))


def is_log(command: str) -> bool:
    """Does it print the messages, whole: not ``log -a``, not ``log | grep``?"""
    return _LOG.fullmatch(" ".join(command.split())) is not None


def rank(command: str) -> int:
    """How much it tells: levels and times 4, times 3, dates 2, neither 1; 0 if it prints something else."""
    found = _LOG.fullmatch(" ".join(command.split()))
    if not found:
        return 0
    return next((value for letter, value in _RANKS if letter in found[1]), 3)


def best_command(recorded: Iterable[str] | None) -> str:
    """What to ask for: ``log -m``, or of what a recording holds the one that tells most, the first one of equals."""
    return max((one for one in recorded or () if is_log(one)), key=rank, default=BEST)
