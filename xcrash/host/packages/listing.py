# SPDX-License-Identifier: Apache-2.0
"""Installed packages as a report lists them: what rpm or dpkg printed when it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xcrash.host.supportconfig import SupportconfigRoot
from xcrash.host.sysroot import Sysroot

_LARGEST = 16 << 20
_NVRA_FILES = ("/sos_commands/rpm/package-data", "/installed-rpms")
_DPKG_FILES = ("/installed-debs", "/sos_commands/dpkg/dpkg_-l")


def installed(root: Sysroot, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Version by name of the packages that a report lists and that are wanted; empty when the root is no report."""
    if isinstance(root, SupportconfigRoot):
        listed = root.command_starting("rpm", "-qa")
        pairs = columns(listed[1]) if listed and "NAME" in listed[0] else nvra(listed[1] if listed else "")
        return _wanted(pairs, wanted)
    if root.kind != "sosreport":
        return {}
    for path in _NVRA_FILES:
        found = _wanted(nvra(root.text(path, _LARGEST) or ""), wanted)
        if found:
            return found
    for path in _DPKG_FILES:
        found = _wanted(dpkg_l(root.text(path, _LARGEST) or ""), wanted)
        if found:
            return found
    return {}


def nvra(text: str) -> Iterator[tuple[str, str]]:
    """Name and VERSION-RELEASE from lines that begin with NAME-VERSION-RELEASE.ARCH: sos's lists, "rpm -qa --last"."""
    for line in text.splitlines():
        words = line.split(None, 1)
        package = words[0].rpartition(".")[0] if words else ""
        parts = package.rsplit("-", 2)
        if len(parts) == 3 and all(parts):
            yield parts[0], f"{parts[1]}-{parts[2]}"


def columns(text: str) -> Iterator[tuple[str, str]]:
    """Name and VERSION-RELEASE from supportconfig's columns NAME, DISTRIBUTION (of several words), VERSION."""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and "-" in words[-1]:
            yield words[0], words[-1]


def dpkg_l(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of what "dpkg -l" shows as installed; old versions of dpkg cut both to a column's width."""
    for line in text.splitlines():
        words = line.split(None, 3)
        if len(words) >= 3 and words[0] in ("ii", "hi") and not words[1].startswith(":"):
            yield words[1].partition(":")[0], words[2]


def _wanted(pairs: Iterator[tuple[str, str]], wanted: Callable[[str], bool]) -> dict[str, str]:
    return {name: version for name, version in pairs if wanted(name)}
