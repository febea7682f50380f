# SPDX-License-Identifier: Apache-2.0
"""The rescue ladder: what to try when crash does not start, from the cheapest option to the last resort.

Order: public practice of dump services; options: crash's help.c. The symptoms are those of crash's start-up phases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xcrash.plan.values import Mode, Rung


class _Row(NamedTuple):
    options: tuple[str, ...]
    modes: str
    when: str
    cost: str


_ANY = "live dump"
MINIMAL = ("--minimal",)
"""Walks no page tables: it needs no lens."""

_ROWS = (
    _Row((), _ANY, "first of all", "nothing"),
    _Row(
        ("-d1",),
        _ANY,
        "crash ends without a word, or hangs",
        "nothing: the last 'crash:' line before the end names the read that failed",
    ),
    _Row(
        ("--zero_excluded",),
        "dump",
        "an [INCOMPLETE] or filtered dump; 'page excluded', 'page incomplete', read errors",
        "pages that are not in the dump read as zeros: zero values are not evidence",
    ),
    _Row(
        ("--no_kmem_cache",),
        _ANY,
        "it stops at 'gathering kmem slab cache data', or complains of a slab cache",
        "kmem -s, -S and slab information are not there",
    ),
    _Row(
        ("--no_modules",),
        _ANY,
        "it stops at 'gathering module symbol data' (minutes at full CPU), or complains of a module",
        "symbols of modules are not there: their frames show addresses",
    ),
    _Row(
        ("--no_panic",),
        "dump",
        "it stops at 'determining panic task'",
        "the panic task is not searched: choose it with set, from log and bt -a",
    ),
    _Row(
        ("--active",),
        "dump",
        "it stops at 'gathering task table data'",
        "only the tasks that were running on a CPU are known",
    ),
    _Row(
        ("--no_ikconfig",),
        _ANY,
        "it complains of the kernel configuration in the image (IKCONFIG)",
        "sys config is not there",
    ),
    _Row(
        ("--kaslr", "auto"),
        "dump",
        "'do not match!' although release and build-id are equal, on a dump without VMCOREINFO",
        "a wrong offset can pass: check RELEASE and TASKS of the banner",
    ),
    _Row(
        MINIMAL,
        _ANY,
        "nothing else gets to a prompt",
        "only log, dis, rd, sym, eval and set work",
    ),
)


def ladder(argv: Sequence[str], mode: Mode, options_end: int) -> tuple[Rung, ...]:
    """The rungs for a command line whose options end at ``options_end``; the first one is the plain start.

    A rung the user's own arguments already contain is left out; the hypervisor's view knows none of these options.
    """
    if mode not in _ANY.split():
        return (Rung(argv=tuple(argv), when=_ROWS[0].when, cost=_ROWS[0].cost),)
    rungs = []
    for row in _ROWS:
        given = bool(row.options) and row.options[0] in argv
        if mode in row.modes.split() and not given:
            line = (*argv[:options_end], *row.options, *argv[options_end:])
            rungs.append(Rung(argv=line, when=row.when, cost=row.cost, wrapped=row.options != MINIMAL))
    return tuple(rungs)
