# SPDX-License-Identifier: Apache-2.0
"""What both faces show: titled groups of labelled values, before either has drawn anything."""

from __future__ import annotations

from typing import Literal

import msgspec

Tone = Literal["plain", "good", "doubt", "bad", "dim"]

UNKNOWN = "—"


class Row(msgspec.Struct, frozen=True):
    """A labelled value; ``tone`` says how to look at it and never stands alone: the words say it too.

    ``detail`` is the reason or the evidence, shown under the value and quieter.
    """

    label: str
    value: str
    tone: Tone = "plain"
    detail: str = ""


class Section(msgspec.Struct, frozen=True):
    """Rows that belong together, and the command they were read from (empty: not from one).

    ``name`` identifies the section; the title may depend on what was found.
    """

    name: str
    title: str
    command: str
    rows: tuple[Row, ...]
