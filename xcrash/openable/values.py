# SPDX-License-Identifier: Apache-2.0
"""Something that can be opened, in words, and what a survey says while it goes on."""

from __future__ import annotations

from typing import Literal

import msgspec

from xcrash.discovery.choices import Choices
from xcrash.host.values import HostFacts
from xcrash.images import DumpIdentity
from xcrash.plan import LaunchPlan
from xcrash.sections import Tone

Section = Literal["live", "dumps", "recordings", "recent"]
Kind = Literal["live", "dump", "recording"]


class Openable(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to open. ``target`` is what ``Choices.target`` is to be: None for the running kernel.

    ``about`` is what it is of (a release, a count of commands), ``extent`` how large or how long, ``when`` in seconds
    since 1970; ``verdict`` says whether it can be opened, ``why`` the reason, ``notes`` what else there is to say.
    ``pending``: it was not looked into yet. ``choices`` are those to open it with where they are not those of the
    command line. ``beside``: files that lie next to a dump and say something of it.
    """

    key: str
    section: Section
    kind: Kind
    target: str | None
    name: str
    about: str = ""
    extent: str = ""
    when: float | None = None
    verdict: str = ""
    tone: Tone = "plain"
    why: str = ""
    notes: tuple[str, ...] = ()
    pending: bool = False
    choices: Choices | None = None
    dump: DumpIdentity | None = None
    plan: LaunchPlan | None = None
    beside: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """Something to open; it takes the place of what had the same key."""

    item: Openable


class Progress(msgspec.Struct, frozen=True):
    """``done`` of ``total`` were looked at; ``doing`` is what is looked at now."""

    done: int
    total: int
    doing: str


class Remark(msgspec.Struct, frozen=True):
    """Something at ``place`` that was not looked at, and why."""

    place: str
    text: str


class HostKnown(msgspec.Struct, frozen=True):
    """Which machine this is."""

    host: HostFacts


class Over(msgspec.Struct, frozen=True):
    """The survey is over; ``searched`` are the places that were there to be looked into, ``missing`` the others."""

    searched: tuple[str, ...]
    missing: tuple[str, ...] = ()


Event = Found | Progress | Remark | HostKnown | Over
