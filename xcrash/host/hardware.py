# SPDX-License-Identifier: Apache-2.0
"""The machine's name, processors and memory."""

from __future__ import annotations

import re
from typing import NamedTuple

from xcrash.host.os_release import assignments
from xcrash.host.running_kernel import read_uname
from xcrash.host.sysroot import Sysroot

MOST_CPUS = 1 << 20
_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?\Z")
# "processor : 0" on most architectures, "processor 0: version = FF..." on s390.
_PROCESSOR = re.compile(r"^processor\s*(?:\d+\s*)?:", re.MULTILINE)
_MEMORY = re.compile(r"^MemTotal:\s+(\d{1,15}) kB", re.MULTILINE)


class Hardware(NamedTuple):
    """``cpus`` are those online, ``memory_bytes`` what the kernel manages: in Dom0 that of the domain alone."""

    nodename: str | None
    cpus: int | None
    memory_bytes: int | None


def read_hardware(root: Sysroot) -> Hardware:
    """The machine as its kernel sees it."""
    memory = _MEMORY.search(root.text("/proc/meminfo", 1 << 16) or "")
    return Hardware(
        nodename=_nodename(root),
        cpus=_cpus(root),
        memory_bytes=int(memory[1]) * 1024 if memory else None,
    )


def cpus_in_list(text: str) -> int | None:
    """How many processors a list like ``0-3,8`` names (kernel Documentation/admin-guide/cputopology.rst)."""
    total = 0
    for item in text.strip().split(","):
        match = _RANGE.match(item)
        if match is None:
            return None
        total += int(match[2] or match[1]) - int(match[1]) + 1
    return total if 0 < total <= MOST_CPUS else None


def _cpus(root: Sysroot) -> int | None:
    online = cpus_in_list(root.text("/sys/devices/system/cpu/online", 1 << 16) or "")
    return online or len(_PROCESSOR.findall(root.text("/proc/cpuinfo", 64 << 20) or "")) or None


def _nodename(root: Sysroot) -> str | None:
    for path in ("/proc/sys/kernel/hostname", "/etc/hostname", "/etc/HOSTNAME"):
        lines = (line.strip() for line in (root.text(path, 4096) or "").splitlines())
        name = next((line for line in lines if line and not line.startswith("#")), None)
        if name:
            return name
    uname = read_uname(root)
    if uname:
        return uname.nodename
    return assignments(root.text("/etc/sysconfig/network") or "").get("HOSTNAME") or None
