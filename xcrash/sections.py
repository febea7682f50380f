# SPDX-License-Identifier: Apache-2.0
"""What both faces show: titled groups of labelled values, before either has drawn anything."""

from __future__ import annotations

from typing import Literal

import msgspec

Tone = Literal["plain", "good", "doubt", "bad", "dim"]

UNKNOWN = "—"


class Evidence(msgspec.Struct, frozen=True):
    """Where crash printed something: the latest answer to ``command`` (empty: the start-up text), from ``line`` on,
    which counts from 0. ``view``: another view of the same crash printed it; empty: the one that shows it."""

    command: str
    line: int = 0
    view: str = ""


class Row(msgspec.Struct, frozen=True):
    """A labelled value; ``tone`` says how to look at it and never stands alone: the words say it too.

    ``detail`` is the reason or the evidence, shown under the value and quieter. ``evidence`` is where crash printed it,
    ``graph`` are numbers that a face may draw small beside the value, ``dom0_cpu`` the CPU of Dom0 that it is about.
    """

    label: str
    value: str
    tone: Tone = "plain"
    detail: str = ""
    evidence: Evidence | None = None
    graph: tuple[float, ...] = ()
    dom0_cpu: int | None = None


class Section(msgspec.Struct, frozen=True):
    """Rows that belong together, and the command they were read from (empty: not from one).

    ``name`` identifies the section; the title may depend on what was found.
    """

    name: str
    title: str
    command: str
    rows: tuple[Row, ...]
