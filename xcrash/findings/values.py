# SPDX-License-Identifier: Apache-2.0
"""What a rule gets and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from xcrash.host.values import XenLog
from xcrash.hypervisor import Hypervisor
from xcrash.parse import ps
from xcrash.parse.bt import Bt
from xcrash.parse.log.records import Record
from xcrash.parse.mod import TaintingModules
from xcrash.parse.ps.last_run import PsElapsed
from xcrash.parse.sys import Banner
from xcrash.sections import Evidence

Severity = Literal["critical", "warning", "info"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to look at first: ``text`` is what crash printed of it, ``evidence`` where."""

    severity: Severity
    title: str
    detail: str = ""
    text: str = ""
    evidence: Evidence | None = None
    remedy: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What has been read of a session; None: not read, or crash had no answer.

    ``banner_at`` says where a label of the banner was printed, ``log_command`` which command printed the log, ``whys``
    why a command has no answer. ``xen_log`` is of the hypervisor under the kernel that runs; no other session has one.
    ``hypervisor`` is that of a dump: this session's own, or that of the view of the crash named ``hypervisor_view``;
    ``hypervisor_why`` says why there is none although the dump has one.
    """

    banner: Banner | None = None
    tasks: ps.Ps | None = None
    stack: Bt | None = None
    taints: TaintingModules | None = None
    log: Sequence[Record] | None = None
    elapsed: PsElapsed | None = None
    hypervisor: Hypervisor | None = None
    hypervisor_view: str = ""
    hypervisor_why: str = ""
    xen_log: XenLog | None = None
    banner_at: Callable[[str], Evidence | None] = lambda _: None
    log_command: str = "log"
    whys: dict[str, str] = {}


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, worst first: ``looked`` rules had something to look at, ``waiting`` had not, ``failed`` broke."""

    found: tuple[Finding, ...] = ()
    looked: int = 0
    waiting: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """A rule: the input it needs by its name, and what it finds there."""

    needs: str
    look: Callable[[Seen], Iterator[Finding]]
