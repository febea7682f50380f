# SPDX-License-Identifier: Apache-2.0
"""Which packages are installed on a machine, and in which version, read from the package managers' own files."""

from __future__ import annotations

from collections.abc import Callable, Collection

from xcrash.host.packages import asked, dpkg, listing, rpm, stack
from xcrash.host.ssh_root import SshRoot
from xcrash.host.sysroot import Sysroot


def package_versions(root: Sysroot, names: Collection[str]) -> dict[str, str | None]:
    """The installed version of each name, None for what is not installed or cannot be told.

    A version is "[EPOCH:]VERSION-RELEASE" of rpm or dpkg's Version; lists in reports leave the epoch out.
    """
    found = _installed(root, frozenset(names).__contains__)
    return {name: found.get(name) for name in names}


def stack_versions(root: Sysroot) -> dict[str, str | None]:
    """The installed version of each part of the virtualization and crash stack; the keys are those of stack.STACK."""
    return stack.versions(_installed(root, stack.of_the_stack))


def _installed(root: Sysroot, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Of each package manager what it knows.

    dpkg and rpm may both be there, one of them as a mere tool: what the first does not know, the other may. The
    databases of rpm are too large to be read over a connection: over there the managers are asked themselves.
    """
    if isinstance(root, SshRoot):
        return asked.installed(root, wanted)
    found = {**rpm.installed(root, wanted), **dpkg.installed(root, wanted)}
    return found or listing.installed(root, wanted)
