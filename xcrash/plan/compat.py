# SPDX-License-Identifier: Apache-2.0
"""Which crash reads which kernel, and how one that is too old shows itself.

Source: the change logs of crash 7.2.5 to 9.0.2; the subjects of its commits name the kernel ("... on Linux 6.4 and
later").
"""

from __future__ import annotations

import re
from typing import NamedTuple

Version = tuple[int, ...]

SYMPTOMS = (
    "'invalid structure member offset' or 'invalid structure size', at the start or in one command",
    "'cannot resolve' a symbol, 'invalid kernel module size: 0', 'cannot determine ...'",
    "a start that looks fine with very few TASKS: 'active task ... not found in PID hash' is the only hint",
)


class Need(NamedTuple):
    """The oldest crash for kernels from ``kernel`` on, and the change in the kernel that asks for it."""

    kernel: Version
    crash: Version
    change: str


_NEEDS = (
    Need((4, 20), (7, 2, 5), "the PID table became an xarray"),
    Need((5, 10), (7, 3, 0), "the log became the printk ring buffer"),
    Need((5, 14), (8, 0, 0), "the task state was renamed"),
    Need((6, 1), (8, 0, 3), "address spaces became maple trees, slabs changed"),
    Need((6, 4), (8, 0, 4), "modules are described by module_memory"),
    Need((6, 9), (8, 0, 6), "changes of 6.9 and 6.10"),
    Need((6, 13), (9, 0, 0), "changes of 6.13 and 6.14"),
    Need((6, 16), (9, 0, 2), "changes of 6.16 to 6.18"),
)
NEWEST_KERNEL: Version = (6, 18)
"""The newest kernel that the table above speaks of."""


def version_in(text: str | None) -> Version | None:
    """The numbers a version or release begins with: "6.12.117+deb13-cloud-amd64" is (6, 12, 117)."""
    found = re.match(r"\d{1,6}(?:\.\d{1,6}){0,3}", text or "")
    return tuple(int(number) for number in found[0].split(".")) if found else None


def needed_crash(release: str | None) -> Need | None:
    """What a kernel asks of crash; None for an old or unknown one."""
    kernel = version_in(release)
    fitting = [need for need in _NEEDS if kernel and kernel >= need.kernel]
    return fitting[-1] if fitting else None


def dotted(version: Version) -> str:
    """(8, 0, 3) as "8.0.3"."""
    return ".".join(map(str, version))


def too_old(crash_version: str | None, release: str | None) -> str | None:
    """In words, that this crash is older than this kernel needs; None when it is not, or nothing is known."""
    crash, need = version_in(crash_version), needed_crash(release)
    if crash is None or need is None or crash >= need.crash:
        return None
    return (
        f"crash {crash_version} is older than Linux {release} needs: {dotted(need.crash)} or later ({need.change}); "
        f"look for {SYMPTOMS[2]}"
    )
