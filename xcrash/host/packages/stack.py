# SPDX-License-Identifier: Apache-2.0
"""Which packages are the parts of the virtualization and crash stack, in every family of distributions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

STACK: Final[Mapping[str, tuple[str, ...]]] = {
    "libvirt": (
        "libvirt-daemon",
        "libvirt-daemon-system",
        "libvirt-bin",
        "libvirt",
        "libvirt-libs",
        "libvirt-clients?",
        r"libvirt0(?:t64)?",
    ),
    "virt_install": ("virt-install", "virtinst", "python-virtinst"),
    "virt_manager": ("virt-manager", "virt-manager-common"),
    "vm_install": ("vm-install",),
    "qemu": (
        "qemu",
        "qemu-kvm",
        "qemu-kvm-core",
        "qemu-x86",
        "qemu-system-x86(?:-core)?",
        "qemu-system-xen",
        "qemu-system-common",
        "kvm",
    ),
    "xen": (
        r"xen-hypervisor(?:-\d[\d.]*(?:-[a-z0-9]+)?)?",
        "xen",
        r"xen-utils-\d[\d.]*",
        "xen-runtime",
        "xen-libs",
        r"libxenstore\d[\d.]*|xenstore-utils",
    ),
    "crash": ("crash",),
    "kexec_tools": ("kexec-tools",),
    "kdump": ("kdump", "kdump-tools", "kdump-utils"),
    "makedumpfile": ("makedumpfile",),
    "elfutils": ("elfutils", "elfutils-libs", r"libdw1(?:t64)?", r"libelf1(?:t64)?"),
}
"""Regular expressions of package names for each key, the most telling one first.

Debian's "xen-tools" makes guests and is none of Xen's own; "kvm" is SLES 11's QEMU.
"""

_ANY: Final = re.compile("|".join(pattern for patterns in STACK.values() for pattern in patterns))


def of_the_stack(name: str) -> bool:
    """Whether the package is part of the stack."""
    return _ANY.fullmatch(name) is not None


def versions(installed: Mapping[str, str]) -> dict[str, str | None]:
    """Version by key of STACK, None for what is not installed; of several matching names the highest-numbered one."""
    return {key: _first(patterns, installed) for key, patterns in STACK.items()}


def _first(patterns: tuple[str, ...], installed: Mapping[str, str]) -> str | None:
    for pattern in patterns:
        names = [name for name in installed if re.fullmatch(pattern, name)]
        if names:
            return installed[max(names, key=_numbers)]
    return None


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,9}", name)]
