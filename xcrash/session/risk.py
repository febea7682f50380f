# SPDX-License-Identifier: Apache-2.0
"""What a command can do besides answering."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Kind = Literal[
    "read", "slow", "changes-session", "ends-crash", "writes-file", "loads-code", "runs-shell", "writes-memory"
]

ORDER: tuple[Kind, ...] = (
    "read",
    "slow",
    "changes-session",
    "ends-crash",
    "writes-file",
    "loads-code",
    "runs-shell",
    "writes-memory",
)
"""From harmless to harmful."""


class Risk(msgspec.Struct, frozen=True):
    """One thing a command does, and why that is to be expected, in words."""

    kind: Kind
    reason: str


def worst(risks: Iterable[Risk]) -> Risk:
    """The most harmful one; "read" when there is none."""
    return max(risks, key=lambda risk: ORDER.index(risk.kind), default=Risk("read", ""))
