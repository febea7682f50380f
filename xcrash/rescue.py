# SPDX-License-Identifier: Apache-2.0
"""What to try when crash did not start: the rungs of the ladder that fit the way it failed, the fitting one first."""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from xcrash.errors import XcrashError
from xcrash.images import DumpIdentity
from xcrash.plan import LaunchPlan
from xcrash.plan.ladder import MINIMAL
from xcrash.plan.values import Rung
from xcrash.session.startup import FIRST_PHASE

DIAGNOSIS = ("-d1",)
_LAST = MINIMAL
_ZERO = ("--zero_excluded",)

_FAILED_STARTS = ("start-failed", "start-silent", "start-timeout", "namelist-mismatch")
_BEFORE_THE_KERNEL = re.compile(rf"{FIRST_PHASE}|reading files|uncompressing|sorting|scanning|creating ELF")
"""Phases in which crash reads only the files themselves: no option makes another file of one."""
_NO_OPTION_HELPS = re.compile(r"no debugging data|wrong version in compilation unit|incompatible arguments")

_ONLY_MINIMAL = re.compile(r"starting backtrace locations of the active")
"""gdb, which crash tells its current task at the end of each start (task_init, gdb_change_thread_context), asks for its
registers; without a panic task that is swapper/0. Only in minimal mode there is no task."""

_BY_PHASE = (
    ("gathering kmem slab cache", ("--no_kmem_cache",)),
    ("gathering module symbol", ("--no_modules",)),
    ("determining panic task", ("--no_panic",)),
    ("gathering task table", ("--active",)),
)
_BY_TEXT = (
    (re.compile(r"incomplete|excluded|(?:read|seek) error|truncated"), _ZERO),
    (re.compile(r"ikconfig|kernel_config_data", re.IGNORECASE), ("--no_ikconfig",)),
    (re.compile(r"kmem_cache|slab"), ("--no_kmem_cache",)),
    (re.compile(r"module symbol|\bmodules?\b"), ("--no_modules",)),
)

_READ_ERROR = re.compile(r"\b(?:read|seek) error: |page (?:excluded|incomplete): ")
_SPOKEN = re.compile(r"^[\w.+-]+: \S")
_CHATTER = re.compile(r"^(?:WARNING|NOTE|readmem|VMCOREINFO|sadump|read_maps|GNU gdb|\S+ exists)\b|: pv_ops exists")


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A start that failed: why, in which phase, and the lines that may tell what to leave out."""

    error: XcrashError
    phase: str
    lines: tuple[str, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A rung that could help: the ``options`` it adds, and what it costs."""

    options: tuple[str, ...]
    rung: Rung

    @property
    def text(self) -> str:
        """The options as they are typed."""
        return " ".join(self.options)


def added_options(plan: LaunchPlan, rung: Rung) -> tuple[str, ...]:
    """The options that ``rung`` adds to the plain command line."""
    plain, at = plan.argv, 0
    while at < len(plain) and plain[at] == rung.argv[at]:
        at += 1
    return rung.argv[at : at + len(rung.argv) - len(plain)]


def rung_with(plan: LaunchPlan, options: tuple[str, ...]) -> Rung | None:
    """The rung that adds exactly these options."""
    return next((rung for rung in plan.ladder if added_options(plan, rung) == options), None)


def offers(
    plan: LaunchPlan, failure: Failure, dump: DumpIdentity | None, tried: Collection[tuple[str, ...]] = ()
) -> tuple[Offer, ...]:
    """The rungs worth trying after ``failure``, best first; none of those already ``tried``, and no other files."""
    fitting = [options for options in _fitting(failure, dump) if options not in tried]
    rungs = [(options, rung_with(plan, options)) for options in dict.fromkeys(fitting)]
    return tuple(Offer(options=options, rung=rung) for options, rung in rungs if rung)


def _fitting(failure: Failure, dump: DumpIdentity | None) -> list[tuple[str, ...]]:
    if failure.error.code == "lens-failed":
        return [_LAST]
    code, text = failure.error.code, "\n".join((failure.error.message, *failure.lines))
    if code not in _FAILED_STARTS or _NO_OPTION_HELPS.search(text) or _BEFORE_THE_KERNEL.match(failure.phase):
        return []
    if code == "namelist-mismatch":
        return [("--kaslr", "auto")] if dump and not dump.vmcoreinfo else []
    if _ONLY_MINIMAL.search(text):
        return [_LAST]
    found = [options for phase, options in _BY_PHASE if failure.phase.startswith(phase)]
    found += [options for pattern, options in _BY_TEXT if pattern.search(text)]
    if dump and (dump.missing_bytes or dump.incomplete):
        found.append(_ZERO)
    return [*found, _LAST]


def last_words(text: str) -> str | None:
    """The line of a ``-d1`` start that tells most: its last read error, or else the last one in crash's own name."""
    lines = [line.strip() for line in text.splitlines()]
    failed = [line for line in lines if _READ_ERROR.search(line)]
    spoken = [line for line in lines if _SPOKEN.match(line) and not _CHATTER.search(line)]
    told = failed or spoken
    return told[-1] if told else None
