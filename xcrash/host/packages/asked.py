# SPDX-License-Identifier: Apache-2.0
"""Installed packages as the package managers of a machine answer when they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from xcrash.host.sysroot import Sysroot

_RPM: Final = ("rpm", "-qa", "--qf", r"%{NAME} %{VERSION}-%{RELEASE} installed\n")
_DPKG: Final = ("dpkg-query", "-W", "-f", r"${Package} ${Version} ${Status}\n")


def installed(root: Sysroot, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Version by name of the installed packages that are wanted; what dpkg says goes before what rpm says."""
    return {
        name: version for argv in (_RPM, _DPKG) for name, version in _lines(root.command(*argv) or "") if wanted(name)
    }


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and words[-1] == "installed":
            yield words[0], words[1]
